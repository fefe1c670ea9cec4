import { fromBase64url, hkdf, openBytes, sealBytes, toBase64url } from "#crypto";
import { NAMESPACE } from "../wire/names.ts";

/** What a ticket seals: a key and whom it is for. Never an identity, and nothing that was concluded (C6). */
export interface TicketContent {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** The 32 bytes of the RFC 7638 thumbprint of the key that signed the proof. */
  readonly holder: Uint8Array;
  /** SHA-256 of the audience's ASCII. */
  readonly audience: Uint8Array;
  /** Unix seconds. */
  readonly expiresAt: number;
}

const VERSION = 1;
const KEY_ID_BYTES = 8;
const RANDOM_BYTES = 24;
/** All before the ciphertext. */
const HEAD_BYTES = 1 + KEY_ID_BYTES + RANDOM_BYTES;
const CONTENT_BYTES = 32 + 32 + 32 + 8;
const TICKET_BYTES = HEAD_BYTES + CONTENT_BYTES + 16;
/** 204: a multiple of four without remainder, so that each ticket has one spelling. */
const TICKET_LENGTH = (TICKET_BYTES / 3) * 4;

const NO_SALT = new Uint8Array();

/** A ring's secret, with the name that tickets have for it. */
export interface RingSecret {
  readonly secret: Uint8Array;
  readonly id: string;
}

/** Names a ring's secret, without telling it. */
export async function nameRingSecret(secret: Uint8Array): Promise<RingSecret> {
  const id = await hkdf(secret, NO_SALT, `${NAMESPACE}/ticket-id/1`, KEY_ID_BYTES);
  return { secret, id: toBase64url(id) };
}

/**
 * Seals a ticket (SPEC §19).
 *
 * @param random 24 bytes, new for each ticket: with the ring's secret they are its key and nonce.
 */
export async function sealTicket(by: RingSecret, random: Uint8Array, content: TicketContent): Promise<string> {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = VERSION;
  head.set(fromBase64url(by.id), 1);
  head.set(random, 1 + KEY_ID_BYTES);
  const plain = new Uint8Array(CONTENT_BYTES);
  plain.set(content.key, 0);
  plain.set(content.holder, 32);
  plain.set(content.audience, 64);
  new DataView(plain.buffer).setBigUint64(96, BigInt(content.expiresAt));
  const { key, nonce } = await sealingKey(by.secret, random);
  const sealed = await sealBytes(key, nonce, plain, head);
  const ticket = new Uint8Array(TICKET_BYTES);
  ticket.set(head, 0);
  ticket.set(sealed, HEAD_BYTES);
  return toBase64url(ticket);
}

/** Opens a ticket that one of these secrets sealed. @returns `undefined` for every other text. */
export async function openTicket(secrets: readonly RingSecret[], text: string): Promise<TicketContent | undefined> {
  if (text.length !== TICKET_LENGTH) return undefined;
  const ticket = fromBase64url(text);
  if (ticket.length !== TICKET_BYTES || ticket[0] !== VERSION) return undefined;
  const id = toBase64url(ticket.subarray(1, 1 + KEY_ID_BYTES));
  const by = secrets.find((secret) => secret.id === id);
  if (!by) return undefined;
  const { key, nonce } = await sealingKey(by.secret, ticket.subarray(1 + KEY_ID_BYTES, HEAD_BYTES));
  const plain = await openBytes(key, nonce, ticket.subarray(HEAD_BYTES), ticket.subarray(0, HEAD_BYTES));
  if (plain?.length !== CONTENT_BYTES) return undefined;
  const expiresAt = Number(new DataView(plain.buffer, plain.byteOffset).getBigUint64(96));
  return {
    key: plain.slice(0, 32),
    holder: plain.slice(32, 64),
    audience: plain.slice(64, 96),
    expiresAt,
  };
}

async function sealingKey(secret: Uint8Array, random: Uint8Array): Promise<{ key: Uint8Array; nonce: Uint8Array }> {
  const bytes = await hkdf(secret, random, `${NAMESPACE}/ticket-seal/1`, 44);
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
}
