import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash as hashOnce,
  hkdfSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { ALGORITHMS, type SigningAlgorithm } from "../keys/algorithms.ts";
import type { PrivateJwk, PublicJwk } from "../keys/jwk.ts";
import type { Agreement, MacKey } from "./platform.ts";

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

/** The block of SHA-256, to which HMAC pads its key (RFC 2104). */
const BLOCK = 64;
const SHA256_BYTES = 32;
/** Where texts up to this length are hashed; used within one call only. */
const innerScratch = Buffer.alloc(BLOCK + 8192);
const outerScratch = Buffer.alloc(BLOCK + SHA256_BYTES);

/**
 * Prepares a key of at most 64 bytes for HMAC-SHA256. Two one-shot hashes over the padded key take two thirds of the time of
 * `createHmac`, and are the only crypto on the way of a MAC-proved message.
 */
export function importMacKey(key: Uint8Array): MacKey | Promise<MacKey> {
  const innerPad = padded(key, 0x36);
  const outerPad = padded(key, 0x5c);
  return Object.freeze({
    mac(text: string): string {
      const fits = text.length <= innerScratch.length - BLOCK;
      const block = fits ? innerScratch : Buffer.allocUnsafe(BLOCK + text.length);
      block.set(innerPad);
      const end = BLOCK + block.write(text, BLOCK, "latin1");
      const inner = hashOnce("sha256", block.subarray(0, end), "binary");
      outerScratch.set(outerPad);
      outerScratch.write(inner, BLOCK, "latin1");
      return hashOnce("sha256", outerScratch, "base64url");
    },
  });
}

function padded(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK, pad);
  for (let i = 0; i < key.length; i++) block[i] = (key[i] as number) ^ pad;
  return block;
}

/** HKDF-SHA256 (RFC 5869). */
export function hkdf(
  secret: Uint8Array,
  salt: Uint8Array,
  info: string,
  length: number,
): Uint8Array | Promise<Uint8Array> {
  return new Uint8Array(hkdfSync("sha256", secret, salt, info, length));
}

const AES = "aes-256-gcm";
const TAG_BYTES = 16;

/** AES-256-GCM: the ciphertext, and the tag after it. */
export function sealBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
): Uint8Array | Promise<Uint8Array> {
  const cipher = createCipheriv(AES, key, nonce).setAAD(associated);
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** What `sealBytes` sealed; `undefined` if it was sealed otherwise. */
export function openBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(AES, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const X25519 = { kty: "OKP", crv: "X25519" } as const;
const JWK = { format: "jwk" } as const;

/** Makes an X25519 key pair (RFC 7748) for one agreement. */
export function createAgreement(): Agreement | Promise<Agreement> {
  // Encoded as it is made: Node 20 can wait for itself for ever where a key that was just made is exported and memory is
  // collected meanwhile.
  const { publicKey, privateKey } = generateKeyPairSync("x25519", { publicKeyEncoding: JWK }) as unknown as {
    readonly publicKey: { readonly x: string };
    readonly privateKey: KeyObject;
  };
  return Object.freeze({
    publicKey: fromBase64url(publicKey.x),
    agree(peer: Uint8Array): Uint8Array | undefined {
      try {
        const key = createPublicKey({ key: { ...X25519, x: toBase64url(peer) }, format: "jwk" });
        return diffieHellman({ privateKey, publicKey: key });
      } catch {
        // OpenSSL refuses points of small order.
        return undefined;
      }
    },
  });
}
