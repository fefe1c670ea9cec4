// node suite.mjs ATTEST NEIGHBOUR: runs the official conformance suite in the present folder, against a server that nobody changed, and against the
// same server through `attest connect` and `attest gateway`. Prints `{ scenarios }` as JSON: of each, whether it passed plainly and through
// both. ATTEST is the command line's program, NEIGHBOUR an entry of package.json.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { startBoth } from "./start-both.mjs";
import { startServer } from "./start-server.mjs";

const [attest, written] = process.argv.slice(2);
const { suite, arguments: more = [], command } = JSON.parse(written);

/** Resolves to the scenarios by name, and whether each of their checks passed. */
async function run(url, results) {
  const asked = [suite, "server", "--suite", "all", "--url", url, "--output-dir", results, ...more];
  // The suite's own status says that something failed, plainly too.
  const { stdout } = await promisify(execFile)(process.execPath, asked).catch((error) => error);
  const lines = [...stdout.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed$/gm)];
  if (lines.length === 0) throw new Error(`The suite said: ${stdout.slice(-500)}`);
  return new Map(lines.map(([, name, passed, failed]) => [name, failed === "0" ? Number(passed) : false]));
}

const [plainly, upstream] = await Promise.all([startServer(command), startServer(command)]);
const both = await startBoth(attest, upstream.url);
// It waits more than it computes.
const [plain, through] = await Promise.all([run(plainly.url, "plain"), run(both.url, "through")]);
await both.end();
for (const { child } of [plainly, upstream]) child.kill();
const scenarios = [...plain].map(([name, passed]) => ({ name, plain: passed, through: through.get(name) ?? false }));
console.log(JSON.stringify({ scenarios }));
process.exit(0);
