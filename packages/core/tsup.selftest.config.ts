import { defineConfig } from "tsup";

// Bundles of what runs outside of vitest. As deep as the folders of test/, so that paths relative to a file still lead to spec/.
const outDir = (name: string) => `.selftest/${name}`;
const common = { format: "esm", target: "node20.19", sourcemap: true, clean: true, silent: true } as const;

export default defineConfig([
  // The long runs, with the sources that they are about: Node 20 runs no TypeScript.
  {
    ...common,
    entry: ["selftest/counts.ts", "selftest/fuzz.ts", "selftest/mutations.ts"],
    outDir: outDir("bundle"),
    platform: "node",
    noExternal: ["@attest/core", /^#/],
    esbuildOptions(options) {
      options.conditions = ["@attest/source", "node"];
    },
  },
  // What runs on every platform: in Node next to the built package, elsewhere with it inside.
  { ...common, entry: ["selftest/platform.ts"], outDir: outDir("node"), platform: "node", external: ["@attest/core"] },
  {
    ...common,
    entry: ["selftest/platform.ts"],
    outDir: outDir("web"),
    platform: "browser",
    noExternal: [/.*/],
    esbuildOptions(options) {
      options.conditions = ["browser"];
    },
  },
]);
