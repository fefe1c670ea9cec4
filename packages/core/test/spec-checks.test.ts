import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VECTOR_FILES } from "./vectors/vector.ts";

// The table of SPEC §6 against the vectors, which the verifier agrees with.

const FOREIGN = ["foreign.json", "nested.json", "delegations.json", "statuses.json", "tickets.json"];

interface Check {
  readonly codes: readonly string[];
  readonly reason: string;
  readonly passes: boolean;
}

const checks = tableOf(readFileSync(new URL("../../../SPEC.md", import.meta.url), "utf8"));
const expected = VECTOR_FILES.filter(({ name }) => !FOREIGN.includes(name)).flatMap(({ vectors }) =>
  vectors.flatMap(({ presentations }) => presentations.map(({ expected }) => expected)),
);

describe("the table of checks (SPEC-6.1)", () => {
  it("has a row for every code that a vector expects, with the reason that it expects (SPEC-7.1)", () => {
    const failures = expected.filter(({ code }) => code !== undefined);
    expect(failures.length).toBeGreaterThan(900);
    for (const { code, reason } of failures) {
      const rows = checks.filter(({ codes }) => codes.includes(code as string));
      expect(rows.map((row) => `${code}: ${row.reason}`)).toContain(`${code}: ${reason}`);
    }
  });

  it("marks exactly what passes unverified where attestation is not required (SPEC-5.2)", () => {
    const passing = expected.filter(({ outcome }) => outcome === "unassessed").map(({ code }) => code as string);
    const marked = checks.filter(({ passes }) => passes).flatMap(({ codes }) => codes);
    // Only foreign formats are not allowed; their vectors show it.
    expect(new Set([...passing, "ERR_FORMAT_NOT_ALLOWED"])).toEqual(new Set(marked));
  });

  it("has no check that no vector fails", () => {
    const shown = new Set(VECTOR_FILES.flatMap(({ vectors }) => vectors).flatMap(codesOf));
    const missing = new Set(checks.flatMap(({ codes }) => codes).filter((code) => !shown.has(code)));
    expect(missing).toEqual(new Set());
  });
});

function codesOf({ presentations }: (typeof VECTOR_FILES)[number]["vectors"][number]): string[] {
  return presentations.map(({ expected: { code } }) => code as string);
}

function tableOf(specification: string): Check[] {
  const [, table = ""] = /<!-- checks:begin -->\n(.*?)<!-- checks:end -->/s.exec(specification) ?? [];
  const rows = table.split("\n").filter((line) => /^\| \d/.test(line));
  expect(rows.length).toBeGreaterThan(50);
  return rows.map((row) => {
    const [, , , , codes = "", reason = "", mark] = row.split("|").map((cell) => cell.trim());
    return {
      codes: codes.split(", ").map((code) => `ERR_${code}`),
      reason: `attestation_${reason}`,
      passes: mark === "?",
    };
  });
}
