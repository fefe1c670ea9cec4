// node suite-clients.mjs ATTEST NEIGHBOUR: has the official conformance suite ask a client that nobody changed, and the same client through
// `attest connect` and `attest gateway`. Prints `{ scenarios }` as JSON, like suite.mjs. NEIGHBOUR names the scenarios that are run, as
// `only`; without, all of the suite are run that need no login.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const [attest, written] = process.argv.slice(2);
const { suite, client, only } = JSON.parse(written);
const VERSIONS = ["2025-11-25", "2026-07-28"];
/** A client logs in by itself, and a companion passes on no client's credentials. */
const NEEDS_LOGIN = /^auth\//;

const through = [fileURLToPath(new URL("client-through.mjs", import.meta.url)), resolve(attest), client];
const scenarios = [];
for (const version of VERSIONS) {
  for (const name of await listed(version)) {
    const of = { version, name };
    const plain = await run({ ...of, program: [client], results: `plain-${version}-${name}` });
    const passed = await run({ ...of, program: through, results: `through-${version}-${name}` });
    scenarios.push({ name: `${name}, ${version}`, plain, through: passed });
  }
}
console.log(JSON.stringify({ scenarios }));

/** The scenarios for clients of a version. */
async function listed(version) {
  const { stdout } = await ask("list", "--client", "--spec-version", version);
  const names = [...stdout.matchAll(/^ +- (\S+) \[/gm)].map(([, name]) => name);
  return names.filter((name) => !NEEDS_LOGIN.test(name) && (only?.includes(name) ?? true));
}

/** Resolves to how many checks passed, or to false if one failed. */
async function run({ version, name, program, results }) {
  const command = [process.execPath, ...program].join(" ");
  const asked = ["--scenario", name, "--spec-version", version, "--command", command, "--output-dir", results];
  const { stdout, stderr } = await ask("client", ...asked);
  const [folder] = await readdir(results).catch(() => []);
  if (!folder) throw new Error(`The suite said: ${stdout.slice(-300)}${stderr.slice(-300)}`);
  const checks = JSON.parse(await readFile(join(results, folder, "checks.json"), "utf8"));
  const count = (wanted) => checks.filter(({ status }) => status === wanted).length;
  return count("FAILURE") === 0 && count("SUCCESS");
}

/** The suite's own status says that something failed, plainly too. */
function ask(...args) {
  return promisify(execFile)(process.execPath, [suite, ...args]).catch((error) => error);
}
