import type { CryptoKey } from "jose";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { importJWK } from "jose/key/import";
import { ALGORITHMS, type SigningAlgorithm } from "../keys/algorithms.ts";
import type { PrivateJwk, PublicJwk } from "../keys/jwk.ts";
import type { Agreement, MacKey } from "./platform.ts";

// WebCrypto: for browsers, Workers, Deno and Bun. The same functions as `node.ts`, chosen by the `#crypto` import.

const encoder = new TextEncoder();

/** Base64url without padding. */
export function toBase64url(bytes: Uint8Array): string {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The bytes of base64url, read leniently: the caller compares spellings. */
export function fromBase64url(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** The UTF-8 of a text, for immediate use. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** base64url SHA-256 of bytes, or of a string's UTF-8. */
export async function digest(data: string | Uint8Array): Promise<string> {
  return toBase64url(await sha256(data));
}

/** SHA-256 of bytes, or of a string's UTF-8. */
export async function sha256(data: string | Uint8Array): Promise<Uint8Array> {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** A new private key. */
export async function generatePrivateJwk(algorithm: SigningAlgorithm): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return (await exportJWK(privateKey)) as PrivateJwk;
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
  _crowded?: boolean,
): Promise<boolean> {
  return crypto.subtle.verify(ALGORITHMS[algorithm].web, key, signature, data);
}

export async function signData(algorithm: SigningAlgorithm, key: CryptoKey, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHMS[algorithm].web, key, data));
}

/** Prepares a key for HMAC-SHA256. */
export async function importMacKey(key: Uint8Array): Promise<MacKey> {
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return Object.freeze({
    mac: async (text: string) => toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, utf8(text)))),
  });
}

/** HKDF-SHA256 (RFC 5869). */
export async function hkdf(secret: Uint8Array, salt: Uint8Array, info: string, length: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}

const AES = "AES-GCM";

/** AES-256-GCM: the ciphertext, and the tag after it. */
export async function sealBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  associated: Uint8Array,
): Promise<Uint8Array> {
  const aes = await crypto.subtle.importKey("raw", key, AES, false, ["encrypt"]);
  const parameters = { name: AES, iv: nonce, additionalData: associated };
  return new Uint8Array(await crypto.subtle.encrypt(parameters, aes, plain));
}

/** What `sealBytes` sealed; `undefined` if it was sealed otherwise. */
export async function openBytes(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    const aes = await crypto.subtle.importKey("raw", key, AES, false, ["decrypt"]);
    const parameters = { name: AES, iv: nonce, additionalData: associated };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, aes, sealed));
  } catch {
    return undefined;
  }
}

const X25519 = "X25519";

/** Makes an X25519 key pair (RFC 7748) for one agreement. Rejects where the platform has no X25519. */
export async function createAgreement(): Promise<Agreement> {
  const pair = (await crypto.subtle.generateKey({ name: X25519 }, false, ["deriveBits"])) as {
    publicKey: CryptoKey;
    privateKey: CryptoKey;
  };
  return Object.freeze({
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    async agree(peer: Uint8Array): Promise<Uint8Array | undefined> {
      try {
        const key = await crypto.subtle.importKey("raw", peer, { name: X25519 }, false, []);
        return new Uint8Array(await crypto.subtle.deriveBits({ name: X25519, public: key }, pair.privateKey, 256));
      } catch {
        return undefined;
      }
    },
  });
}
