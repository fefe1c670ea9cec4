import { AttestationVerifier, type ProofRequest } from "@attest/core";
import { asReceived, filledCache, type Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 1000;
const ROUNDS = 11;

/** A tool call of about 1.2 KB in 28 members. */
const request: ProofRequest = {
  kind: "message",
  method: "tools/call",
  params: {
    name: "search",
    arguments: Object.fromEntries(Array.from({ length: 28 }, (_, i) => [`member${i}`, "x".repeat(26) + i])),
  },
};

/** Verifying the proof of a request whose attestation is remembered, and making attestations and proofs. */
export async function measureRequests(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, rawVerification, rawSigning, attestation } = material;
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, replayCache: filledCache(0) });
  const prove = async () => asReceived(await authority.prove(attestation, request));
  let proofs: string[] = [];
  const verifying: Variant[] = [
    rawVerification,
    {
      name: "ours, a request with proof, attestation remembered",
      async prepare(count) {
        proofs = await Promise.all(Array.from({ length: count }, prove));
      },
      async run(count) {
        for (let i = 0; i < count; i++) {
          const result = await verifier.verify(attestation, { proof: proofs.pop(), ...request });
          if (!result.verified) throw new Error("An honest proof was refused");
        }
      },
    },
  ];
  const minting: Variant[] = [
    rawSigning,
    {
      name: "ours, minting a bearer attestation",
      async run(count) {
        for (let i = 0; i < count; i++) await authority.attestBearer();
      },
    },
    {
      name: "ours, minting a bound attestation",
      async run(count) {
        for (let i = 0; i < count; i++) await authority.attest();
      },
    },
    {
      name: "ours, making a proof for a message of 1.2 KB",
      async run(count) {
        for (let i = 0; i < count; i++) await authority.prove(attestation, request);
      },
    },
  ];
  const verified = await compare(verifying, { rounds: ROUNDS, count: COUNT });
  const minted = await compare(minting, { rounds: ROUNDS, count: COUNT });
  return {
    costs: [...verified, ...minted],
    rows: [
      {
        path: "request with proof, attestation remembered, vs raw verify (CPU)",
        unit: "ratio",
        measured: verified[1]?.cpuRatio ?? Number.NaN,
        must: 0.8,
        aim: 0.87,
        limit: 1,
        better: "greater",
      },
      {
        path: "mint vs raw sign (CPU)",
        unit: "ratio",
        measured: minted[1]?.cpuRatio ?? Number.NaN,
        must: 0.65,
        aim: 0.72,
        limit: 1,
        better: "greater",
      },
    ],
  };
}
