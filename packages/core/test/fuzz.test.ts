import { describe, expect, it } from "vitest";
import { FUZZ_EXECUTIONS, FUZZ_SEED } from "./fuzz/amount.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { readReferenceJson } from "./fuzz/reference-json.ts";

describe("what a peer can send", () => {
  it("throws nothing untyped, and is accepted only if a plain strict decoder accepts it (T10, T12, T17, SPEC-19.12, SPEC-21.4)", {
    timeout: 120_000,
  }, async () => {
    const report = await fuzz(FUZZ_SEED, ({ executions }) => executions >= FUZZ_EXECUTIONS);
    expect(report.failures).toEqual([]);
    expect(report.executions).toBe(FUZZ_EXECUTIONS);
    // A run in which nothing is accepted would compare nothing.
    expect(report.verified).toBeGreaterThan(100);
    expect(report.verifiedMacs).toBeGreaterThan(50);
    expect(report.verifiedChains).toBeGreaterThan(50);
    expect(report.agreed).toBeGreaterThan(500);
  });
});

describe("the plain strict decoder", () => {
  const read = (text: string | Uint8Array) => readReferenceJson(Buffer.from(text as string), 16);

  it("reads JSON", () => {
    const value = read(' {"a":[1,-0.5e1,true,false,null,"\\u00e9\\ud83d\\ude00é😀"],"":{}} ');
    expect(value).toEqual(
      new Map<string, unknown>([
        ["a", [1, -5, true, false, null, "é😀é😀"]],
        ["", new Map()],
      ]),
    );
  });

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"\\u0061":1}',
    "\ufeff{}",
    "01",
    "1.",
    "+1",
    "[1,]",
    '{"a":1,}',
    '"\\ud800"',
    '"\n"',
    "{} {}",
    "",
    "nul",
    `${"[".repeat(17)}${"]".repeat(17)}`,
  ])("refuses %j", (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([[[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0x80]], [[0xe2, 0x82]], [[0xf4, 0x90, 0x80, 0x80]]])(
    "refuses the bytes %j in a text",
    (bytes) => {
      expect(read(Buffer.from([0x22, ...bytes, 0x22]))).toBeUndefined();
    },
  );
});
