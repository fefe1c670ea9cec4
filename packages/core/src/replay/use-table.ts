import { hashedWords, keyedHash } from "./keyed-hash.ts";
import { type HashedKey, KEY_WORDS, type UseKey } from "./use-key.ts";

/** When more than this share of its slots is taken, a table is followed by one of twice as many. */
const MAX_LOAD = 0.5;
/** Slots of the former table that each added key moves, so that it is empty long before the new one is full. */
const SLOTS_MOVED = 8;
/** Slots whose keys lie in one array. It is made with the first of them, so that a large table costs no use much. */
const CHUNK_BITS = 13;
const LEAST_SLOTS = 1024;
const CHUNK_SLOTS = 1 << CHUNK_BITS;
/** The tag of a slot that holds nothing. */
const FREE = 0;

/**
 * A set of replay keys that only grows. Keys lie in an open-addressing table of 16 bytes a slot, where `keyedHash` puts
 * them. One more byte a slot shows whether it is taken and, mostly, that it holds another key: most keys are looked for in
 * tables that do not hold them, and this finds that out within the processor's caches.
 *
 * No operation takes long, whichever keys an agent chose (R16): a full table is followed by a larger one, and each key that is
 * added moves the keys of `SLOTS_MOVED` slots there.
 */
export class UseTable {
  #slots: Slots;
  /** The table before, while keys are still moved out of it. */
  #former: Slots | undefined;
  #moved = 0;
  #tabled = 0;
  readonly #others = new Set<string>();

  /** @param expected Keys that it is likely to hold. */
  constructor(expected: number) {
    let count = LEAST_SLOTS;
    while (count * MAX_LOAD < expected) count *= 2;
    this.#slots = new Slots(count);
  }

  get size(): number {
    return this.#tabled + this.#others.size;
  }

  has(key: UseKey): boolean {
    if (typeof key === "string") return this.#others.has(key);
    return this.#slots.find(key) < 0 || this.#isInFormer(key);
  }

  /** Adds a key; `false` if it is there already. */
  add(key: UseKey): boolean {
    if (typeof key === "string") return !this.#others.has(key) && Boolean(this.#others.add(key));
    const free = this.#slots.find(key);
    if (free < 0 || this.#isInFormer(key)) return false;
    this.#slots.put(free, key);
    if (this.#former) this.#move(this.#former);
    if (++this.#tabled > this.#slots.count * MAX_LOAD) {
      this.#former = this.#slots;
      this.#moved = 0;
      this.#slots = new Slots(this.#slots.count * 2);
    }
    return true;
  }

  #isInFormer(key: HashedKey): boolean {
    return this.#former !== undefined && this.#former.find(key) < 0;
  }

  #move(former: Slots): void {
    const end = this.#moved + SLOTS_MOVED;
    for (; this.#moved < end; this.#moved++) former.copy(this.#moved, this.#slots);
    if (end >= former.count) this.#former = undefined;
  }
}

/** Reused by every move. */
const moving: HashedKey = { words: hashedWords(), hash: 0 };

class Slots {
  /** A power of two, at least `CHUNK_SLOTS`. */
  readonly count: number;
  readonly #tags: Uint8Array;
  readonly #chunks: (Int32Array | undefined)[];

  constructor(count: number) {
    this.count = count;
    this.#tags = new Uint8Array(count);
    this.#chunks = new Array<Int32Array | undefined>(Math.ceil(count / CHUNK_SLOTS));
  }

  /** The free slot where a key belongs; −1 if the key is there. */
  find({ hash, words }: HashedKey): number {
    const tags = this.#tags;
    const tag = tagOf(hash);
    const mask = this.count - 1;
    // Steps of 1, 2, 3, … visit every slot of a power of two, and leave a run of taken slots, which steps of 1 would lengthen.
    for (let slot = hash & mask, step = 1; ; slot = (slot + step++) & mask) {
      const found = tags[slot];
      if (found === FREE) return slot;
      if (found === tag && this.#holds(slot, words)) return -1;
    }
  }

  put(slot: number, { hash, words }: HashedKey): void {
    this.#tags[slot] = tagOf(hash);
    const keys = this.#chunk(slot);
    for (let i = 0; i < KEY_WORDS; i++) keys[keyAt(slot) + i] = words[i] as number;
  }

  /** Puts the key of one slot, if it holds one, into other slots too. */
  copy(slot: number, others: Slots): void {
    if (this.#tags[slot] === FREE) return;
    const keys = this.#chunk(slot);
    for (let i = 0; i < KEY_WORDS; i++) moving.words[i] = keys[keyAt(slot) + i] as number;
    moving.hash = keyedHash(moving.words);
    others.put(others.find(moving), moving);
  }

  #chunk(slot: number): Int32Array {
    const index = slot >> CHUNK_BITS;
    this.#chunks[index] ??= new Int32Array(Math.min(this.count, CHUNK_SLOTS) * KEY_WORDS);
    return this.#chunks[index] as Int32Array;
  }

  #holds(slot: number, words: Int32Array): boolean {
    const keys = this.#chunk(slot);
    const at = keyAt(slot);
    return keys[at] === words[0] && keys[at + 1] === words[1] && keys[at + 2] === words[2] && keys[at + 3] === words[3];
  }
}

/** Where in its chunk the key of a slot begins. */
function keyAt(slot: number): number {
  return (slot & (CHUNK_SLOTS - 1)) * KEY_WORDS;
}

/** The upper bits of a hash, whose lower ones decide the slot; never `FREE`. */
function tagOf(hash: number): number {
  return hash >>> 24 || 1;
}
