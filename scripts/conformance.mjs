// Runs the scenarios of apps/conformance under Node 22 on the demo's bank on both SDKs, on one that demands nothing, and on clients on
// both SDKs, and asks our drivers about the vectors. What came of it goes to the conformance suite of MCP: its own command compares
// the checks that were emitted with spec/conformance/sep-agent-attestation.yaml. Then that suite runs all its own scenarios for servers
// on one server with a guard and without: it must find the same of both.
// Usage: node scripts/conformance.mjs   (needs a build)
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
const servers = [];
process.on("exit", () => {
  endServers();
  rmSync(folder, { recursive: true, force: true });
});

// Asked for once: starting npx takes longer than most of what it starts.
const node = await npx("--", "node", "-p", "process.execPath");
const suite = await npx("--package", SUITE, "--", "sh", "-c", "command -v conformance");
const { output: settings } = await run([main, "settings"]);
const [v1, v2, open] = await Promise.all([
  startBank("http-v1", JSON.parse(settings)),
  startBank("http", JSON.parse(settings)),
  startBank("http", { ...JSON.parse(settings), policy: "optional" }),
]);
const pair = JSON.parse(await start([join(root, "apps/conformance/dist/suite/guarded-pair.js")]));
const client = `"${node}" ${join(root, "apps/conformance/dist/client/attested-client.js")}`;
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

// The suite's files and checks go by a number, which the proposal does not have yet.
const seps = join(folder, "src/seps");
mkdirSync(seps, { recursive: true });
const yaml = readFileSync(join(root, "spec/conformance/sep-agent-attestation.yaml"), "utf8");
writeFileSync(join(seps, "sep-0.yaml"), numbered(yaml).replace(/^sep: .*$/m, "sep: 0"));
for (const i of Object.keys(Object.keys(RUNS))) {
  const file = join(results, i, "checks.json");
  writeFileSync(file, numbered(readFileSync(file, "utf8")));
}
const { status, output } = await run([suite, "traceability", "--results", results, "--strict"]);
if (status !== 0) problems.push(`${SUITE} traceability: ${output}`);
else {
  const { summary } = JSON.parse(readFileSync(join(seps, "traceability.json"), "utf8")).seps["0"];
  console.log(`${SUITE} traceability: ${JSON.stringify(summary)}`);
  if (summary.untested + summary.untracked + summary.unkeyed > 0)
    problems.push("Not every check is both declared and emitted");
}
const [plain, guarded] = await Promise.all(Object.entries(pair).map(ownScenarios));
const different = [...plain].filter(([check, status]) => guarded.get(check) !== status).map(([check]) => check);
console.log(
  `${SUITE} on one server with a guard and without: ${plain.size} checks, ${different.length} of them different`,
);
if (plain.size === 0 || plain.size !== guarded.size || different.length > 0) {
  problems.push(
    `The suite finds something else with a guard: ${different.join(", ")} (${plain.size} and ${guarded.size} checks)`,
  );
}
endServers();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;

function numbered(text) {
  return text.replaceAll("sep-agent-attestation-", "sep-0-");
}

function endServers() {
  for (const server of servers) server.kill();
}

/** Runs all scenarios that the suite has for servers, in both eras. @returns What came of each check, by its place. */
async function ownScenarios([name, url]) {
  const found = new Map();
  for (const version of ["2025-11-25", "2026-07-28"]) {
    const to = join(folder, name, version);
    const of = ["server", "--url", url, "--suite", "all", "--spec-version", version, "-o", to];
    // Its status says that some fail: the server has not everything that the suite asks for.
    await run([suite, ...of]);
    for (const scenario of existsSync(to) ? readdirSync(to) : []) {
      const checks = JSON.parse(readFileSync(join(to, scenario, "checks.json"), "utf8"));
      const place = `${version} ${scenario.replace(/-\d{4}-\d\d-\d\dT.*$/, "")}`;
      for (const [i, { id, status }] of checks.entries()) found.set(`${place} ${i} ${id}`, status);
    }
  }
  return found;
}

/** Starts the demo's bank. @returns The URL of its endpoint. */
async function startBank(mode, bank) {
  const program = join(root, "apps/mcp-server/dist/main.js");
  return `http://127.0.0.1:${await start([program, mode], { ATTEST_SERVER: JSON.stringify(bank) })}/mcp`;
}

/** Starts a server. @returns The first line that it writes. */
async function start(args, env = {}) {
  const stdio = ["ignore", "pipe", "ignore"];
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio });
  servers.push(child);
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error(`${args[0]} ended with status ${child.exitCode}`);
}

/** What a command of a package writes, with Node of the version that the suite needs. */
async function npx(...args) {
  const { status, output } = await execute("npx", ["--yes", "--loglevel=error", "--package", NODE, ...args]);
  if (status !== 0) throw new Error(`npx ${args.join(" ")}: ${output}`);
  return output.trim();
}

/** Runs a program under the version of Node that the suite needs. */
function run(args) {
  return execute(node, args);
}

function execute(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("close", (code) => resolve({ status: code, output }));
  });
}
