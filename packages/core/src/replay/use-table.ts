import { decodeBase64url } from "../jose/base64url.ts";

/** Grown beyond this share of its slots, a table is doubled. */
const MAX_LOAD = 0.6;
const WORDS = 4;

/**
 * A set of replay keys that only grows. A key is 128 bits of a SHA-256 in 22 characters, so its own bits spread it over
 * an open-addressing table of 16 bytes a slot. Keys of any other form are kept as the strings they are.
 */
export class UseTable {
  #slots = 1024;
  #table = new Int32Array(this.#slots * WORDS);
  #tabled = 0;
  readonly #others = new Set<string>();

  get size(): number {
    return this.#tabled + this.#others.size;
  }

  has(key: string): boolean {
    const words = toWords(key);
    return words ? this.#occupied(this.#find(words)) : this.#others.has(key);
  }

  add(key: string): void {
    const words = toWords(key);
    if (!words) {
      this.#others.add(flat(key));
      return;
    }
    const slot = this.#find(words);
    if (this.#occupied(slot)) return;
    this.#table.set(words, slot);
    if (++this.#tabled > this.#slots * MAX_LOAD) this.#grow();
  }

  /** The offset of the slot that holds these words, or of the free one where they belong. */
  #find(words: Int32Array): number {
    const table = this.#table;
    const a = words[0] as number;
    const b = words[1] as number;
    const c = words[2] as number;
    const d = words[3] as number;
    const mask = this.#slots - 1;
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = slot * WORDS;
      if (table[at] === a && table[at + 1] === b && table[at + 2] === c && table[at + 3] === d) return at;
      if (!this.#occupied(at)) return at;
    }
  }

  #occupied(at: number): boolean {
    const table = this.#table;
    return table[at] !== 0 || table[at + 1] !== 0 || table[at + 2] !== 0 || table[at + 3] !== 0;
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Int32Array(this.#slots * WORDS);
    for (let at = 0; at < old.length; at += WORDS) {
      const words = old.subarray(at, at + WORDS);
      if (words.some((word) => word !== 0)) this.#table.set(words, this.#find(words));
    }
  }
}

/** The four words of a 22-character key; `undefined` for another form, and for all zeros, which marks a free slot. */
function toWords(key: string): Int32Array | undefined {
  const bytes = key.length === 22 ? decodeBase64url(key) : undefined;
  if (bytes?.length !== 16) return undefined;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, WORDS);
  return words.some((word) => word !== 0) ? words : undefined;
}

/** A copy without the concatenation tree that a built-up string drags along. */
function flat(text: string): string {
  return structuredClone(text);
}
