import { AttestationVerifier, KeyPair, type VerificationKey, type VerifierOptions } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const NOW = 1_800_000_000;
const request = { kind: "message", method: "tools/call" } as const;

/** A verifier that counts how many attestations' signatures it verifies. */
async function setUp(options: Partial<VerifierOptions> = {}) {
  const authority = await createTestAuthority({ clock: () => NOW });
  let signatures = 0;
  const counting = (key: VerificationKey | undefined) =>
    key && {
      ...key,
      verify: (...args: Parameters<VerificationKey["verify"]>) => {
        signatures++;
        return key.verify(...args);
      },
    };
  const verifier = new AttestationVerifier({
    ...authority.verifierOptions,
    keyResolver: { resolve: async (issuer, kid) => counting(authority.keyResolver.resolve(issuer, kid)) },
    ...options,
  });
  const stranger = await KeyPair.generate();
  const present = async (attestation: string, proof: string) => {
    const before = signatures;
    const result = await verifier.verify(attestation, { proof, ...request });
    return { outcome: "code" in result ? result.code : result.outcome, signatures: signatures - before };
  };
  return {
    authority,
    honest: async (attestation: string) => present(attestation, await authority.prove(attestation, request)),
    /** By somebody who has seen the attestation and does not hold its key. */
    forged: async (attestation: string) => {
      const [head = "", claims = ""] = (await authority.prove(attestation, request)).split(".");
      const signature = await stranger.sign(Buffer.from(`${head}.${claims}`));
      return present(attestation, `${head}.${claims}.${Buffer.from(signature).toString("base64url")}`);
    },
    attestations: (count: number) => Promise.all(Array.from({ length: count }, () => authority.attest())),
  };
}

describe("attestations that are cached", () => {
  it("cost their signature once (SPEC-6.11)", async () => {
    const { authority, honest } = await setUp();
    const attestation = await authority.attest();
    expect(await honest(attestation)).toEqual({ outcome: "verified", signatures: 1 });
    expect(await honest(attestation)).toEqual({ outcome: "verified", signatures: 0 });
  });

  it("are not pushed out by what others present with false proofs (R5, SPEC-6.19)", async () => {
    const { authority, honest, forged, attestations } = await setUp({ maxCachedAttestations: 1 });
    const attestation = await authority.attest();
    await honest(attestation);
    for (const seen of await attestations(300)) expect((await forged(seen)).outcome).toBe("ERR_PROOF_SIGNATURE");
    expect(await honest(attestation)).toEqual({ outcome: "verified", signatures: 0 });
  });

  it("are not pushed out by proofs that were used before (R5, SPEC-6.19)", async () => {
    const { authority, honest, attestations } = await setUp({
      maxCachedAttestations: 1,
      replayCache: { scope: "shared", consume: ({ now }) => now === NOW && first-- > 0 },
    });
    let first = 1;
    const attestation = await authority.attest();
    await honest(attestation);
    for (const seen of await attestations(3)) expect((await honest(seen)).outcome).toBe("ERR_REPLAY");
    first = 1;
    expect(await honest(attestation)).toEqual({ outcome: "verified", signatures: 0 });
  });

  it("make room for others, the oldest first (SPEC-6.19)", async () => {
    const { honest, attestations } = await setUp({ maxCachedAttestations: 2 });
    const [one = "", two = "", three = ""] = await attestations(3);
    for (const attestation of [one, two, three]) expect((await honest(attestation)).signatures).toBe(1);
    expect([(await honest(two)).signatures, (await honest(three)).signatures]).toEqual([0, 0]);
    expect((await honest(one)).signatures).toBe(1);
  });
});

describe("an attestation that comes with false proofs", () => {
  it("costs its signature once, as one that is cached (R5)", async () => {
    const { authority, honest, forged } = await setUp();
    const attestation = await authority.attest();
    expect((await forged(attestation)).signatures).toBe(1);
    for (let i = 0; i < 3; i++) {
      expect(await forged(attestation)).toEqual({ outcome: "ERR_PROOF_SIGNATURE", signatures: 0 });
    }
    expect(await honest(attestation)).toEqual({ outcome: "verified", signatures: 0 });
  });

  it("is one of 256 that are held, the oldest of which makes room", async () => {
    const { forged, attestations } = await setUp();
    const [first = "", ...others] = await attestations(257);
    for (const attestation of [first, ...others.slice(0, 255)]) await forged(attestation);
    expect((await forged(first)).signatures).toBe(0);
    await forged(others.at(-1) ?? "");
    expect((await forged(first)).signatures).toBe(1);
  });
});

it.each([0, 1.5, Number.NaN, 1_000_001, null])("there cannot be %j of them at most (SPEC-1.2)", async (wrong) => {
  await expect(setUp({ maxCachedAttestations: wrong as number })).rejects.toThrow(
    expect.objectContaining({ code: "ERR_OPTION", message: expect.stringMatching(/^maxCachedAttestations /) }),
  );
});
