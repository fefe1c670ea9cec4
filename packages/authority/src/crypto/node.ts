import { constants, createPublicKey, hash as hashOnce, randomFillSync, timingSafeEqual, verify } from "node:crypto";
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

/** The block of SHA-256, to which HMAC pads its key (RFC 2104). */
const BLOCK = 64;

/** Prepares a secret. Two one-shot hashes over the padded key make no object for each tag, as `createHmac` does. */
export function importSecretKey(secret: Uint8Array): SecretKey {
  const key = secret.length > BLOCK ? hashOnce("sha256", secret, "buffer") : secret;
  const [innerPad, outerPad] = [padded(key, 0x36), padded(key, 0x5c)];
  const tag = (text: string): Uint8Array => {
    const inner = hashOnce("sha256", Buffer.concat([innerPad, Buffer.from(text, "utf8")]), "buffer");
    return hashOnce("sha256", Buffer.concat([outerPad, inner]), "buffer");
  };
  return Object.freeze({
    tag,
    isTag(text: string, found: Uint8Array): boolean {
      const expected = tag(text);
      return found.length === expected.length && timingSafeEqual(found, expected);
    },
  });
}

function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK, pad);
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad;
  return block;
}

/** Random bytes that were drawn ahead: a call for a few costs as much as one for many. Each is given out once. */
const drawn = Buffer.alloc(4096);
let given = drawn.length;

/** Fresh random bytes, at most 4096. */
export function randomBytes(length: number): Uint8Array {
  if (given + length > drawn.length) {
    randomFillSync(drawn);
    given = 0;
  }
  given += length;
  return new Uint8Array(drawn.subarray(given - length, given));
}
