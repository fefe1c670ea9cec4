import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, hash as hashOnce, type KeyObject, sign, verify } from "node:crypto";
import { ALGORITHMS, type SigningAlgorithm } from "../keys/algorithms.ts";
import type { PrivateJwk, PublicJwk } from "../keys/jwk.ts";

// Node's own crypto: prepared `KeyObject`s and synchronous calls, several times cheaper than WebCrypto's promises.

/** r ‖ s, as JOSE has it. */
const IEEE_P1363 = "ieee-p1363" as const;

/** Base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString("base64url");
}

/**
 * The bytes of base64url, read leniently: the caller compares spellings. A view into a shared pool, whose `slice` is one
 * too: copy what is kept or changed.
 */
export function fromBase64url(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/** The UTF-8 of a text, for immediate use: it may be a view into a shared pool. */
export function utf8(text: string): Uint8Array {
  return Buffer.from(text, "utf8");
}

/** base64url SHA-256 of bytes, or of a string's UTF-8. */
export function digest(data: string | Uint8Array): string | Promise<string> {
  return hashOnce("sha256", data, "base64url");
}

/** SHA-256 of bytes, or of a string's UTF-8. */
export function sha256(data: string | Uint8Array): Uint8Array | Promise<Uint8Array> {
  return hashOnce("sha256", data, "buffer");
}

/** A new private key. jose is loaded here: most processes make no keys, and would wait for it at their start. */
export async function generatePrivateJwk(algorithm: SigningAlgorithm): Promise<PrivateJwk> {
  const [{ generateKeyPair }, { exportJWK }] = await Promise.all([
    import("jose/key/generate/keypair"),
    import("jose/key/export"),
  ]);
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return (await exportJWK(privateKey)) as PrivateJwk;
}

export function importPublicKey(jwk: PublicJwk, _algorithm: SigningAlgorithm): KeyObject | Promise<KeyObject> {
  return createPublicKey({ key: { ...jwk }, format: "jwk" });
}

export function importPrivateKey(jwk: PrivateJwk, _algorithm: SigningAlgorithm): KeyObject | Promise<KeyObject> {
  return createPrivateKey({ key: { ...jwk }, format: "jwk" });
}

/**
 * Verifies on this thread, which is cheapest; when `crowded`, on the thread pool, where several run at once and leave the
 * event loop free.
 */
export function verifySignature(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  data: Uint8Array,
  signature: Uint8Array,
  crowded = false,
): boolean | Promise<boolean> {
  const { hash } = ALGORITHMS[algorithm];
  const input = inputOf(hash, key);
  if (!crowded) return verify(hash, data, input, signature);
  return new Promise((resolve) => {
    verify(hash, data, input, signature, (error, valid) => resolve(error === null && valid));
  });
}

export function signData(
  algorithm: SigningAlgorithm,
  key: KeyObject,
  data: Uint8Array,
): Uint8Array | Promise<Uint8Array> {
  const { hash } = ALGORITHMS[algorithm];
  return sign(hash, data, inputOf(hash, key));
}

/** A key as `sign` and `verify` take it: bare where the algorithm says everything, which is cheapest. */
function inputOf(hash: string | null, key: KeyObject): KeyObject | { key: KeyObject; dsaEncoding: typeof IEEE_P1363 } {
  return hash === null ? key : { key, dsaEncoding: IEEE_P1363 };
}
