import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of `redis-server` or `valkey-server`, if one is on PATH. */
export function findRedis(): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    for (const name of ["redis-server", "valkey-server"]) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {}
    }
  }
  return undefined;
}

/**
 * Whether tests that start Redis can run. Where they cannot, says so on stderr; with `CI` set that is a failure, so that
 * nobody lands a change whose Redis tests did not run.
 */
export function requireRedis(what: string): boolean {
  if (findRedis()) return true;
  const problem = `no redis-server or valkey-server on PATH: ${what}`;
  if (process.env["CI"]) throw new Error(`${problem} cannot be left out in CI`);
  process.stderr.write(`\n!!! SKIPPED, ${problem} did not run\n\n`);
  return false;
}
