// node suite.mjs ATTEST NEIGHBOUR: runs the official conformance suite in the present folder, against a server that nobody changed, and against the
// same server through `attest connect` and `attest gateway`. Prints `{ scenarios }` as JSON: of each, whether it passed plainly and through
// both. ATTEST is the command line's program, NEIGHBOUR an entry of package.json.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { createTestAuthority } from "@attest/core/testing";
import { attesting, startAttest, trusting } from "./start-attest.mjs";
import { startServer } from "./start-server.mjs";

const [attest, written] = process.argv.slice(2);
const { suite, command } = JSON.parse(written);
const authority = await createTestAuthority();
const loopback = ["--listen", "127.0.0.1:0"];

/** Resolves to the scenarios by name, and whether each of their checks passed. */
async function run(url) {
  const asked = [suite, "server", "--suite", "all", "--url", url, "--output-dir", "results"];
  // The suite's own status says that something failed, plainly too.
  const { stdout } = await promisify(execFile)(process.execPath, asked).catch((error) => error);
  const lines = [...stdout.matchAll(/^[✓✗] ([\w-]+): (\d+) passed, (\d+) failed$/gm)];
  if (lines.length === 0) throw new Error(`The suite said: ${stdout.slice(-500)}`);
  return new Map(lines.map(([, name, passed, failed]) => [name, failed === "0" ? Number(passed) : false]));
}

const plainly = await startServer(command);
const plain = await run(plainly.url);
const guarded = await startServer(command);
const gateway = await startAttest(attest, [
  "gateway",
  ...loopback,
  ...(await trusting(authority)),
  "--upstream",
  guarded.url,
]);
const local = [...loopback, "--local-token-file", "attest-token", "--token-in-path"];
const endpoint = String(new URL("mcp", gateway.line));
const companion = await startAttest(attest, ["connect", endpoint, ...(await attesting(authority)), ...local]);
const through = await run(companion.line.replace("<token>", (await readFile("attest-token", "utf8")).trim()));
for (const { child } of [companion, gateway]) {
  child.kill();
  await once(child, "exit");
}
for (const { child } of [plainly, guarded]) child.kill();
const scenarios = [...plain].map(([name, passed]) => ({ name, plain: passed, through: through.get(name) ?? false }));
console.log(JSON.stringify({ scenarios }));
process.exit(0);
