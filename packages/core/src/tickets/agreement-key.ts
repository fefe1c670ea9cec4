import { decodeBase64url } from "../jose/base64url.ts";

/**
 * The bytes of an X25519 public key as it travels: canonical base64url of 32 bytes, the highest bit clear, so that one key has
 * one spelling. `undefined` for anything else.
 */
export function readAgreementKey(text: unknown): Uint8Array | undefined {
  const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : undefined;
  return bytes?.length === 32 && (bytes[31] as number) < 0x80 ? bytes : undefined;
}
