import { createHmac } from "node:crypto";

/** A part of a Cluster's key space that lives on one node: entries and their marker share its hash tag. */
export interface HashTag {
  /** With its braces; empty outside of a Cluster. */
  readonly text: string;
  readonly slot: number;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SLOTS = 16_384;
const TAGS = 256;

/**
 * 256 tags of two characters whose slots lie evenly over a Cluster, one in every 64: each node then holds its share,
 * where tags taken as they come would load one of 16 nodes with up to twice it.
 */
export function clusterTags(): readonly HashTag[] {
  const tags: HashTag[] = [];
  const width = SLOTS / TAGS;
  for (const first of ALPHABET) {
    for (const second of ALPHABET) {
      const slot = crc16(first + second) % SLOTS;
      tags[Math.floor(slot / width)] ??= { text: `{${first}${second}}`, slot };
    }
  }
  return tags;
}

/**
 * Chooses one of the 256 tags for each key, the same on every machine that has the same secret.
 *
 * Without a secret an agent can choose too: one in 256 keys has the tag that it wants, and it can try as many keys as it
 * likes before it signs. Its own uses then all go to one primary, and fill that one's memory as many times sooner as there
 * are primaries (R16).
 */
export class TagChoice {
  /** Says which secret it is, and nothing about it; empty without one. Lies in the markers, where instances compare it. */
  readonly name: string;
  readonly #secret: Uint8Array | undefined;

  constructor(secret: Uint8Array | undefined) {
    this.#secret = secret;
    this.name = secret
      ? createHmac("sha256", secret).update("io.github.attest/hash-tags").digest("hex").slice(0, 16)
      : "";
  }

  indexOf(key: string): number {
    if (!this.#secret) return crc16(key) % TAGS;
    return createHmac("sha256", this.#secret).update(key).digest()[0] as number;
  }
}

const TABLE = new Uint16Array(256).map((_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value & 0x8000 ? 0x1021 : 0);
  return value;
});

/** CRC-16/XMODEM, which Redis Cluster assigns slots by; of text of one byte a character. */
function crc16(text: string): number {
  let crc = 0;
  for (let i = 0; i < text.length; i++) {
    crc = ((crc << 8) ^ (TABLE[(crc >> 8) ^ (text.charCodeAt(i) & 0xff)] as number)) & 0xffff;
  }
  return crc;
}
