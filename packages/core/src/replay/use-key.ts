import { type HashedWords, hashedWords, keyedHash } from "./keyed-hash.ts";

/** Words of a replay key's 128 bits. */
export const KEY_WORDS = 4;

/** A verifier's replay key: its 128 bits, and what decides where a table keeps it. */
export interface HashedKey {
  /** The first four are the key. */
  readonly words: HashedWords;
  hash: number;
}

/** A replay key as a table takes it: in the form that verifiers give it, or a key of any other form as it is. */
export type UseKey = HashedKey | string;

/** What each UTF-16 code unit stands for in base64url; −1 for what it does not use. */
const VALUES = new Int8Array(0x10000).fill(-1);
for (const [value, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) {
  VALUES[char.charCodeAt(0)] = value;
}

/** Reused by every call: allocating it would cost more than the look-up. */
const read: HashedKey = { words: hashedWords(), hash: 0 };

/** Reads a key. What is returned for one in the form of a verifier's holds until the next call. */
export function readUseKey(key: string): UseKey {
  if (key.length !== 22) return flat(key);
  const a = fourOf(key, 0);
  const b = fourOf(key, 4);
  const c = fourOf(key, 8);
  const d = fourOf(key, 12);
  const e = fourOf(key, 16);
  const last = (valueAt(key, 20) << 6) | valueAt(key, 21);
  // Of the last 12 bits four are left over; a key that uses them is not the base64url of 128 bits.
  if ((a | b | c | d | e | last) < 0 || (last & 0b1111) !== 0) return flat(key);
  const { words } = read;
  words[0] = (a << 8) | (b >> 16);
  words[1] = (b << 16) | (c >> 8);
  words[2] = (c << 24) | d;
  words[3] = (e << 8) | (last >> 4);
  read.hash = keyedHash(words);
  return read;
}

/** The 24 bits of four characters; negative if one of them is not of base64url. */
function fourOf(key: string, at: number): number {
  return (valueAt(key, at) << 18) | (valueAt(key, at + 1) << 12) | (valueAt(key, at + 2) << 6) | valueAt(key, at + 3);
}

function valueAt(key: string, at: number): number {
  return VALUES[key.charCodeAt(at)] as number;
}

/** A copy without the concatenation tree that a built-up string drags along. */
function flat(text: string): string {
  return structuredClone(text);
}
