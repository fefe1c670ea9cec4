import { defineConfig, type ViteUserConfig } from "vitest/config";

/**
 * Conditions under which a package's own TypeScript is loaded, so that tests need no build. They reach `require` too, so
 * `import` is not among them: Vite adds it where it belongs.
 */
const conditions = ["@attest/source", "node"];

/**
 * For projects whose files leave nothing behind, so that one worker can load their sources once for all of them: what a test
 * replaces it puts back, and no file depends on another.
 */
export const sharedWorker: ViteUserConfig["test"] = { isolate: false };

/** The vitest project of one package: every `test/**\/*.test.ts`, run on the sources, with time to spare on a busy machine. */
export function project(name: string, options: ViteUserConfig["test"] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { name, include: ["test/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000, ...options },
  });
}
