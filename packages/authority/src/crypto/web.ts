import { EVIDENCE_ALGORITHMS, type EvidenceAlgorithm, MIN_RSA_BITS } from "./evidence-algorithms.ts";

import type { PlatformJwk, PlatformKey, SecretKey } from "./platform.ts";

// WebCrypto, for where there is nothing else. The same functions as `node.ts`, chosen by the `#crypto` import.

const encoder = new TextEncoder();

/** Prepares a key for one algorithm. @throws Error if it is not a key, or too short. */
export async function importPlatformKey(jwk: PlatformJwk, algorithm: EvidenceAlgorithm): Promise<PlatformKey> {
  const { web, hash, pssBytes, signatureBytes } = EVIDENCE_ALGORITHMS[algorithm];
  const parameters = {
    ...web,
    ...(hash !== null && { hash }),
    ...(pssBytes !== undefined && { saltLength: pssBytes }),
  };
  const key = await crypto.subtle.importKey("jwk", { ...jwk }, parameters, false, ["verify"]);
  const { modulusLength = MIN_RSA_BITS } = key.algorithm as { modulusLength?: number };
  if (modulusLength < MIN_RSA_BITS) throw new RangeError(`An RSA key has at least ${MIN_RSA_BITS} bits`);
  const length = signatureBytes ?? Math.ceil(modulusLength / 8);
  return Object.freeze({
    verify: async (text: string, signature: Uint8Array) =>
      signature.length === length &&
      crypto.subtle.verify(parameters, key, new Uint8Array(signature), encoder.encode(text)),
  });
}

/** Prepares a secret. */
export async function importSecretKey(secret: Uint8Array): Promise<SecretKey> {
  const parameters = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new Uint8Array(secret), parameters, false, ["sign", "verify"]);
  return Object.freeze({
    tag: async (text: string) => new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))),
    isTag: (text: string, tag: Uint8Array) =>
      crypto.subtle.verify("HMAC", key, new Uint8Array(tag), encoder.encode(text)),
  });
}

/** Fresh random bytes, at most 4096. */
export function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}
