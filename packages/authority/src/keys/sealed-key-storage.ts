import { AttestationError, decodeBase64url, encodeBase64url, optionError } from "@attest/core";
import type { KeyStorage } from "@attest/jwks";
import type { CryptoKey } from "jose";

/** Names the form of the sealed text, and authenticates it. */
const FORM = "io.github.attest/sealed-keys/1";
const NONCE_BYTES = 12;

/**
 * Another storage whose text is encrypted with a secret (AES-256-GCM), so that a copy of the storage alone, a backup say, signs
 * nothing. Keep the secret elsewhere than the storage. A process that has both has the keys.
 *
 * A key store writes a few times a month, so random nonces do not repeat.
 *
 * @param inner Where the sealed text is kept.
 * @param secret 32 random bytes or more, the same for every process.
 * @throws AttestationError `ERR_OPTION`; from the storage
 * `ERR_KEY_SOURCE_UNAVAILABLE` for a text that was sealed with another secret, or changed.
 */
export function sealedKeyStorage(inner: KeyStorage, secret: Uint8Array): KeyStorage {
  if (typeof inner?.read !== "function" || typeof inner.replace !== "function") {
    throw optionError("storage", "must have the functions read and replace");
  }
  if (!(secret instanceof Uint8Array) || secret.length < 32)
    throw optionError("secret", "must be at least 32 random bytes");
  const key = deriveKey(Uint8Array.from(secret));
  /** The last text as it is stored, which replacing compares, and what it means. */
  let last: { readonly sealed: string; readonly text: string } | undefined;
  return {
    async read() {
      const sealed = await inner.read();
      if (sealed === undefined) return undefined;
      if (last?.sealed !== sealed) last = { sealed, text: await open(await key, sealed) };
      return last.text;
    },
    async replace(previous, next) {
      // What was not read as it now is was changed by another process.
      if (previous !== undefined && previous !== last?.text) return false;
      const sealed = await seal(await key, next);
      const done = await inner.replace(previous === undefined ? undefined : last?.sealed, sealed);
      if (done) last = { sealed, text: next };
      return done;
    },
  };
}

async function deriveKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: new TextEncoder().encode(FORM) };
  return crypto.subtle.deriveKey(derivation, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

const parameters = (iv: Uint8Array<ArrayBuffer>) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(FORM),
});

async function seal(key: CryptoKey, text: string): Promise<string> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parameters(nonce), key, new TextEncoder().encode(text));
  const bytes = Uint8Array.from([...nonce, ...new Uint8Array(sealed)]);
  return JSON.stringify({ form: FORM, sealed: encodeBase64url(bytes) });
}

async function open(key: CryptoKey, text: string): Promise<string> {
  try {
    const { form, sealed } = JSON.parse(text) as { form?: unknown; sealed?: unknown };
    const bytes = form === FORM && typeof sealed === "string" ? decodeBase64url(sealed) : undefined;
    if (!bytes) throw new Error();
    const own = Uint8Array.from(bytes);
    const opened = await crypto.subtle.decrypt(parameters(own.slice(0, NONCE_BYTES)), key, own.slice(NONCE_BYTES));
    return new TextDecoder("utf-8", { fatal: true }).decode(opened);
  } catch {
    const message = "The stored keys are not sealed with this secret, or were changed";
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", message);
  }
}
