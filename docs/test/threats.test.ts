import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("has every threat of the requirements", () => {
  execFileSync(process.execPath, [`${root}/scripts/threats.mjs`, "--check"], { stdio: "pipe" });
});

it("is where the API reference leads from every threat that it names", () => {
  const anchors = new Set(
    [...readFileSync(`${root}/docs/threats.md`, "utf8").matchAll(/<a id="(\w+)">/g)].map(([, id]) => id),
  );
  const pages = readdirSync(`${root}/docs/api`).map((file) => readFileSync(`${root}/docs/api/${file}`, "utf8"));
  const links = pages.flatMap((page) => [...page.matchAll(/\]\(\.\.\/threats\.md#(\w+)\)/g)].map(([, id]) => id));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((id) => !anchors.has(id))).toEqual([]);
  expect(pages.filter((page) => /[^`]\([A-Z]\d+[,)]/.test(page.replaceAll(/`[^`]*`/g, "")))).toEqual([]);
});
