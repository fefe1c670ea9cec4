// Builds and packs what is to be published: every package, at the version that the tag names, into one folder.
// Usage: node scripts/pack-release.mjs v1.2.3 FOLDER
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

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
  return { directory, manifest: JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) };
});
// Checked for all before anything is packed: half a release is worse than none.
for (const { manifest } of packages) {
  if (`v${manifest.version}` !== tag) fail(`${manifest.name} is at ${manifest.version}, and the tag is ${tag}`);
  // Provenance is refused for a package that does not say where it comes from.
  if (!manifest.repository) fail(`${manifest.name} has no \`repository\` in its package.json`);
}
pnpm(root, "exec", "turbo", "run", "build", "--filter", "./packages/*");
for (const { directory, manifest } of packages) {
  pnpm(directory, "--config.ignore-scripts=true", "pack", "--pack-destination", destination);
  console.log(`${manifest.name} ${manifest.version}`);
}

function pnpm(cwd, ...args) {
  execFileSync("pnpm", args, { cwd, stdio: ["ignore", "inherit", "inherit"] });
}

function fail(problem) {
  console.error(problem);
  process.exit(1);
}
