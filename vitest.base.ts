import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * Conditions under which a package's own TypeScript is loaded, so that tests need no build. They reach `require` too, so
 * `import` is not among them: Vite adds it where it belongs.
 */
const conditions = ["@attest/source", "node"];

/**
 * The vitest project of one package: every `test/**\/*.test.ts`, run on the sources, with time to spare on a busy machine.
 *
 * One worker runs one file after another and loads the sources once for all of them. So what a test replaces, it puts back;
 * a project that replaces modules, or the process's folder, sets `isolate: true`.
 */
export function project(name: string, options: ViteUserConfig["test"] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include: ["test/**/*.test.ts"],
      testTimeout: 120_000,
      hookTimeout: 120_000,
      isolate: false,
      ...options,
    },
  });
}
