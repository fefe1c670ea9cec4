// What the platform scripts share: the bundles that run on every platform, and the vectors that they are given.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const core = join(root, "packages/core");

/** Bundles packages/core/selftest next to the built core, which must be there. */
export function bundle() {
  if (!existsSync(join(core, "dist/index.js"))) {
    console.error("packages/core is not built: run `pnpm run build` first");
    process.exit(1);
  }
  const tsup = join(root, "node_modules/tsup/dist/cli-default.js");
  const { status } = spawnSync(process.execPath, [tsup, "--config", "tsup.selftest.config.ts"], {
    cwd: core,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(1);
}

/** Everything in spec/vectors, as `provePlatform` takes it. */
export function allVectors() {
  const read = (name) => JSON.parse(readFileSync(join(root, `spec/vectors/${name}.json`), "utf8"));
  return {
    presentations: ["attestations", "bearer", "proofs", "times", "policies", "sequences", "foreign", "statuses"].map(
      read,
    ),
    keys: read("keys").vectors,
    digests: read("digests").vectors,
    messages: read("messages").vectors,
    possession: read("possession").vectors,
  };
}
