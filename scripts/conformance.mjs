// Runs the scenarios of apps/conformance under Node 22 on the demo's bank on both SDKs, on one that demands nothing, and on clients on
// both SDKs, and asks our drivers about the vectors. What came of it goes to the conformance suite of MCP: its own command compares
// the checks that were emitted with spec/conformance/sep-agent-attestation.yaml.
// Usage: node scripts/conformance.mjs   (needs a build)
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const NODE = "node@22";
const SUITE = "@modelcontextprotocol/conformance@0.2.0-alpha.12";

const root = fileURLToPath(new URL("..", import.meta.url));
const main = join(root, "apps/conformance/dist/main.js");
const folder = mkdtempSync(join(tmpdir(), "conformance-"));
const results = join(folder, "results");
const banks = [];
process.on("exit", () => {
  endBanks();
  rmSync(folder, { recursive: true, force: true });
});

const { output: settings } = await run([main, "settings"]);
const [v1, v2, open] = await Promise.all([
  startBank("http-v1", JSON.parse(settings)),
  startBank("http", JSON.parse(settings)),
  startBank("http", { ...JSON.parse(settings), policy: "optional" }),
]);
const client = `"${(await run(["-p", "process.execPath"])).output.trim()}" ${join(root, "apps/conformance/dist/client/attested-client.js")}`;
const HANDSHAKE = ["--spec-version", "2025-11-25"];
const driver = (name) => [
  "vectors",
  "--",
  process.execPath,
  join(root, `packages/vectors/examples/attest-${name}.mjs`),
];

/** What is run, by its name. */
const RUNS = {
  "the bank on the v1 SDK": ["server", "--url", v1, ...HANDSHAKE],
  "the bank on the v2 SDK": ["server", "--url", v2],
  "a bank that demands nothing": ["server", "--url", open],
  "a client on the v1 SDK": ["client", "--command", client, ...HANDSHAKE],
  "a client on the v2 SDK": ["client", "--command", client],
  "@attest/core and the vectors": driver("core"),
  "@attest/mcp-server and the vectors": driver("mcp-server"),
  "@attest/mcp-client and the vectors": driver("mcp-client"),
};
/** What a run must find broken, at the least. The others must find nothing broken. */
const BROKEN = { "a bank that demands nothing": ["4-15", "5-1"] };

const problems = [];
await Promise.all(
  Object.entries(RUNS).map(async ([name, [mode, ...args]], i) => {
    const { status, output } = await run([main, mode, "-o", join(results, String(i)), ...args]);
    console.log(`${name}: ${output.trim().split("\n").at(-1)}`);
    const broken = BROKEN[name] ?? [];
    const unfound = broken.filter((id) => !output.includes(`✗ sep-agent-attestation-${id} `));
    if (status !== Math.min(broken.length, 1)) problems.push(`${name} ended with status ${status}:\n${output}`);
    if (unfound.length > 0) problems.push(`${name} was not found to break ${unfound.join(", ")}:\n${output}`);
  }),
);

endBanks();

// The suite's files and checks go by a number, which the proposal does not have yet.
const seps = join(folder, "src/seps");
mkdirSync(seps, { recursive: true });
const yaml = readFileSync(join(root, "spec/conformance/sep-agent-attestation.yaml"), "utf8");
writeFileSync(join(seps, "sep-0.yaml"), numbered(yaml).replace(/^sep: .*$/m, "sep: 0"));
for (const i of Object.keys(Object.keys(RUNS))) {
  const file = join(results, i, "checks.json");
  writeFileSync(file, numbered(readFileSync(file, "utf8")));
}
const { status, output } = await npx([
  "--package",
  SUITE,
  "--",
  "conformance",
  "traceability",
  "--results",
  results,
  "--strict",
]);
if (status !== 0) problems.push(`${SUITE} traceability: ${output}`);
else {
  const { summary } = JSON.parse(readFileSync(join(seps, "traceability.json"), "utf8")).seps["0"];
  console.log(`${SUITE} traceability: ${JSON.stringify(summary)}`);
  if (summary.untested + summary.untracked + summary.unkeyed > 0)
    problems.push("Not every check is both declared and emitted");
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function numbered(text) {
  return text.replaceAll("sep-agent-attestation-", "sep-0-");
}

function endBanks() {
  for (const bank of banks) bank.kill();
}

/** Starts the demo's bank. @returns The URL of its endpoint. */
async function startBank(mode, bank) {
  const child = spawn(process.execPath, [join(root, "apps/mcp-server/dist/main.js"), mode], {
    env: { ...process.env, ATTEST_SERVER: JSON.stringify(bank) },
    stdio: ["ignore", "pipe", "ignore"],
  });
  banks.push(child);
  for await (const port of createInterface({ input: child.stdout })) return `http://127.0.0.1:${port}/mcp`;
  throw new Error(`The bank ended with status ${child.exitCode}`);
}

/** Runs a program of Node under the version that the suite needs. */
function run(args) {
  return npx(["--", "node", ...args]);
}

function npx(args) {
  return new Promise((resolve) => {
    const child = spawn("npx", ["--yes", "--package", NODE, ...args], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("close", (code) => resolve({ status: code, output }));
  });
}
