// What a published package says of where it comes from. One constant decides it for all of them.

/** The project's repository on GitHub, as `owner/name`; `undefined` as long as it has none. */
export const REPOSITORY = undefined;

/**
 * A package's manifest with `repository`, `homepage` and `bugs`.
 *
 * @param manifest As it is in the repository. @param folder Its folder in `packages/`. @param repository Default: `REPOSITORY`.
 * @throws If there is no repository: provenance is refused for a package that does not say where it comes from.
 */
export function publishedManifest(manifest, folder, repository = REPOSITORY) {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository ?? "")) {
    throw new Error("REPOSITORY in scripts/published-manifest.mjs must be the project's repository, as owner/name");
  }
  const url = `https://github.com/${repository}`;
  return {
    ...manifest,
    repository: { type: "git", url: `git+${url}.git`, directory: `packages/${folder}` },
    homepage: `${url}/tree/main/packages/${folder}#readme`,
    bugs: `${url}/issues`,
  };
}
