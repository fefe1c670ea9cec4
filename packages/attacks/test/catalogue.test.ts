import { readdirSync, readFileSync } from "node:fs";
import { isReason } from "@attest/core";
import { expect, it } from "vitest";
import { attacks, referenceAttacks } from "../src/index.ts";
import { guardSabotages } from "./sabotage/guard-sabotages.ts";
import { verifierSabotages } from "./sabotage/verifier-sabotages.ts";

const requirements: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../../spec/requirements.json", import.meta.url), "utf8"),
);

it("holds the reference's eight attacks and at least thirty more, each under a name of its own", () => {
  expect(referenceAttacks).toHaveLength(8);
  expect(attacks.length).toBeGreaterThanOrEqual(38);
  expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
});

it("is counted as it is wherever a page says how many attacks there are", () => {
  const root = new URL("../../../", import.meta.url);
  const pages = ["README.md", "SPEC.md", "CONTRIBUTING.md", "packages/attacks/README.md", "packages/cli/README.md"];
  const docs = readdirSync(new URL("docs", root)).filter((name) => name.endsWith(".md"));
  const told = [...pages, ...docs.map((name) => `docs/${name}`)].flatMap((page) =>
    [...readFileSync(new URL(page, root), "utf8").matchAll(/\b(\d+) attacks\b/g)].map(([, count]) => [
      page,
      Number(count),
    ]),
  );
  expect(told).toEqual([
    ["README.md", attacks.length],
    ["packages/attacks/README.md", attacks.length],
  ]);
  const readme = readFileSync(new URL("packages/attacks/README.md", root), "utf8");
  expect(readme).toContain(`the eight of the reference implementation and\n${attacks.length - 8} more`);
});

it("is itself tested: for every attack there is a lost defence that it must notice", () => {
  const meant = new Set([...verifierSabotages, ...guardSabotages].map((sabotage) => sabotage.meant));
  // Of a session that nobody opened, the first SDK's transport serves nothing either: no sabotage of the guard shows.
  expect(attacks.map(({ id }) => id).filter((id) => !meant.has(id))).toEqual(["invented-session"]);
});

it.each(attacks)("says of $id what the attacker has, does, and must be stopped by", (attack) => {
  expect(attack.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(Object.keys(requirements)).toContain(attack.threat);
  for (const text of [attack.name, attack.attacker, attack.description, attack.defence]) {
    expect(text.length).toBeGreaterThan(5);
    expect(text).not.toMatch(/[.\n]$/);
  }
  expect(attack.expected.every(isReason)).toBe(true);
});
