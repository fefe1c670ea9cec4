import { describe, expect, it } from "vitest";
import { singleCharacterEdits } from "./mutations/single-character-edits.ts";
import { tryAttestationEdits, tryLinkEdits, tryMacProofEdits, tryProofEdits } from "./mutations/try-edits.ts";

// One edit of so many, which meets every position and, over the positions, every character. `pnpm mutations` tries them all.
const EVERY = 13;

describe("every single-character edit", () => {
  it.each<[string, typeof tryAttestationEdits]>([
    ["an attestation", tryAttestationEdits],
    ["a proof", tryProofEdits],
  ])("of %s is refused, for what it is (T16)", async (_, tryEdits) => {
    const { tried, accepted, bySignature, codes } = await tryEdits(EVERY);
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(4000);
    // Strict reading comes first: most edits die before anything costs a signature.
    expect(bySignature).toBeLessThan(tried / 3);
    expect(codes.size).toBeGreaterThan(5);
  });

  it("of a MAC proof is refused (SPEC-19.12, SPEC-19.13, T16)", async () => {
    const { tried, accepted, codes } = await tryMacProofEdits(EVERY);
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(3000);
    expect([...codes.keys()].sort()).toEqual([
      "ERR_PROOF_FORMAT",
      "ERR_PROOF_TIME",
      "ERR_TICKET_MAC",
      "ERR_TICKET_UNKNOWN",
    ]);
  });

  it("of the last link of a chain is refused (SPEC-21.4, T16)", async () => {
    const { tried, accepted, codes, bySignature } = await tryLinkEdits(EVERY);
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(4000);
    expect(bySignature).toBeGreaterThan(300);
    expect(codes.size).toBeGreaterThan(4);
  });

  it("is made once, and is another text", () => {
    const edits = [...singleCharacterEdits("aab.")];
    expect(new Set(edits).size).toBe(edits.length);
    expect(edits).not.toContain("aab.");
    expect(edits).toEqual(expect.arrayContaining(["ab.", "aa.", "aab", "aaab.", "aab..", "aa=.", "\0aab.", "aabé"]));
  });
});
