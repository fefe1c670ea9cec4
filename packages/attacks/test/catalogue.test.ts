import { readFileSync } from "node:fs";
import { isReason } from "@attest/core";
import { expect, it } from "vitest";
import { attacks, referenceAttacks } from "../src/index.ts";

const requirements: Record<string, string> = JSON.parse(
  readFileSync(new URL("../../../spec/requirements.json", import.meta.url), "utf8"),
);

it("holds the reference's eight attacks and at least thirty more, each under a name of its own", () => {
  expect(referenceAttacks).toHaveLength(8);
  expect(attacks.length).toBeGreaterThanOrEqual(38);
  expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length);
  expect(new Set(attacks.map(({ name }) => name)).size).toBe(attacks.length);
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
