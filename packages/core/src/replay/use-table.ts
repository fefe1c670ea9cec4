/** Grown beyond this share of its slots, a table is doubled. */
const MAX_LOAD = 0.6;
const WORDS = 4;

/** A replay key as a table holds it: the 128 bits that a verifier's keys are, or a key of any other form as it is. */
export type UseKey = Int32Array | string;

/**
 * A set of replay keys that only grows. A verifier's keys are bits of a SHA-256, so they spread themselves over an
 * open-addressing table of 16 bytes a slot.
 */
export class UseTable {
  #table = new Int32Array(1024 * WORDS);
  #tabled = 0;
  readonly #others = new Set<string>();

  get size(): number {
    return this.#tabled + this.#others.size;
  }

  has(key: UseKey): boolean {
    return typeof key === "string" ? this.#others.has(key) : isOccupied(this.#table, find(this.#table, key));
  }

  /** Adds a key; `false` if it is there already. */
  add(key: UseKey): boolean {
    if (typeof key === "string") return !this.#others.has(key) && Boolean(this.#others.add(key));
    const at = find(this.#table, key);
    if (isOccupied(this.#table, at)) return false;
    this.#table.set(key, at);
    if (++this.#tabled > (this.#table.length / WORDS) * MAX_LOAD) this.#grow();
    return true;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    const key = new Int32Array(WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      if (!isOccupied(old, at)) continue;
      for (let i = 0; i < WORDS; i++) key[i] = old[at + i] as number;
      this.#table.set(key, find(this.#table, key));
    }
  }
}

/** The offset of the slot that holds a key, or of the free one where it belongs. */
function find(table: Int32Array, key: Int32Array): number {
  const a = key[0] as number;
  const b = key[1] as number;
  const c = key[2] as number;
  const d = key[3] as number;
  const mask = table.length / WORDS - 1;
  for (let slot = a & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return at;
    if (!isOccupied(table, at)) return at;
  }
}

/** All zeros mark a free slot. */
function isOccupied(table: Int32Array, at: number): boolean {
  return table[at] !== 0 || table[at + 1] !== 0 || table[at + 2] !== 0 || table[at + 3] !== 0;
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
  return bits === 0 && isOccupied(words, 0) ? words : flat(key);
}

/** A copy without the concatenation tree that a built-up string drags along. */
function flat(text: string): string {
  return structuredClone(text);
}
