// Runs the frameworks and clients of neighbours/ with the packages and the command line as packed, each outside the workspace with
// its own lockfile, and checks that docs/neighbours.md says what came out. No part of `npm test`.
//   pnpm exec node scripts/neighbours.mjs                   all of them (after a build)
//   pnpm exec node scripts/neighbours.mjs express fastmcp   some, without a look at the document
//   pnpm exec node scripts/neighbours.mjs --write           writes the document
//   pnpm exec node scripts/neighbours.mjs --long            with every scenario of a suite that is asked in part else
//   pnpm exec node scripts/neighbours.mjs --lock express    writes lockfiles again
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { judge } from "./neighbours/judge.mjs";
import { attestLines, BEGIN, END, tables } from "./neighbours/tables.mjs";
import { fromTarballs, packPackages, root } from "./pack-packages.mjs";

/** Some frameworks need more than the oldest Node that is supported; npm chooses older versions there without a word. */
const NODE = "node@22";
const PARALLEL = 3;
const FOLDER = join(root, "neighbours");
const DOCUMENT = join(root, "docs/neighbours.md");
/** How long an installation or a program may take, in milliseconds. */
const PATIENCE_MS = 180_000;
const LONG_PATIENCE_MS = 900_000;
/** The packages of ours that a neighbour gets. */
const OURS = ["core", "mcp-server", "mcp-client"];
/** Folders of neighbours/ that are no neighbour: what their programs share, and the other side. */
const [KIT, PROBE] = ["kit", "probe"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    write: { type: "boolean" },
    long: { type: "boolean" },
    lock: { type: "boolean" },
    keep: { type: "boolean" },
  },
});
const all = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== KIT)
  .map(({ name }) => name);
