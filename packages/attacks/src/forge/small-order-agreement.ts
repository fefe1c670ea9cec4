import { encodeBase64url } from "@attest/core";

/** Little-endian, as RFC 7748 has them. */
function point(hex: string): string {
  return encodeBase64url(Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
}

/** X25519 public keys of small order, in base64url: with each the shared secret is all zero, whatever the other's key. */
export const SMALL_ORDER_AGREEMENT_KEYS: Readonly<Record<string, string>> = {
  "of order 4": point("00".repeat(32)),
  "of order 1": point(`01${"00".repeat(31)}`),
  "of order 8": point("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
  "another of order 8": point("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
  "of order 2": point(`ec${"ff".repeat(30)}7f`),
  "of order 4, not reduced": point(`ed${"ff".repeat(30)}7f`),
  "of order 1, not reduced": point(`ee${"ff".repeat(30)}7f`),
};
