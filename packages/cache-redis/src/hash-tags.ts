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

/** Which of the 256 a key belongs to: the same on every machine. */
export function tagIndex(key: string): number {
  return crc16(key) % TAGS;
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
