import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/troubleshooting.md`, "utf8");

it("is what the packages' sources say", () => {
  execFileSync(process.execPath, [`${root}/scripts/troubleshooting.mjs`, "--check"], { stdio: "pipe" });
});

it("has each code once, and something to do about it", () => {
  const codes = [...page.matchAll(/^### (ERR_\w+)$/gm)].map(([, code]) => code);
  const table = /REASON_BY_CODE = \{(.*?)\}/s.exec(readFileSync(`${root}/packages/core/src/errors.ts`, "utf8"))?.[1];
  expect(codes).toEqual([...(table ?? "").matchAll(/\b(ERR_\w+):/g)].map(([, code]) => code));
  expect(page.match(/^\*\*What to do:\*\* [A-Z].{20,}\.$/gm)).toHaveLength(codes.length);
});

it("advises only what there is: options, functions and commands of these packages", () => {
  const api = readdirSync(`${root}/docs/api`).map((file) => readFileSync(`${root}/docs/api/${file}`, "utf8"));
  const known = new Set([...api, readFileSync(`${root}/SPEC.md`, "utf8")].join("\n").match(/\w+/g));
  const advice = [...page.matchAll(/^\*\*What to do:\*\* (.*)$/gm)].map(([, text]) => text).join("\n");
  const names = [...advice.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  const unknown = names.filter((name) => {
    const command = /^attest (\w+)/.exec(name)?.[1];
    if (command !== undefined) return !existsSync(`${root}/packages/cli/src/commands/${command}.ts`);
    return !known.has(/\w+(?=\W*$)|\w+(?=\()/.exec(name)?.[0] ?? "");
  });
  expect(names.length).toBeGreaterThan(50);
  expect(unknown).toEqual([]);
});
