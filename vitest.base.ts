import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Conditions under which a package's own TypeScript is loaded, so that tests need no build. */
const conditions = ["@attest/source", "node", "import", "default"];

/** The vitest project of one package: every `test/**\/*.test.ts`, run on the sources. */
export function project(name: string, options: ViteUserConfig["test"] = {}): ViteUserConfig {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: { name, include: ["test/**/*.test.ts"], ...options },
  });
}
