import { createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import type { PublicJwk } from "@attest/core";
import type { Variant } from "./measure.ts";

/**
 * The signatures of attestations and nothing else: the base that verifications are compared with. Each time another one,
 * as they come in life; a processor that sees the same one again has learnt its course and takes some percent less.
 */
export function rawVerification(attestations: readonly string[], jwk: PublicJwk): Variant {
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  const signed = attestations.map((attestation) => {
    const end = attestation.lastIndexOf(".");
    return {
      data: Buffer.from(attestation.slice(0, end)),
      signature: Buffer.from(attestation.slice(end + 1), "base64url"),
    };
  });
  let next = 0;
  return {
    name: "crypto.verify, synchronous, prepared key",
    run(count) {
      for (let i = 0; i < count; i++) {
        const { data, signature } = signed[next++ % signed.length] as (typeof signed)[number];
        if (!verify(null, data, key, signature)) throw new Error("A signature did not verify");
      }
    },
  };
}

/** Signing as many bytes and nothing else: the base that minting is compared with. */
export function rawSigning(attestations: readonly string[]): Variant {
  const { privateKey } = generateKeyPairSync("ed25519");
  const texts = attestations.map((attestation) => Buffer.from(attestation));
  let next = 0;
  return {
    name: "crypto.sign, synchronous, prepared key",
    run(count) {
      for (let i = 0; i < count; i++) sign(null, texts[next++ % texts.length] as Buffer, privateKey);
    },
  };
}
