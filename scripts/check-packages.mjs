// Checks what would be published: every package is packed, linted, installed without the workspace beside nothing but the
// packages it depends on, imported, and type-checked as a consumer would, under nodenext and bundler resolution. The
// commands of a package are run from there.
// Usage: node scripts/check-packages.mjs [name …]   (after a build)
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const only = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), "attest-packages-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

const packages = readdirSync(join(root, "packages")).map((folder) => {
  const directory = join(root, "packages", folder);
  return { folder, directory, manifest: readJson(join(directory, "package.json")) };
});

/** Runs a command; its output is shown only when it fails. */
function run(command, args, cwd = root) {
  try {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    console.error(`${command} ${args.join(" ")}\n${error.stdout}${error.stderr}`);
    process.exit(1);
  }
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

// What is packed, is packed with lifecycle scripts off: the build has run, and must not run once per package again.
const tarballs = new Map(
  packages.map(({ directory, manifest }) => {
    const output = run(
      "pnpm",
      ["--config.ignore-scripts=true", "pack", "--json", "--pack-destination", work],
      directory,
    );
    const { filename, files } = JSON.parse(output);
    const names = files.map((file) => file.path);
    const stray = names.filter((name) => !/^(dist\/|dashboards\/|package\.json$|README\.md$|LICENSE$)/.test(name));
    if (stray.length > 0) fail(manifest.name, `packs files that do not belong: ${stray.join(", ")}`);
    for (const needed of ["README.md", "LICENSE"]) {
      if (!names.includes(needed)) fail(manifest.name, `does not pack ${needed}`);
    }
    return [manifest.name, { file: resolve(work, filename), names }];
  }),
);

for (const { directory, folder, manifest } of packages) {
  if (only.length > 0 && !only.includes(folder)) continue;
  const { name } = manifest;
  const tarball = tarballs.get(name);
  run("pnpm", ["exec", "publint", "--strict", tarball.file]);
  const entries = Object.keys(manifest.publishConfig?.exports ?? {}).filter((entry) => !entry.endsWith(".json"));
  if (entries.length > 0) run("pnpm", ["exec", "attw", "--profile", "esm-only", tarball.file]);
  const project = installAlone(name, folder, directory, entries);
  const commands = Object.keys(manifest.bin ?? {});
  for (const command of commands) runCommand(command, project, manifest);
  const done = [
    `${tarball.names.length} files, installed alone`,
    ...(entries.length > 0 ? [`${entries.length} entry points imported and type-checked`] : []),
    ...(commands.length > 0 ? [`${commands.join(", ")} run`] : []),
  ];
  if (entries.length + commands.length === 0) fail(name, "has neither an entry point nor a command");
  console.log(`${name}: ${done.join(", ")}`);
  console.log(`  ${listed(tarball.names)}`);
}

/** Runs an installed command as a user would: it knows its version and how it is used. */
function runCommand(command, project, { name, version }) {
  const told = run("npx", ["--no-install", command, "--version"], project).trim();
  if (told !== version) fail(name, `has a command ${command} that tells version ${told}, and not ${version}`);
  run("npx", ["--no-install", command, "--help"], project);
}

/**
 * Installs a package from its tarball into an empty project, with tarballs in the place of our other packages, and uses its
 * entry points. Answers where.
 */
function installAlone(name, folder, directory, entries) {
  const project = join(work, `with-${folder}`);
  mkdirSync(project);
  const own = new Set([name]);
  // The packages that it needs, and those that they need.
  for (const needed of own) {
    const { manifest } = packages.find((candidate) => candidate.manifest.name === needed);
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      if (tarballs.has(dependency)) own.add(dependency);
  }
  const overrides = Object.fromEntries(
    [...own].map((dependency) => [dependency, `file:${tarballs.get(dependency).file}`]),
  );
  const { peerDependencies = {}, devDependencies = {} } = readJson(join(directory, "package.json"));
  const installed = (dependency) => readJson(join(directory, "node_modules", dependency, "package.json")).version;
  const peers = Object.keys(peerDependencies).filter((peer) => peer in devDependencies);
  const tools = { typescript: rootVersion("typescript"), "@types/node": rootVersion("@types/node") };
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({
      private: true,
      type: "module",
      dependencies: { ...overrides, ...Object.fromEntries(peers.map((peer) => [peer, installed(peer)])) },
      devDependencies: tools,
      overrides: Object.fromEntries(Object.keys(overrides).map((dependency) => [dependency, `$${dependency}`])),
    }),
  );
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"], project);
  const specifiers = entries.map((entry) => name + entry.slice(1));
  if (specifiers.length === 0) return project;
  const code = specifiers.map((specifier, i) => `import * as m${i} from ${JSON.stringify(specifier)};`).join("\n");
  const uses = specifiers.map((_, i) => `if (Object.keys(m${i}).length === 0) throw new Error("empty");`).join("\n");
  writeFileSync(join(project, "use.mts"), `${code}\n${uses}\n`);
  writeFileSync(join(project, "use.mjs"), `${code}\n${uses}\n`);
  run(process.execPath, ["use.mjs"], project);
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
    run("npx", ["--no-install", "tsc", "-p", "tsconfig.json"], project);
  }
  return project;
}

/** What is packed; declarations and source maps only by their number. */
function listed(names) {
  const [declarations, maps] = [/\.d\.ts$/, /\.map$/].map((form) => names.filter((name) => form.test(name)).length);
  const others = names.filter((name) => !/\.(d\.ts|map)$/.test(name)).sort();
  return `${others.join(", ")}, ${declarations} declarations, ${maps} source maps`;
}

function rootVersion(tool) {
  return readJson(join(root, "node_modules", tool, "package.json")).version;
}

function fail(name, problem) {
  console.error(`${name} ${problem}`);
  process.exit(1);
}
