import { createCipheriv, createHash, hkdfSync } from "node:crypto";

/** What a ticket is sealed over. */
export interface TicketContent {
  readonly key: Uint8Array;
  /** RFC 7638 thumbprint of the key that it is for. */
  readonly thumbprint: string;
  readonly audience: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

const hkdf = (secret: Uint8Array, salt: Uint8Array, info: string, length: number) =>
  Buffer.from(hkdfSync("sha256", secret, salt, info, length));

/** The name that tickets have for a secret of a ring (SPEC §19). */
export function ringId(secret: Uint8Array): Buffer {
  return hkdf(secret, new Uint8Array(), "io.github.attest/ticket-id/1", 8);
}

/** A ticket as a server with this secret in its ring seals it, or as somebody else who pretends to. */
export function sealTicket(secret: Uint8Array, content: TicketContent, id: Uint8Array = ringId(secret)): string {
  const random = crypto.getRandomValues(new Uint8Array(24));
  const head = Buffer.concat([Buffer.from([1]), id, random]);
  const expiry = Buffer.alloc(8);
  expiry.writeBigUInt64BE(BigInt(content.expiresAt));
  const audience = createHash("sha256").update(content.audience).digest();
  const plain = Buffer.concat([content.key, Buffer.from(content.thumbprint, "base64url"), audience, expiry]);
  const sealing = hkdf(secret, random, "io.github.attest/ticket-seal/1", 44);
  const cipher = createCipheriv("aes-256-gcm", sealing.subarray(0, 32), sealing.subarray(32)).setAAD(head);
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString("base64url");
}
