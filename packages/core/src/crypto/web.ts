import type { CryptoKey } from "jose";
import { importJWK } from "jose/key/import";
import type { PrivateJwk, PublicJwk, SigningAlgorithm } from "../keys/jwk.ts";

// WebCrypto: for browsers, Workers, Deno and Bun. The same functions as `node.ts`, chosen by the `#crypto` import.

const PARAMETERS = { Ed25519: { name: "Ed25519" }, ES256: { name: "ECDSA", hash: "SHA-256" } } as const;
const encoder = new TextEncoder();

/** SHA-256 of bytes, or of a string's UTF-8. */
export async function sha256(data: string | Uint8Array): Promise<Uint8Array> {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export async function importPublicKey(jwk: PublicJwk, algorithm: SigningAlgorithm): Promise<CryptoKey> {
  return (await importJWK({ ...jwk }, algorithm)) as CryptoKey;
}

export async function importPrivateKey(jwk: PrivateJwk, algorithm: SigningAlgorithm): Promise<CryptoKey> {
  return (await importJWK({ ...jwk, ext: false }, algorithm)) as CryptoKey;
}

export function verifySignature(
  algorithm: SigningAlgorithm,
  key: CryptoKey,
  data: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return crypto.subtle.verify(PARAMETERS[algorithm], key, signature, data);
}

export async function signData(algorithm: SigningAlgorithm, key: CryptoKey, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(PARAMETERS[algorithm], key, data));
}
