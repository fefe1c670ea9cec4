// @attest/vectors: its runner, its command and the driver that comes with it, over some of the files.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { readVectors, runVectors } from "@attest/vectors";
import { selfCommand } from "./self-command.mjs";

const folder = dirname(createRequire(import.meta.url).resolve("@attest/vectors/package.json"));
const driver = selfCommand(join(folder, "examples/attest-core.mjs"));
const files = ["proofs", "sequences", "keys", "messages"];
const reports = await runVectors(driver, { files });
assert.deepEqual(
  reports.map(({ agrees, differences }) => [agrees, differences]),
  files.map((file) => [readVectors(file).vectors.length, []]),
);
console.log(`${reports.reduce((sum, { agrees }) => sum + agrees, 0)} vectors, asked of @attest/core`);
