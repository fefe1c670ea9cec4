// What the scripts share that use the packages as users get them: packed by pnpm, installed from tarballs.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Packs packages as they would be published, with lifecycle scripts off: the build has run, and must not run again for
 * each package. Throws if a package with entry points is not built, which `pnpm pack` does not notice.
 *
 * @param destination The folder for the tarballs.
 * @param folders The folders in `packages/`; default: all.
 * @returns For each package its folder, its manifest as packed, the tarball's path and the names of the packed files.
 */
export function packPackages(destination, folders = readdirSync(join(root, "packages"))) {
  // One command for all of them: starting pnpm takes longer than what it packs.
  const chosen = folders.flatMap((folder) => ["--filter", `./packages/${folder}`]);
  const pack = ["--recursive", "--config.ignore-scripts=true", ...chosen, "pack", "--json"];
  const limits = { encoding: "utf8", maxBuffer: 2 ** 26 };
  const output = execFileSync("pnpm", [...pack, "--pack-destination", destination], { cwd: root, ...limits });
  // Of one package it prints no list.
  const packed = [JSON.parse(output)].flat();
  return folders.map((folder) => {
    const directory = join(root, "packages", folder);
    const { name } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const { filename, files } = packed.find((each) => each.name === name);
    const file = resolve(destination, filename);
    const names = files.map(({ path }) => path);
    if (!names.some((each) => each.startsWith("dist/")))
      throw new Error(`${folder} is not built: run \`pnpm run build\``);
    const manifest = JSON.parse(execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" }));
    return { folder, directory, manifest, file, names };
  });
}

/** A manifest's entries for installing some of our packages from their tarballs, also where they depend on each other. */
export function fromTarballs(packages, names) {
  const wanted = new Set(names);
  for (const name of wanted) {
    const { manifest } = packages.find((each) => each.manifest.name === name);
    for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
      if (packages.some((each) => each.manifest.name === dependency)) wanted.add(dependency);
    }
  }
  const ours = packages.filter(({ manifest }) => wanted.has(manifest.name));
  return {
    dependencies: Object.fromEntries(ours.map(({ manifest, file }) => [manifest.name, `file:${file}`])),
    overrides: Object.fromEntries(ours.map(({ manifest }) => [manifest.name, `$${manifest.name}`])),
  };
}

/** What a package of the workspace has installed, for a manifest outside it. */
export function installedVersion(directory, dependency) {
  return JSON.parse(readFileSync(join(directory, "node_modules", dependency, "package.json"), "utf8")).version;
}
