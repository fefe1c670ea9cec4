import { AttestationError, type AttestationErrorCode, wireReason } from "@attest/core";
import { describe, expect, it } from "vitest";

describe("what a peer is told", () => {
  it.each<AttestationErrorCode>(["ERR_REPLAY", "ERR_CLOCK"])("is the reason of the code %s", (code) => {
    expect(wireReason(code)).toBe(new AttestationError(code, "").reason);
  });

  it.each<AttestationErrorCode>(["ERR_OPTION", "ERR_ALREADY_ATTESTED"])(
    "of a mistake on our own side, %s, is that we cannot say, and nothing against the peer",
    (code) => {
      expect(new AttestationError(code, "").reason).toBeUndefined();
      expect(wireReason(code)).toBe("attestation_unavailable");
    },
  );
});
