import { fromBase64url, toBase64url } from "#crypto";

/** Encodes bytes as base64url without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  return toBase64url(bytes);
}

/**
 * Decodes base64url, only in its one canonical spelling: no padding, no white space, no other alphabet, no stray bits
 * behind the last byte (T16). Anything else is `undefined`.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const bytes = fromBase64url(text);
  return toBase64url(bytes) === text ? bytes : undefined;
}
