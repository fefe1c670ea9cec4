// Builds and packs what is to be published: every package, at the version that the tag names, into one folder.
// Usage: node scripts/pack-release.mjs v1.2.3 FOLDER
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { publishedManifest } from "./published-manifest.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const [tag = "", folder] = process.argv.slice(2);
if (!/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag) || !folder) {
  console.error("Usage: node scripts/pack-release.mjs v1.2.3 FOLDER");
  process.exit(2);
}
const destination = resolve(folder);
mkdirSync(destination, { recursive: true });

const packages = readdirSync(join(root, "packages")).map((name) => {
  const directory = join(root, "packages", name);
  return { name, directory, manifest: JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) };
});
// Checked for all before anything is packed: half a release is worse than none.
const published = packages.map(({ name, manifest }) => {
  if (`v${manifest.version}` !== tag) fail(`${manifest.name} is at ${manifest.version}, and the tag is ${tag}`);
  try {
    return publishedManifest(manifest, name);
  } catch (error) {
    return fail(error.message);
  }
});
pnpm(root, "exec", "turbo", "run", "build", "--filter", "./packages/*");
for (const [i, { directory, manifest }] of packages.entries()) {
  const file = join(directory, "package.json");
  const before = readFileSync(file);
  writeFileSync(file, JSON.stringify(published[i], null, 2));
  try {
    pnpm(directory, "--config.ignore-scripts=true", "pack", "--pack-destination", destination);
  } finally {
    writeFileSync(file, before);
  }
  console.log(`${manifest.name} ${manifest.version}`);
}

function pnpm(cwd, ...args) {
  execFileSync("pnpm", args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}
