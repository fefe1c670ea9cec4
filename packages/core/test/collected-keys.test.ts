import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { expect, it } from "vitest";

const outDir = fileURLToPath(new URL("../.selftest/collected", import.meta.url));
/** Memory is collected often, and all of it each time. */
const COLLECTING = ["--max-semi-space-size=1", "--gc-global"];

it("asking for tickets goes on while memory is collected, whenever that is", async () => {
  await build({
    config: false,
    entry: [fileURLToPath(new URL("collected/many-asks.ts", import.meta.url))],
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
  // A process that waits for itself ends by the signal, and this throws.
  const printed = execFileSync(process.execPath, [...COLLECTING, `${outDir}/many-asks.js`], {
    encoding: "utf8",
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  expect(printed).toBe("40000\n");
});
