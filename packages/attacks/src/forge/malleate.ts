import { decodeBase64url, encodeBase64url } from "@attest/core";

/** The order of Ed25519's base point (RFC 8032 §5.1). */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

/** A token with the other Ed25519 signature S + L, which satisfies the same equation (RFC 8032 §8.4). */
export function malleate(token: string): string {
  const dot = token.lastIndexOf(".");
  const signature = decodeBase64url(token.slice(dot + 1));
  if (signature?.length !== 64) throw new TypeError("The token has no Ed25519 signature");
  let scalar = signature.subarray(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) + ORDER;
  for (let i = 32; i < 64; i++, scalar >>= 8n) signature[i] = Number(scalar & 0xffn);
  return `${token.slice(0, dot)}.${encodeBase64url(signature)}`;
}
