// Counts what an extension costs: adds a token format, a use, a carrier and an algorithm, each to a copy of this repository,
// type-checks it, and puts what is new to work in a client, a guard and the command line. Fails where an extension changes more
// files than CONTRIBUTING says.
// Usage: node scripts/extension-cost.mjs [--only NAME] [--keep]   (needs no build)
//
// An extension is a folder of `scripts/extensions`: `index.mjs` names its edits of files that are there and its new files, and
// `vector.ts` shows it at work. Where an edit finds nothing to change any more, the place that it names was changed: make
// the edit fit again. If that takes one more file, the change at that place has made extensions dearer.
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "scripts/extensions");
const { values } = parseArgs({ options: { only: { type: "string" }, keep: { type: "boolean", default: false } } });
const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && (values.only === undefined || entry.name === values.only))
  .map(({ name }) => name);

const results = [];
// Two at a time, as there are two cores.
for (let i = 0; i < names.length; i += 2) results.push(...(await Promise.all(names.slice(i, i + 2).map(tryExtension))));
console.table(results.map(({ files: _, problem: __, ...row }) => row));
for (const { extension, files, problem } of results) {
  if (problem !== undefined) console.error(`\n${extension}: ${problem}`);
  else console.log(`${extension}: ${files.join(", ")}`);
}
if (results.some(({ verdict }) => verdict !== "within")) process.exitCode = 1;

async function tryExtension(name) {
  const { what, most, edits, files } = (await import(join(folder, name, "index.mjs"))).default;
  const changed = [...new Set([...edits.map(({ file }) => file), ...Object.keys(files)])];
  const row = { extension: name, what, files: changed, "changed files": changed.length, "at most": most };
  const copy = mkdtempSync(join(tmpdir(), `extension-${name}-`));
  try {
    await copyInto(copy);
    for (const edit of edits) apply(copy, edit);
    for (const [path, source] of Object.entries(files)) place(join(folder, name, source), join(copy, path));
    place(join(folder, name, "vector.ts"), join(copy, "packages/cli/test/extension.test.ts"));
    place(join(folder, "support.ts"), join(copy, "packages/cli/test/extension-support.ts"));
    await typeCheck(copy);
    await runVector(copy);
    return { ...row, verdict: changed.length <= most ? "within" : "TOO MANY" };
  } catch (error) {
    return {
      ...row,
      verdict: "FAILED",
      problem: error.stdout ? `${error.stdout}${error.stderr}`.slice(-4000) : error.message,
    };
  } finally {
    if (values.keep) console.log(`${name}: ${copy}`);
    else rmSync(copy, { recursive: true, force: true });
  }
}

/** The tracked sources of packages and of the console, and links to what is installed. */
async function copyInto(copy) {
  const { stdout } = await run(
    "git",
    ["ls-files", "-co", "--exclude-standard", "packages", "apps/console", "*.ts", "*.json"],
    { cwd: root, maxBuffer: 1e8 },
  );
  for (const path of stdout.split("\n")) {
    if (path !== "" && existsSync(join(root, path))) place(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const linked = [...readdirSync(join(root, "packages")).map((name) => `packages/${name}`), "apps/console"];
  for (const path of linked) link(join(root, path, "node_modules"), join(copy, path, "node_modules"));
}

/** Links as they are: what another package of this repository is, is that package of the copy. */
function link(from, to) {
  if (!existsSync(from) || !existsSync(dirname(to))) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(join(from, entry.name)), join(to, entry.name));
    else if (entry.name.startsWith("@")) link(join(from, entry.name), join(to, entry.name));
  }
}

function place(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}

function apply(copy, { file, find, put }) {
  const path = join(copy, file);
  const before = readFileSync(path, "utf8");
  const after = before.replace(find, put);
  if (after === before)
    throw new Error(
      `the edit of ${file} found nothing to change: ${find}. Make it fit again (see the head of this script)`,
    );
  writeFileSync(path, after);
}

/** One program of all that uses core: whatever knows every format, use, carrier or algorithm must know the new one. */
async function typeCheck(copy) {
  const include = ["packages/*/src", "apps/console/src/shared/steps.ts", "packages/cli/test/extension.test.ts"];
  writeFileSync(join(copy, "tsconfig.json"), JSON.stringify({ extends: "./tsconfig.base.json", include }));
  await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", copy], { maxBuffer: 1e8 });
}

async function runVector(copy) {
  const vitest = resolve(root, "node_modules/vitest/vitest.mjs");
  await run(process.execPath, [vitest, "run", "test/extension.test.ts"], {
    cwd: join(copy, "packages/cli"),
    maxBuffer: 1e8,
  });
}
