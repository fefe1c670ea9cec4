import { constants, createHmac, createPublicKey, createSecretKey, timingSafeEqual, verify } from "node:crypto";
import { EVIDENCE_ALGORITHMS, type EvidenceAlgorithm, MIN_RSA_BITS } from "./evidence-algorithms.ts";

import type { PlatformJwk, PlatformKey, SecretKey } from "./platform.ts";

// Node's own crypto: synchronous calls on this thread, several times cheaper than WebCrypto's hops to another.

/** Prepares a key for one algorithm. @throws Error if it is not a key, or too short. */
export function importPlatformKey(jwk: PlatformJwk, algorithm: EvidenceAlgorithm): PlatformKey {
  const { hash, pssBytes, signatureBytes } = EVIDENCE_ALGORITHMS[algorithm];
  const key = createPublicKey({ key: { ...jwk }, format: "jwk" });
  const { modulusLength = MIN_RSA_BITS } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS) throw new RangeError(`An RSA key has at least ${MIN_RSA_BITS} bits`);
  const length = signatureBytes ?? Math.ceil(modulusLength / 8);
  const padding = pssBytes === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pssBytes };
  const input = { key, dsaEncoding: "ieee-p1363", ...padding } as const;
  // Ed25519 names no hash: it has its own.
  const name = hash?.replace("-", "").toLowerCase() ?? null;
  return Object.freeze({
    verify: (text: string, signature: Uint8Array) =>
      signature.length === length && verify(name, Buffer.from(text, "latin1"), input, signature),
  });
}

/** Prepares a secret. */
export function importSecretKey(secret: Uint8Array): SecretKey {
  const key = createSecretKey(Uint8Array.from(secret));
  const tag = (text: string): Uint8Array => createHmac("sha256", key).update(text).digest();
  return Object.freeze({
    tag,
    isTag(text: string, found: Uint8Array): boolean {
      const expected = tag(text);
      return found.length === expected.length && timingSafeEqual(found, expected);
    },
  });
}
