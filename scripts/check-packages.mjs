// Checks what would be published: every package is packed, linted, installed without the workspace next to nothing but the
// packages it depends on, imported, and type-checked as a consumer would, under nodenext and bundler resolution. The
// commands of a package are run from there.
// Usage: node scripts/check-packages.mjs [name …]   (after a build)
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fromTarballs, installedVersion, packPackages, root } from "./pack-packages.mjs";

const only = process.argv.slice(2);
/** Packages at once: much of each is waiting for the registry and for processes to start. */
const PARALLEL = 3;
const work = mkdtempSync(join(tmpdir(), "attest-packages-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** The programs that check, by themselves: started by pnpm or npx, each would take as long again to start. */
const [publint, attw, tsc] = ["publint", "attw", "tsc"].map((name) => join(root, "node_modules/.bin", name));

const packages = packPackages(work);
for (const { manifest, names } of packages) {
  const stray = names.filter(
    (name) => !/^(dist\/|dashboards\/|examples\/|vectors\/|package\.json$|README\.md$|LICENSE$)/.test(name),
  );
  if (stray.length > 0) fail(manifest.name, `packs files that do not belong: ${stray.join(", ")}`);
  for (const needed of ["README.md", "LICENSE"]) {
    if (!names.includes(needed)) fail(manifest.name, `does not pack ${needed}`);
  }
}

/** Runs a command; its output is shown only when it fails. */
async function run(command, args, cwd = root) {
  try {
    return (await promisify(execFile)(command, args, { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    console.error(`${command} ${args.join(" ")}\n${error.stdout}${error.stderr}`);
    process.exit(1);
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

// The types of Node stand above all projects, and next to them nothing but what they need.
await install(work, { devDependencies: { "@types/node": installedVersion(root, "@types/node") } });
const queue = packages.filter(({ folder }) => only.length === 0 || only.includes(folder));
await Promise.all(
  Array.from({ length: PARALLEL }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await check(next);
  }),
);

async function check({ directory, folder, manifest, file, names }) {
  const { name } = manifest;
  await run(publint, ["--strict", file]);
  const entries = Object.keys(manifest.exports).filter((entry) => !entry.endsWith(".json"));
  if (entries.length > 0) await run(attw, ["--profile", "esm-only", file]);
  const project = await installAlone(name, folder, directory, entries);
  const commands = Object.keys(manifest.bin ?? {});
  for (const command of commands) await runCommand(command, project, manifest);
  const done = [
    `${names.length} files, installed alone`,
    ...(entries.length > 0 ? [`${entries.length} entry points imported and type-checked`] : []),
    ...(commands.length > 0 ? [`${commands.join(", ")} run`] : []),
  ];
  if (entries.length + commands.length === 0) fail(name, "has neither an entry point nor a command");
  console.log(`${name}: ${done.join(", ")}\n  ${listed(names)}`);
}

/** Runs an installed command as a user would: it knows its version and how it is used. */
async function runCommand(command, project, { name, version }) {
  const told = (await run("npx", ["--no-install", command, "--version"], project)).trim();
  if (told !== version) fail(name, `has a command ${command} that tells version ${told}, and not ${version}`);
  await run("npx", ["--no-install", command, "--help"], project);
}

/**
 * Installs a package from its tarball into an empty project, with tarballs in the place of our other packages, and uses its
 * entry points. Answers where.
 */
async function installAlone(name, folder, directory, entries) {
  const project = join(work, `with-${folder}`);
  mkdirSync(project);
  const { dependencies, overrides } = fromTarballs(packages, [name]);
  const { peerDependencies = {}, devDependencies = {} } = readJson(join(directory, "package.json"));
  const peers = Object.keys(peerDependencies).filter((peer) => peer in devDependencies && !(peer in dependencies));
  const versions = Object.fromEntries(peers.map((peer) => [peer, installedVersion(directory, peer)]));
  await install(project, { type: "module", dependencies: { ...dependencies, ...versions }, overrides });
  const specifiers = entries.map((entry) => name + entry.slice(1));
  if (specifiers.length === 0) return project;
  const code = specifiers.map((specifier, i) => `import * as m${i} from ${JSON.stringify(specifier)};`).join("\n");
  const uses = specifiers.map((_, i) => `if (Object.keys(m${i}).length === 0) throw new Error("empty");`).join("\n");
  writeFileSync(join(project, "use.mts"), `${code}\n${uses}\n`);
  writeFileSync(join(project, "use.mjs"), `${code}\n${uses}\n`);
  await run(process.execPath, ["use.mjs"], project);
  for (const [module, moduleResolution] of [
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ]) {
    const compilerOptions = {
      ...{ module, moduleResolution, target: "es2023", types: ["node"], noEmit: true },
      ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
      // Peers' declarations are not ours to be strict about.
      skipLibCheck: peers.length > 0,
    };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.mts"] }));
    await run(tsc, ["-p", "tsconfig.json", "--singleThreaded"], project);
  }
  return project;
}

/** Installs what a manifest names, in a folder of its own. */
async function install(folder, manifest) {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest }));
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"], folder);
}

/** What is packed; declarations and source maps only by their number. */
function listed(names) {
  const [declarations, maps] = [/\.d\.ts$/, /\.map$/].map((form) => names.filter((name) => form.test(name)).length);
  const others = names.filter((name) => !/\.(d\.ts|map)$/.test(name)).sort();
  return `${others.join(", ")}, ${declarations} declarations, ${maps} source maps`;
}

function fail(name, problem) {
  console.error(`${name} ${problem}`);
  process.exit(1);
}
