// Runs every package, as packed and installed outside the workspace, on every runtime that the READMEs name: one program for
// each package, of scripts/runtimes. Ends with a table, and fails if anything failed or a README says something else.
//   pnpm exec node scripts/runtimes.mjs                     everything (after a build)
//   pnpm exec node scripts/runtimes.mjs --only core,mcp     some programs
//   pnpm exec node scripts/runtimes.mjs --on deno,node@26   some runtimes
//   pnpm exec node scripts/runtimes.mjs --write             writes what was found into the READMEs
import { execFile, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { allVectors, bundle, core } from "./core-selftest-bundles.mjs";
import { fromTarballs, installedVersion, packPackages, root } from "./pack-packages.mjs";

const NODE_VERSIONS = JSON.parse(readFileSync(join(root, "scripts/node-versions.json"), "utf8"));
/** Each runtime as the npm package that brings it, and what it prints of itself. */
const RUNTIMES = [
  ...NODE_VERSIONS.map((version) => ({ name: `node@${version}`, label: `Node ${version}`, args: [] })),
  { name: "deno@2.9.6", label: "Deno 2.9", args: ["run", "--allow-all", "--node-modules-dir=manual"] },
  { name: "bun@1.4.5", label: "Bun 1.4", args: ["run"] },
];
/** What each runtime calls its executable and its version. */
const EXECUTABLE = {
  node: ["process.execPath", "process.versions.node"],
  deno: ["Deno.execPath()", "Deno.version.deno"],
  bun: ["process.execPath", "Bun.version"],
};
/** The programs, the packages that each speaks for, and the seconds that it may take. */
const PROGRAMS = {
  core: { packages: ["core"], seconds: 60 },
  "remote-documents": { packages: ["remote-documents"], seconds: 30 },
  jwks: { packages: ["jwks"], seconds: 30 },
  "status-list": { packages: ["status-list"], seconds: 60 },
  authority: { packages: ["authority", "service"], seconds: 30 },
  gateway: { packages: ["gateway"], seconds: 30 },
  mcp: { packages: ["mcp-server", "mcp-client"], seconds: 60 },
  "cache-redis": { packages: ["cache-redis"], seconds: 60 },
  "replay-cache-contract": { packages: ["replay-cache-contract"], seconds: 60 },
  vectors: { packages: ["vectors"], seconds: 60 },
  observability: { packages: ["observability"], seconds: 30 },
  attacks: { packages: ["attacks"], seconds: 60 },
  cli: { packages: ["cli"], seconds: 60 },
};
const NEWEST_NODE = `node@${NODE_VERSIONS.at(-1)}`;
const PARALLEL = 2;

const { values: options } = parseArgs({
  options: { only: { type: "string" }, on: { type: "string" }, write: { type: "boolean" }, keep: { type: "boolean" } },
});
const only = options.only?.split(",") ?? Object.keys(PROGRAMS);
const on = options.on?.split(",");
const runtimes = RUNTIMES.filter(
  ({ name }) => !on || on.some((wanted) => name === wanted || name.startsWith(`${wanted}@`)),
);
if (runtimes.length === 0 || !only.every((program) => program in PROGRAMS)) {
  console.error(
    `--on takes some of ${RUNTIMES.map(({ name }) => name).join(",")}; --only of ${Object.keys(PROGRAMS).join(",")}`,
  );
  process.exit(2);
}

const work = mkdtempSync(join(tmpdir(), "attest-runtimes-"));
const redis = only.includes("cache-redis") ? await startRedis() : undefined;
process.on("exit", () => {
  redis?.child.kill("SIGKILL");
  if (options.keep) console.log(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
});

bundle();
const packages = packPackages(work);
const spokenFor = Object.values(PROGRAMS).flatMap((program) => program.packages);
const unproven = packages.filter(({ folder }) => !spokenFor.includes(folder)).map(({ folder }) => folder);
if (unproven.length > 0) fail(`no program of scripts/runtimes speaks for ${list(unproven)}`);
const oldestSdks = findOldestSdks();
const newest = install("newest", {});
const places = runtimes.map((runtime) => ({ ...runtime, folder: newest, ...find(runtime) }));
if (only.includes("mcp") && places.some(({ name }) => name === `node@${NODE_VERSIONS[0]}`)) {
  const oldest = places.find(({ name }) => name === `node@${NODE_VERSIONS[0]}`);
  const label = `${oldest.label}, SDKs ${list([...new Set(Object.values(oldestSdks))])}`;
  places.push({ ...oldest, label, folder: install("oldest", oldestSdks), programs: ["mcp"] });
}
if (only.includes("mcp")) places.push(...stdioPairings());
const jobs = places.flatMap((place) =>
  (place.programs ?? only).filter((program) => only.includes(program)).map((program) => ({ place, program })),
);
const outcomes = new Map();
const queue = [...jobs];
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let job = queue.shift(); job; job = queue.shift()) outcomes.set(job, await run(job));
  }),
);
report();
redis?.child.kill("SIGKILL");

