import { AttestationVerifier, KeyPair } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const request = {
  kind: "message",
  method: "tools/call",
  params: { name: "transfer", arguments: { amount: 1 } },
} as const;

describe("a verifier", () => {
  it("verifies a bound attestation with a proof for the message, once", async () => {
    const authority = await createTestAuthority({ clock: () => 1_800_000_000 });
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    const result = await authority.verifier.verify(attestation, { proof, ...request });
    expect(result).toMatchObject({ outcome: "verified", trustLevel: "provider", profile: "bound" });
    expect(await authority.verifier.verify(attestation, { proof, ...request })).toMatchObject({ code: "ERR_REPLAY" });
  });
  it("bearer", async () => {
    const authority = await createTestAuthority({ clock: () => 1_800_000_000 });
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true });
    const t = await authority.attestBearer();
    expect(await verifier.verify(t)).toMatchObject({ outcome: "verified", profile: "bearer" });
    expect(await verifier.verify(t)).toMatchObject({ code: "ERR_REPLAY" });
    expect(await authority.verifier.verify(t)).toMatchObject({ code: "ERR_BEARER_NOT_ALLOWED" });
  });
});
void KeyPair;
