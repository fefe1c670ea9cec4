import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import type { PrivateJwk, PublicJwk, SigningAlgorithm } from "../keys/jwk.ts";

// Node's own crypto: prepared `KeyObject`s and synchronous calls, several times cheaper than WebCrypto's promises.

/** SHA-256 of bytes, or of a string's UTF-8. */
export function sha256(data: string | Uint8Array): Uint8Array | Promise<Uint8Array> {
  return hash("sha256", data, "buffer");
}

export function importPublicKey(jwk: PublicJwk, _algorithm: SigningAlgorithm): KeyObject | Promise<KeyObject> {
  return createPublicKey({ key: { ...jwk }, format: "jwk" });
}

export function importPrivateKey(jwk: PrivateJwk, _algorithm: SigningAlgorithm): KeyObject | Promise<KeyObject> {
  return createPrivateKey({ key: { ...jwk }, format: "jwk" });
}

export function verifySignature(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
): boolean | Promise<boolean> {
  return algorithm === "Ed25519"
    ? verify(null, data, key, signature)
    : verify("sha256", data, { key, dsaEncoding: "ieee-p1363" }, signature);
}

export function signData(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  data: Uint8Array,
): Uint8Array | Promise<Uint8Array> {
  return algorithm === "Ed25519" ? sign(null, data, key) : sign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
}
