import { AttestationVerifier, createProof, InMemoryReplayCache, KeyPair, type ReplayUse } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const START = 1_800_000_000;
const request = { kind: "message", method: "tools/call" } as const;
const TOLERANCES = [0, 30, 300];
const WINDOWS = [1, 60, 300];

/** A verifier on a clock of its own, which shows what its replay cache is told. */
async function observed(options: { clockTolerance: number; proofWindow: number; nodeSkew: number }) {
  let now = START;
  const authority = await createTestAuthority({ clock: () => now });
  const uses: ReplayUse[] = [];
  const memory = new InMemoryReplayCache();
  const replayCache = {
    scope: "process" as const,
    consume: (use: ReplayUse) => {
      uses.push(use);
      return memory.consume(use);
    },
  };
  const verifier = new AttestationVerifier({
    ...authority.verifierOptions,
    ...options,
    replayCache,
    allowBearer: true,
  });
  return { authority, verifier, uses, at: (time: number) => (now = time) };
}

describe.each(TOLERANCES.flatMap((clockTolerance) => WINDOWS.map((proofWindow) => ({ clockTolerance, proofWindow }))))(
  "with a tolerance of $clockTolerance and a window of $proofWindow",
  ({ clockTolerance, proofWindow }) => {
    const options = { clockTolerance, proofWindow, nodeSkew: 5 };

    it("a proof is remembered until nobody can accept it, by its own time (R4)", async () => {
      const { authority, verifier, uses, at } = await observed(options);
      const attestation = await authority.attest({ lifetime: 3600 });
      const proof = await authority.prove(attestation, request);
      const verify = () => verifier.verify(attestation, { proof, ...request });
      at(START - clockTolerance);
      expect(await verify()).toMatchObject({ outcome: "verified" });
      expect(uses[0]).toMatchObject({ issuedAt: START, expiresAt: START + proofWindow + clockTolerance + 5 });

      const last = START + proofWindow + clockTolerance;
      const edges = [START, START + proofWindow, last, last + 5, last + 20, last + 40].flatMap((edge) => [
        edge - 1,
        edge,
        edge + 1,
      ]);
      for (const time of edges.sort()) {
        at(time);
        const result = await verify();
        expect(result).toMatchObject({
          code: time >= START - clockTolerance && time <= last ? "ERR_REPLAY" : "ERR_PROOF_TIME",
        });
      }
    });

    it("a bearer attestation is remembered until nobody can accept it, by its own time (R4)", async () => {
      const { authority, verifier, uses, at } = await observed(options);
      const token = await authority.attestBearer({ lifetime: 60 });
      const exp = START - 5 + 60;
      expect(await verifier.verify(token)).toMatchObject({ outcome: "verified" });
      expect(uses[0]).toMatchObject({ issuedAt: START - 5, expiresAt: exp + clockTolerance + 5 });
      const end = exp + clockTolerance;
      for (const time of [START, exp, end, end + 5, end + 40].flatMap((edge) => [edge - 1, edge, edge + 1]).sort()) {
        at(time);
        expect(await verifier.verify(token)).toMatchObject({
          code: time < end ? "ERR_REPLAY" : "ERR_ATTESTATION_EXPIRED",
        });
      }
    });
  },
);

it("an agent is one holder by however many keys, and each key one of its own (R7, SPEC-9.5)", async () => {
  const { authority, verifier, uses } = await observed({ clockTolerance: 30, proofWindow: 60, nodeSkew: 5 });
  const present = async (signer: KeyPair, subject?: string) => {
    const attestation = await authority.attest({ confirmationKey: signer.toJwk(), ...(subject && { subject }) });
    const { audience, clock } = authority;
    const proof = await createProof({ attestation, signer, audience, request, clock });
    // Twice, since what is cached must be counted alike.
    await verifier.verify(attestation, { proof, ...request });
    const again = await createProof({ attestation, signer, audience, request, clock });
    await verifier.verify(attestation, { proof: again, ...request });
    return uses.splice(0).map(({ holder, holderKey }) => ({ holder, holderKey }));
  };
  const [one, other] = [await KeyPair.generate(), await KeyPair.generate()];
  const holder = `${authority.issuer} spiffe://example.com/model/example-1`;
  expect(await present(one)).toEqual(Array(2).fill({ holder, holderKey: one.kid }));
  expect(await present(other)).toEqual(Array(2).fill({ holder, holderKey: other.kid }));
  const subject = "spiffe://example.com/model/other";
  expect(await present(one, subject)).toEqual(
    Array(2).fill({ holder: `${authority.issuer} ${subject}`, holderKey: one.kid }),
  );
  await verifier.verify(await authority.attestBearer());
  expect(uses).toEqual([expect.objectContaining({ holder })]);
  expect(uses[0]).not.toHaveProperty("holderKey");
});

describe("instances whose clocks differ", () => {
  const SKEWS = [1, 5, 60];

  it.each(SKEWS)(
    "by up to a nodeSkew of %i s accept one use once, in any order, at any time (R14)",
    async (nodeSkew) => {
      const clocks = { one: START, other: START };
      const authority = await createTestAuthority({ clock: () => START });
      const attestation = await authority.attest({ lifetime: 3600 });
      const proof = await authority.prove(attestation, request);
      // The proof's whole life, and what comes after it, in the steps at which anything can change.
      const times = [-31, -30, -29, 0, 59, 60, 89, 90, 91, 94, 95, 96, 120, 150, 160].map((offset) => START + offset);
      for (const skew of [-nodeSkew, -nodeSkew + 1, -1, 0, 1, nodeSkew - 1, nodeSkew]) {
        for (const first of times) {
          const replayCache = new InMemoryReplayCache();
          const options = { ...authority.verifierOptions, replayCache, nodeSkew };
          const one = new AttestationVerifier({ ...options, clock: () => clocks.one });
          const other = new AttestationVerifier({ ...options, clock: () => clocks.other });
          let accepted = 0;
          for (const time of times.filter((time) => time >= first)) {
            Object.assign(clocks, { one: time, other: time + skew });
            for (const verifier of [one, other]) {
              if ((await verifier.verify(attestation, { proof, ...request })).verified) accepted++;
            }
          }
          expect(accepted).toBeLessThanOrEqual(1);
          if (first >= START && first <= START + 30) expect(accepted).toBe(1);
        }
      }
    },
  );
});
