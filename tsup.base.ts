import { defineConfig } from "tsup";

/** How every published package is built: ESM for Node 20.19 and the web; declarations come from `tsc`. */
export function library(entry: string[], external: string[] = []): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry,
    external,
    format: "esm",
    target: "node20.19",
    platform: "neutral",
    dts: false,
    sourcemap: true,
    clean: true,
    treeshake: true,
  });
}
