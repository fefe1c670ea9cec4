import { type AttestationContext, AttestationVerifier } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const NOW = 1_800_000_000;
const CALL = { kind: "message", method: "tools/call" } as const;
const OTHER = "https://other.example/mcp";
const setUp = () => createTestAuthority({ clock: () => NOW });

describe("a verifier with several names", () => {
  const twoNames = async () => {
    const authority = await setUp();
    const verifier = new AttestationVerifier({
      ...authority.verifierOptions,
      audience: [authority.audience, OTHER],
      allowBearer: true,
    });
    return { authority, verifier };
  };

  it("accepts a proof for each of them where the message is not for one in particular (SPEC-6.13)", async () => {
    const { authority, verifier } = await twoNames();
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, CALL);
    expect(await verifier.verify(attestation, { ...CALL, proof })).toMatchObject({ verified: true });
  });

  it("refuses a proof for one of them where the message came to another (M5, SPEC-6.13)", async () => {
    const { authority, verifier } = await twoNames();
    const attestation = await authority.attest();
    const at = async (audience: string) => {
      const proof = await authority.prove(attestation, CALL);
      return verifier.verify(attestation, { ...CALL, proof, audience });
    };
    expect(await at(OTHER)).toMatchObject({ code: "ERR_PROOF_AUDIENCE" });
    expect(await at(authority.audience)).toMatchObject({ verified: true });
    // The attestation is cached by now, and that must not make a difference.
    expect(await at(OTHER)).toMatchObject({ code: "ERR_PROOF_AUDIENCE" });
    expect(await at("https://nowhere.example")).toMatchObject({ code: "ERR_PROOF_AUDIENCE" });
  });

  it("refuses a bearer attestation for one of them where the message came to another (M5, SPEC-6.9)", async () => {
    const { authority, verifier } = await twoNames();
    const present = async (audience: string) =>
      verifier.verify(await authority.attestBearer(), { kind: "message", method: "initialize", audience });
    expect(await present(OTHER)).toMatchObject({ code: "ERR_ATTESTATION_AUDIENCE" });
    expect(await present(authority.audience)).toMatchObject({ verified: true });
  });
});

describe("an identity that a bearer attestation established", () => {
  const opened = async (options: { isRevoked?: () => boolean } = {}) => {
    const authority = await setUp();
    const time = { now: NOW };
    const verifier = new AttestationVerifier({
      ...authority.verifierOptions,
      ...options,
      allowBearer: true,
      clock: () => time.now,
    });
    const result = await verifier.verify(await authority.attestBearer(), { kind: "message", method: "initialize" });
    if (!result.verified) throw new Error(result.outcome);
    return { authority, verifier, identity: result, time };
  };

  it("still stands while nothing has changed, also after the attestation's own end (SPEC-4.7)", async () => {
    const { verifier, identity, time } = await opened();
    time.now = identity.expiresAt + 1000;
    expect(await verifier.recheck(identity)).toBeUndefined();
  });

  it("ends with a revocation (T21, SPEC-6.10)", async () => {
    let revoked = false;
    const { verifier, identity } = await opened({ isRevoked: () => revoked });
    expect(await verifier.recheck(identity)).toBeUndefined();
    revoked = true;
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_REVOKED" });
  });

  it("ends with its issuer's key (T21, SPEC-6.11)", async () => {
    const { authority, verifier, identity } = await opened();
    authority.keyResolver.removeKey(authority.issuer, authority.authorityKey.kid);
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_KEY_NOT_FOUND" });
  });

  it("does not stand where the revocation source cannot say, or the clock (SPEC-5.4, SPEC-6.18)", async () => {
    let broken = false;
    const { verifier, identity, time } = await opened({
      isRevoked: () => {
        if (broken) throw new Error("down");
        return false;
      },
    });
    broken = true;
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_REVOCATION_UNAVAILABLE" });
    time.now = Number.NaN;
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_CLOCK" });
  });

  it("is one that this verifier established, and no copy of it (M3)", async () => {
    const { verifier, identity } = await opened();
    const copy = { ...identity } as AttestationContext;
    expect(await verifier.recheck(copy)).toMatchObject({ code: "ERR_INTERNAL" });
  });
});
