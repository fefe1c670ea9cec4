// Runs the frameworks and clients of neighbours/ with the packages as packed, each outside the workspace with its own
// lockfile, and checks that docs/neighbours.md says what came out. No part of `npm test`.
//   pnpm exec node scripts/neighbours.mjs                   all of them (after a build)
//   pnpm exec node scripts/neighbours.mjs express fastmcp   some, without a look at the document
//   pnpm exec node scripts/neighbours.mjs --write           writes the document
//   pnpm exec node scripts/neighbours.mjs --lock express    writes lockfiles anew
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { judge } from "./neighbours/judge.mjs";
import { BEGIN, END, tables } from "./neighbours/tables.mjs";
import { packPackages, root } from "./pack-packages.mjs";

/** Some frameworks need more than the oldest Node that is supported; npm chooses older versions there without a word. */
const NODE = "node@22";
const PARALLEL = 2;
const FOLDER = join(root, "neighbours");
const DOCUMENT = join(root, "docs/neighbours.md");
/** Folders of neighbours/ that are no neighbour: what their programs share, and the other side. */
const [KIT, PROBE] = ["kit", "probe"];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { write: { type: "boolean" }, lock: { type: "boolean" }, keep: { type: "boolean" } },
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
const npx = ["--yes", "--package", NODE, "--", "node", "-p", "process.execPath"];
const node = execFileSync("npx", npx, { cwd: work, encoding: "utf8" }).trim();
const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}` };
// pnpm's own settings, which npm warns of.
for (const name of Object.keys(env)) if (/^npm_config_(?!(registry|userconfig|cache)$)/.test(name)) delete env[name];

if (options.lock) {
  for (const name of chosen) {
    await npm(join(FOLDER, name), "install", "--package-lock-only", "--omit-lockfile-registry-resolved");
    console.log(`neighbours/${name}/package-lock.json`);
  }
  process.exit(0);
}

checkLockfiles();
const ours = [...packPackages(work).filter(({ folder }) => /^(core|mcp-server|mcp-client)$/.test(folder)), packKit()];
const tarballs = ours.map(({ file }) => file);
await install(PROBE);
const rows = [];
const queue = chosen.filter((name) => name !== PROBE);
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let name = queue.shift(); name; name = queue.shift()) rows.push(...(await proveNeighbour(name)));
  }),
);
rows.sort((one, other) => one.order - other.order);
for (const { name, program, seconds, problems } of rows) {
  console.log(`${problems.length === 0 ? "✓" : "✗"} ${name}/${program} (${seconds} s)`);
  for (const problem of problems) console.error(`  ${problem}`);
}
const failed = rows.filter(({ problems }) => problems.length > 0).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
if (failed > 0)
  process.exitCode = 1; // A document is never written of what did not pass.
else if (positionals.length === 0) checkDocument();

/** Installs a neighbour and runs its programs. Resolves to one row for each. */
async function proveNeighbour(name) {
  const manifest = JSON.parse(readFileSync(join(FOLDER, name, "package.json"), "utf8"));
  const begun = performance.now();
  let failure;
  await install(name).catch((error) => {
    failure = `could not be installed: ${error.stderr?.slice(-2000) ?? error}`;
  });
  const results = [];
  for (const [i, expected] of manifest.neighbours.entries()) {
    const problems = failure ? [failure] : await prove(join(work, name), expected).catch((error) => [String(error)]);
    const seconds = Math.round((performance.now() - begun) / 1000);
    const version = manifest.dependencies[expected.package];
    results.push({ ...expected, name, version, problems, seconds, order: all.indexOf(name) * 10 + i });
  }
  return results;
}

async function install(name) {
  const folder = join(work, name);
  cpSync(join(FOLDER, name), folder, { recursive: true });
  await npm(folder, "ci", "--ignore-scripts");
  await npm(folder, "install", "--no-save", "--ignore-scripts", ...tarballs);
}

/** Puts one program to the test. Resolves to what is not as expected. */
async function prove(folder, expected) {
  const args = [join(work, PROBE, "probe.mjs"), join(folder, expected.program)];
  const { stdout } = await promisify(execFile)(node, args, { env, encoding: "utf8", timeout: 240_000 });
  const problems = judge(expected, JSON.parse(stdout));
  if (!expected.types) return problems;
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023", "--types", ""];
  const compiled = promisify(execFile)(node, [compiler, ...flags, expected.types], { cwd: folder, encoding: "utf8" });
  return compiled.then(
    () => problems,
    ({ stdout: said }) => [...problems, `${expected.types} does not compile: ${said.slice(0, 500)}`],
  );
}

function npm(folder, command, ...args) {
  const quiet = ["--no-audit", "--no-fund", "--no-progress", "--prefer-offline"];
  return promisify(execFile)("npm", [command, ...args, ...quiet], { cwd: folder, env, maxBuffer: 2 ** 26 });
}

function packKit() {
  const args = ["pack", "--json", "--pack-destination", work];
  const packed = JSON.parse(execFileSync("npm", args, { cwd: join(FOLDER, KIT), env, encoding: "utf8" }));
  return { file: join(work, Object.values(packed)[0].filename) };
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
  const wanted = `${document.slice(0, from + BEGIN.length)}\n${tables(rows)}\n${document.slice(to)}`;
  if (options.write) writeFileSync(DOCUMENT, wanted);
  else if (document !== wanted) {
    console.error("✗ docs/neighbours.md does not say what was found: use --write");
    process.exitCode = 1;
  }
}
