import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps its versions, which are not on PATH. */
const DEBIAN = "/usr/lib/postgresql";

/** The folder of `initdb` and `postgres`, if there is one: on PATH, or the newest of Debian's. */
export function findPostgres(): string | undefined {
  const path = (process.env["PATH"] ?? "").split(delimiter);
  return [...path, ...debianFolders()].find((folder) => folder !== "" && isExecutable(join(folder, "initdb")));
}

/**
 * Whether tests that start PostgreSQL can run. Where they cannot, says so on stderr; with `CI` set that is a failure, so that
 * nobody lands a change whose tests did not run.
 */
export function requirePostgres(what: string): boolean {
  if (findPostgres()) return true;
  const problem = `no initdb on PATH or in ${DEBIAN}: ${what}`;
  if (process.env["CI"]) throw new Error(`${problem} cannot be left out in CI`);
  process.stderr.write(`\n!!! SKIPPED, ${problem} did not run\n\n`);
  return false;
}

function debianFolders(): string[] {
  try {
    const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(DEBIAN, version, "bin"));
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
