import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { expect, it } from "vitest";

const outDir = fileURLToPath(new URL("../.selftest/cluster", import.meta.url));

it("a worker of node:cluster is not the single instance, and says so by name (R6, SPEC-9.7)", async () => {
  await build({
    config: false,
    entry: [fileURLToPath(new URL("cluster/one-worker.ts", import.meta.url))],
    outDir,
    format: "esm",
    target: "node20.19",
    platform: "node",
    silent: true,
    noExternal: ["@attest/core", /^#/],
    esbuildOptions(options) {
      options.conditions = ["@attest/source", "node"];
    },
  });
  const printed = execFileSync(process.execPath, [`${outDir}/one-worker.js`], { encoding: "utf8" });
  const { inPrimary, inWorker } = JSON.parse(printed);
  expect(inPrimary).toEqual({ default: "made", "in memory": "made", shared: "made" });
  expect(inWorker).toEqual({
    default: expect.stringMatching(/^ERR_OPTION: instances must be `multiple` in a worker of node:cluster/),
    "in memory": expect.stringMatching(/^ERR_OPTION: instances /),
    shared: "made",
  });
});