/** The oldest SDKs that the peer ranges of mcp-server and mcp-client allow, and the adapter for Node of the same age. */
function findOldestSdks() {
  const ranges = packages
    .filter(({ folder }) => PROGRAMS.mcp.packages.includes(folder))
    .flatMap(({ manifest }) => Object.entries(manifest.peerDependencies))
    .filter(([name]) => isSdk(name));
  const oldest = Object.fromEntries(ranges.map(([name, range]) => [name, /\d+\.\d+\.\d+/.exec(range)[0]]));
  return { ...oldest, "@modelcontextprotocol/node": oldest["@modelcontextprotocol/server"] };
}

/** Installs every package from its tarball in a folder of its own, with the peers at some versions, next to the programs. */
function install(name, versions) {
  const folder = join(work, name);
  mkdirSync(folder);
  const { dependencies, overrides } = fromTarballs(
    packages,
    packages.map(({ manifest }) => manifest.name),
  );
  const peers = packages.flatMap(({ manifest, directory }) =>
    Object.keys(manifest.peerDependencies ?? {})
      .filter((peer) => !(peer in dependencies))
      .map((peer) => [peer, installedVersion(directory, peer)]),
  );
  const extra = [
    ["@modelcontextprotocol/node", installedVersion(join(root, "packages/mcp-client"), "@modelcontextprotocol/node")],
    [
      "@opentelemetry/sdk-trace-base",
      installedVersion(join(root, "packages/observability"), "@opentelemetry/sdk-trace-base"),
    ],
  ];
  const others = { ...Object.fromEntries([...peers, ...extra]), ...versions };
  const manifest = { private: true, type: "module", dependencies: { ...dependencies, ...others }, overrides };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const args = ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
  execFileSync("npm", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  cpSync(join(root, "scripts/runtimes"), folder, { recursive: true });
  cpSync(join(core, ".selftest/node/platform.js"), join(folder, "platform.mjs"));
  writeFileSync(join(folder, "vectors.json"), JSON.stringify(allVectors()));
  return folder;
}

/** A runtime's executable and its version, from the npm package that brings it. */
function find({ name }) {
  const command = name.split("@")[0];
  const [path, version] = EXECUTABLE[command];
  const expression = `console.log(JSON.stringify([${path}, ${version}]))`;
  const args = ["--yes", "--package", name, "--", command, ...(command === "deno" ? ["eval"] : ["-e"]), expression];
  const stdio = ["ignore", "pipe", "pipe"];
  const [executable, found] = JSON.parse(execFileSync("npx", args, { cwd: work, encoding: "utf8", stdio }));
  return { executable, version: found };
}

/** A client on one runtime with a server on another, over stdio: the newest Node and all runtimes that are not Node. */
function stdioPairings() {
  const distinct = places.filter(
    ({ name, programs }) => !programs && (!name.startsWith("node") || name === NEWEST_NODE),
  );
  return distinct.flatMap((client) =>
    distinct
      .filter((server) => server !== client)
      .map((server) => ({
        ...client,
        label: `${client.label}, with a server on ${server.label}`,
        programs: ["mcp"],
        rest: ["stdio"],
        env: { ATTEST_SERVER_COMMAND: JSON.stringify([server.executable, ...server.args]) },
      })),
  );
}

/** Runs one program on one runtime. Resolves to what it printed, or to its problem. */
async function run({ place, program }) {
  const { seconds } = PROGRAMS[program];
  const begun = performance.now();
  const env = { ...process.env, REDIS_URL: redis?.url ?? "", ...place.env };
  const stops = { timeout: seconds * 1000, killSignal: "SIGKILL" };
  try {
    const { stdout } = await promisify(execFile)(
      place.executable,
      [...place.args, `${program}.mjs`, ...(place.rest ?? [])],
      {
        ...{ cwd: place.folder, env, encoding: "utf8", ...stops },
      },
    );
    return { did: stdout.trim().split("\n").at(-1), seconds: (performance.now() - begun) / 1000 };
  } catch (error) {
    const problem = error.killed ? `did not end within ${seconds} s` : `${error.stdout}${error.stderr}`.trim();
    return { problem: problem.slice(-2000) };
  }
}

/** Prints the table. Each program must have done the same everywhere, so that none of them skips something somewhere. */
function report() {
  console.log(`| | ${only.join(" | ")} |\n|---|${only.map(() => "---").join("|")}|`);
  const failures = [];
  const expected = new Map();
  for (const place of places) {
    const cells = only.map((program) => {
      const job = jobs.find((each) => each.place === place && each.program === program);
      if (!job) return "–";
      const { did, seconds, problem } = outcomes.get(job);
      const part = [program, ...(place.rest ?? [])].join(" ");
      if (problem !== undefined) failures.push(`${place.label}: ${program}\n${problem}`);
      else if (!expected.has(part)) expected.set(part, did);
      else if (expected.get(part) !== did) failures.push(`${place.label}: ${part} did "${did}" alone`);
      return problem === undefined ? `${seconds.toFixed(1)} s` : "FAILED";
    });
    console.log(`| ${place.label} (${place.version}) | ${cells.join(" | ")} |`);
  }
  for (const [part, did] of expected) console.log(`${part}: ${did}`);
  for (const failure of failures) console.error(`\n✗ ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
  else if (!on) checkReadmes();
}

/** The lines of each README that say where its package runs, and with which SDKs. */
function checkReadmes() {
  const others = RUNTIMES.filter(({ name }) => !name.startsWith("node")).map(({ label }) => label);
  const tested = `Tested as packed on Node ${list(NODE_VERSIONS)}, ${list(others)}`;
  const [begin, end] = ["<!-- runtimes: pnpm exec node scripts/runtimes.mjs --write -->", "<!-- /runtimes -->"];
  for (const folder of only.flatMap((program) => PROGRAMS[program].packages)) {
    const file = join(root, "packages", folder, "README.md");
    const readme = readFileSync(file, "utf8");
    const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
    const lines = folder.startsWith("mcp-") ? `${tested};\n${testedSdks(folder)}.` : `${tested}.`;
    const wanted = `${readme.slice(0, from + begin.length)}\n${lines}\n${readme.slice(to)}`;
    if (from < 0 || to < from) fail(`packages/${folder}/README.md needs a place for this: ${begin} … ${end}`);
    else if (options.write) writeFileSync(file, wanted);
    else if (readme !== wanted) fail(`packages/${folder}/README.md does not say where it runs: use --write`);
  }
}

/** The SDK versions between which a package is tested. */
function testedSdks(folder) {
  const { manifest, directory } = packages.find((each) => each.folder === folder);
  const ranges = Object.keys(manifest.peerDependencies)
    .filter(isSdk)
    .sort()
    .reverse()
    .map((peer) => `\`${peer}\` ${oldestSdks[peer]} and ${installedVersion(directory, peer)}`);
  return `with ${list(ranges)}`;
}

/** Whether a peer is a generation of the MCP SDK. */
function isSdk(name) {
  return name.startsWith("@modelcontextprotocol/");
}

function list(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

function fail(problem) {
  console.error(`✗ ${problem}`);
  process.exitCode = 1;
}

/** A Redis server on a free port of the loopback address, that keeps nothing. */
async function startRedis() {
  const port = await new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
  const args = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", work, "--maxmemory-policy", "noeviction"];
  const child = spawn("redis-server", args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.once("error", reject).once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    child.stdout.on("data", (text) => String(text).includes("Ready to accept") && resolve());
  });
  return { child, url: `redis://127.0.0.1:${port}` };
}
