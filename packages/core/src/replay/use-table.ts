/** Grown beyond this share of its slots, a table is doubled. */
const MAX_LOAD = 0.6;
const WORDS = 4;
/** The tag of a slot that holds nothing. */
const FREE = 0;

/** A replay key as a table holds it: the 128 bits that a verifier's keys are, or a key of any other form as it is. */
export type UseKey = Int32Array | string;

/**
 * A set of replay keys that only grows. A verifier's keys are bits of a SHA-256, so they spread themselves over an
 * open-addressing table of 16 bytes a slot. One more byte a slot tells whether it is taken and, mostly, that it is another
 * key's: most keys are looked for in tables that do not hold them, and this finds that out within the processor's caches.
 */
export class UseTable {
  #keys = new Int32Array(1024 * WORDS);
  #tags = new Uint8Array(1024);
  #tabled = 0;
  readonly #others = new Set<string>();

  get size(): number {
    return this.#tabled + this.#others.size;
  }

  has(key: UseKey): boolean {
    return typeof key === "string" ? this.#others.has(key) : this.#tags[this.#find(key)] !== FREE;
  }

  /** Adds a key; `false` if it is there already. */
  add(key: UseKey): boolean {
    if (typeof key === "string") return !this.#others.has(key) && Boolean(this.#others.add(key));
    const slot = this.#find(key);
    if (this.#tags[slot] !== FREE) return false;
    this.#put(slot, key);
    if (++this.#tabled > this.#tags.length * MAX_LOAD) this.#grow();
    return true;
  }

  /** The slot that holds a key, or the free one where it belongs. */
  #find(key: Int32Array): number {
    const tags = this.#tags;
    const tag = tagOf(key);
    const mask = tags.length - 1;
    for (let slot = (key[0] as number) & mask; ; slot = (slot + 1) & mask) {
      if (tags[slot] === FREE || (tags[slot] === tag && this.#holds(slot, key))) return slot;
    }
  }

  #holds(slot: number, key: Int32Array): boolean {
    const keys = this.#keys;
    const at = slot * WORDS;
    return keys[at] === key[0] && keys[at + 1] === key[1] && keys[at + 2] === key[2] && keys[at + 3] === key[3];
  }

  #put(slot: number, key: Int32Array): void {
    this.#tags[slot] = tagOf(key);
    for (let i = 0; i < WORDS; i++) this.#keys[slot * WORDS + i] = key[i] as number;
  }

  #grow(): void {
    const [keys, tags] = [this.#keys, this.#tags];
    this.#keys = new Int32Array(keys.length * 2);
    this.#tags = new Uint8Array(tags.length * 2);
    const key = new Int32Array(WORDS);
    for (let slot = 0; slot < tags.length; slot++) {
      if (tags[slot] === FREE) continue;
      for (let i = 0; i < WORDS; i++) key[i] = keys[slot * WORDS + i] as number;
      this.#put(this.#find(key), key);
    }
  }
}

/** Bits of a key that its slot does not depend on; never `FREE`. */
function tagOf(key: Int32Array): number {
  return (key[3] as number) & 0xff || 1;
}

const NOT_IN_ALPHABET = 64;
const VALUES = new Uint8Array(128).fill(NOT_IN_ALPHABET);
for (const [value, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) {
  VALUES[char.charCodeAt(0)] = value;
}

/** Reused by every call: allocating it would cost more than the look-up. */
const words = new Int32Array(WORDS);
const bytes = new Uint8Array(words.buffer);

/** The bits of a key in the form of a verifier's, good until the next call; or the key itself. */
export function readUseKey(key: string): UseKey {
  if (key.length !== 22) return flat(key);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let i = 0; i < 22; i++) {
    const value = VALUES[key.charCodeAt(i)] ?? NOT_IN_ALPHABET;
    if (value === NOT_IN_ALPHABET) return flat(key);
    bits = (bits << 6) | value;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = bits >> held;
    bits &= (1 << held) - 1;
  }
  // Four bits are left over; a key that uses them is not the base64url of 128 bits.
  return bits === 0 ? words : flat(key);
}

/** A copy without the concatenation tree that a built-up string drags along. */
function flat(text: string): string {
  return structuredClone(text);
}
