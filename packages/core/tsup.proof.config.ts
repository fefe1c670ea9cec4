import { defineConfig } from "tsup";

/** The long-running proofs, bundled with the sources they are about: Node 20 runs no TypeScript. */
export default defineConfig({
  entry: ["proof/*.ts"],
  // As deep as the folders of test/, so that paths relative to a file still lead to spec/.
  outDir: ".proof/bundle",
  format: "esm",
  target: "node20.19",
  platform: "node",
  sourcemap: true,
  clean: true,
  silent: true,
  noExternal: ["@attest/core", /^#/],
  esbuildOptions(options) {
    options.conditions = ["@attest/source", "node"];
  },
});
