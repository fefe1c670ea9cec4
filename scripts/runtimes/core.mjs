// @attest/core: every test vector and the smoke test, against the package as it was packed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { provePlatform } from "./platform.mjs";

const { vectors, problems } = await provePlatform(JSON.parse(readFileSync("vectors.json", "utf8")));
assert.deepEqual(problems, []);
console.log(`${vectors} vectors`);
