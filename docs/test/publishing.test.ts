import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const packages = fileURLToPath(new URL("../../packages", import.meta.url));
const { publishedManifest } = await import(new URL("../../scripts/published-manifest.mjs", import.meta.url).href);

const manifestOf = (folder: string) => JSON.parse(readFileSync(`${packages}/${folder}/package.json`, "utf8"));

it.each(readdirSync(packages))("%s says what it is, in a sentence and in words to search by", (folder) => {
  const { description, keywords } = manifestOf(folder);
  expect(description).toMatch(/^.{20,150}$/);
  expect(keywords).toEqual(expect.arrayContaining(["mcp", "ai-agents", "attestation"]));
});

it("a published package says where it comes from, by one constant", () => {
  expect(publishedManifest({ name: "a" }, "core", "owner/name")).toEqual({
    name: "a",
    repository: { type: "git", url: "git+https://github.com/owner/name.git", directory: "packages/core" },
    homepage: "https://github.com/owner/name/tree/main/packages/core#readme",
    bugs: "https://github.com/owner/name/issues",
  });
});

it.each([null, "", "name", "https://github.com/owner/name"])(
  "nothing is published from the repository %j",
  (repository) => {
    expect(() => publishedManifest({}, "core", repository)).toThrow("REPOSITORY");
  },
);