const unknown = positionals.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(", ")} in neighbours: ${all.join(", ")}`);
  process.exit(2);
}
const chosen = positionals.length > 0 ? positionals : all;

const work = mkdtempSync(join(tmpdir(), "attest-neighbours-"));
process.on("exit", () => {
  if (options.keep) console.log(`kept: ${work}`);
  else rmSync(work, { recursive: true, force: true });
});
const env = { ...process.env };
// pnpm's own settings, which npm warns of.
for (const name of Object.keys(env)) if (/^npm_config_(?!(registry|userconfig|cache)$)/.test(name)) delete env[name];
const npx = ["--yes", "--package", NODE, "--", "node", "-p", "process.execPath"];
const node = execFileSync("npx", npx, { cwd: work, env, encoding: "utf8" }).trim();
env.PATH = `${dirname(node)}:${env.PATH}`;

if (options.lock) {
  for (const name of chosen) {
    await npm(join(FOLDER, name), "install", "--package-lock-only", "--omit-lockfile-registry-resolved");
    console.log(`neighbours/${name}/package-lock.json`);
  }
  process.exit(0);
}

checkLockfiles();
const packages = packPackages(work);
const ours = packages.filter(({ folder }) => OURS.includes(folder)).map(({ file }) => file);
const tarballs = [...ours, packKit()];
const [attest] = await Promise.all([installCommandLine(), install(PROBE, tarballs)]);
const prepared = secondsSince(0);
const rows = [];
const queue = chosen.filter((name) => name !== PROBE);
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) rows.push(...(await proveNeighbour(name)));
  }),
);
rows.sort((one, other) => one.order - other.order);
const failed = rows.filter(({ problems }) => problems.length > 0).length;
console.log(`${rows.length - failed} passed, ${failed} failed in ${secondsSince(0)} s, ${prepared} s of them to pack`);
if (failed > 0)
  process.exitCode = 1; // A document is never written of what did not pass.
else if (positionals.length === 0) checkDocument();

/** Installs a neighbour, runs its programs, and says of each what came of it. Resolves to one row for each. */
async function proveNeighbour(name) {
  const { neighbours, dependencies } = JSON.parse(readFileSync(join(FOLDER, name, "package.json"), "utf8"));
  const begun = performance.now();
  const isOnItsOwn = neighbours.every(({ program }) => !program);
  const failure = await install(name, isOnItsOwn ? [] : tarballs).then(
    () => undefined,
    (error) => `could not be installed: ${error.stderr?.slice(-2000) || error}`,
  );
  const installed = secondsSince(begun);
  const results = [];
  for (const [i, each] of neighbours.entries()) {
    const since = performance.now();
    const expected = { ...each, ...(each.program && shownOf(name, each)) };
    const proved = failure
      ? { problems: [failure] }
      : await prove(join(work, name), expected).catch((error) => ({ problems: [String(error)] }));
    const { problems } = proved;
    const times = `${i === 0 ? `${installed} s to install, ` : ""}${secondsSince(since)} s`;
    console.log(
      `${problems.length === 0 ? "✓" : "✗"} ${name}/${each.program ?? each.behind ?? each.client ?? each.command} (${times})`,
    );
    for (const problem of problems) console.error(`  ${problem}`);
    const version = dependencies[each.package];
    results.push({ ...expected, ...proved, name, version, order: all.indexOf(name) * 10 + i });
  }
  if (!options.keep) await rm(join(work, name), { recursive: true, force: true });
  return results;
}

/** What a program shows to its users: the lines of ours in it, and the source of its tool. */
function shownOf(name, { program, shown = program, tool = shown }) {
  const source = (file) => readFileSync(join(FOLDER, name, file), "utf8");
  return { shown, lines: attestLines(source(shown)), tool: source(tool) };
}

/** @param ours The tarballs that it gets besides what its lockfile names. */
async function install(name, ours) {
  const folder = join(work, name);
  cpSync(join(FOLDER, name), folder, { recursive: true });
  await npm(folder, "ci", "--ignore-scripts");
  if (ours.length > 0) await npm(folder, "install", "--no-save", "--ignore-scripts", ...ours);
}

/** Installs the command line in an empty folder: what stands before servers and next to clients that nobody changed. Resolves to its program. */
async function installCommandLine() {
  const folder = join(work, "attest");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify(fromTarballs(packages, ["@attest/cli"])));
  await npm(folder, "install", "--ignore-scripts");
  return join(folder, "node_modules/.bin/attest");
}

/** Puts one program to the test. Resolves to the `problems`, what is not as expected; and of a suite to its `scenarios`. */
async function prove(folder, expected) {
  const { program, suite, nextTo, short } = expected;
  const isPart = Boolean(short) && !options.long;
  const asked = { ...expected, ...(isPart && { only: short }) };
  const args = program
    ? [join(work, PROBE, "probe.mjs"), join(folder, program), ...(nextTo ? [attest, nextTo] : [])]
    : [join(work, PROBE, probeOf(expected)), attest, JSON.stringify(asked)];
  const limits = { encoding: "utf8", timeout: options.long ? LONG_PATIENCE_MS : PATIENCE_MS };
  const { stdout } = await promisify(execFile)(node, args, { env, cwd: folder, ...limits });
  const found = JSON.parse(stdout);
  const problems = judge(expected, found);
  if (!expected.types) return { problems, ...(suite && { scenarios: found.scenarios, isPart }) };
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023", "--types", ""];
  const compiled = promisify(execFile)(node, [compiler, ...flags, expected.types], { cwd: folder, encoding: "utf8" });
  return compiled.then(
    () => ({ problems }),
    ({ stdout: said }) => ({ problems: [...problems, `${expected.types} does not compile: ${said.slice(0, 500)}`] }),
  );
}

/** The program of the probe that puts to the test what nobody changed, where it is no program of ours that does. */
function probeOf({ suite, client }) {
  if (!suite) return "behind.mjs";
  return client ? "suite-clients.mjs" : "suite.mjs";
}

/** @param begun A reading of `performance.now()`; 0 is when this program began. */
function secondsSince(begun) {
  return Math.round((performance.now() - begun) / 1000);
}

function npm(folder, command, ...args) {
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--prefer-offline"];
  const limits = { maxBuffer: 2 ** 26, timeout: PATIENCE_MS };
  return promisify(execFile)("npm", [command, ...args, ...quiet], { cwd: folder, env, ...limits });
}

function packKit() {
  const args = ["pack", "--json", "--pack-destination", work];
  const packed = JSON.parse(execFileSync("npm", args, { cwd: join(FOLDER, KIT), env, encoding: "utf8" }));
  return join(work, Object.values(packed)[0].filename);
}

/** A lockfile names versions and their hashes, and neither a registry nor anything of ours. */
function checkLockfiles() {
  for (const name of all) {
    const { packages } = JSON.parse(readFileSync(join(FOLDER, name, "package-lock.json"), "utf8"));
    for (const [place, { resolved, link, integrity, inBundle }] of Object.entries(packages)) {
      if (place === "") continue;
      if (resolved || link || !(integrity || inBundle) || place.includes("@attest/")) {
        console.error(`✗ neighbours/${name}/package-lock.json: ${place} must have a hash, and no address`);
        process.exit(1);
      }
    }
  }
}

/** The tables of the document, as they follow from what was run. */
function checkDocument() {
  const document = readFileSync(DOCUMENT, "utf8");
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/neighbours.md has no place for the tables: ${BEGIN} … ${END}`);
  const wanted = `${document.slice(0, from + BEGIN.length)}\n${tables(rows, document)}\n${document.slice(to)}`;
  if (options.write) writeFileSync(DOCUMENT, wanted);
  else if (document !== wanted) {
    console.error("✗ docs/neighbours.md does not say what was found: use --write");
    process.exitCode = 1;
  }
}
