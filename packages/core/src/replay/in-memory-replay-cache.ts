import { AttestationError, optionError } from "../errors.ts";
import { refuseUnknownOptions } from "../options.ts";
import { assertExpiry } from "./assert-expiry.ts";
import type { ReplayCache, ReplayUse } from "./replay-cache.ts";
import { readUseKey, type UseKey, UseTable } from "./use-table.ts";

/**
 * Width of a bucket in seconds: an entry outlives its expiry by less than this. Wider means more memory kept too long and
 * greater tables to double; narrower means more tables to look into.
 */
const BUCKET_SECONDS = 20;

/** One holder's live entries. */
interface Holder {
  readonly name: string;
  held: number;
}

interface Bucket {
  readonly uses: UseTable;
  readonly byHolder: Map<Holder, number>;
}

/**
 * Remembers uses in this process. Entries are grouped by when they expire and dropped a group at a time, so no call ever
 * sweeps. Memory is 28 to 57 bytes an entry, as tables double, and grows with the load, not with `maxEntries`.
 *
 * Not for several processes behind one address: each would accept the same use once (R6). See `@attest/cache-redis`.
 */
export class InMemoryReplayCache implements ReplayCache {
  readonly scope = "process";
  readonly #maxEntries: number;
  readonly #maxPerHolder: number;
  readonly #buckets = new Map<number, Bucket>();
  readonly #holders = new Map<string, Holder>();
  #size = 0;
  /** Everything that expires at or before this time is forgotten. */
  #horizon = Number.NEGATIVE_INFINITY;

  /**
   * @param options.maxEntries Live entries held at most; a further use is refused, never an older one forgotten (R7).
   * Default 2,000,000. @param options.maxShare The part of them that one holder may fill, above 0 and up to 1. Default 0.5.
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options: { maxEntries?: number; maxShare?: number } = {}) {
    refuseUnknownOptions(options, ["maxEntries", "maxShare"], "a replay cache");
    const { maxEntries = 2_000_000, maxShare = 0.5 } = options;
    if (!Number.isSafeInteger(maxEntries) || maxEntries < 1)
      throw optionError("maxEntries", "must be a positive integer");
    if (!(maxShare > 0 && maxShare <= 1)) throw optionError("maxShare", "must be above 0 and at most 1");
    this.#maxEntries = maxEntries;
    this.#maxPerHolder = Math.max(1, Math.floor(maxEntries * maxShare));
  }

  /** Entries held, those about to be dropped included. */
  get size(): number {
    return this.#size;
  }

  consume(use: ReplayUse): boolean {
    assertExpiry(use);
    this.#dropExpired(use.now);
    if (use.expiresAt <= this.#horizon) {
      // The clock went back behind what was dropped by its word: whether this use was among it cannot be known.
      throw new AttestationError(
        "ERR_REPLAY_CACHE_UNAVAILABLE",
        "The clock went back; uses from that time are forgotten",
      );
    }
    const index = Math.ceil(use.expiresAt / BUCKET_SECONDS);
    const found = this.#buckets.get(index);
    const key = readUseKey(use.key);
    const holder = use.holder === undefined ? undefined : this.#holderOf(use.holder);
    if (this.#size >= this.#maxEntries || (holder && holder.held >= this.#maxPerHolder)) {
      // A repetition is told as one even when there is no room.
      if (found?.uses.has(key) || this.#isElsewhere(key, found)) return false;
      this.#refuse();
    }
    if (this.#isElsewhere(key, found)) return false;
    const bucket = found ?? { uses: new UseTable(), byHolder: new Map<Holder, number>() };
    if (!bucket.uses.add(key)) return false;
    if (!found) this.#buckets.set(index, bucket);
    this.#size++;
    if (holder) {
      bucket.byHolder.set(holder, (bucket.byHolder.get(holder) ?? 0) + 1);
      if (holder.held++ === 0) this.#holders.set(holder.name, holder);
    }
    return true;
  }

  /** Who holds this share; known from then on only if a use of theirs is recorded. */
  #holderOf(name: string): Holder {
    return this.#holders.get(name) ?? { name, held: 0 };
  }

  /** A key is used once, even if its uses claim to expire at different times. */
  #isElsewhere(key: UseKey, own: Bucket | undefined): boolean {
    for (const bucket of this.#buckets.values()) {
      if (bucket !== own && bucket.uses.has(key)) return true;
    }
    return false;
  }

  #refuse(): never {
    if (this.#size >= this.#maxEntries) {
      throw new AttestationError("ERR_REPLAY_CACHE_FULL", "The replay cache is full of live entries (maxEntries)");
    }
    throw new AttestationError(
      "ERR_REPLAY_CACHE_FULL",
      "One holder has used up its share of the replay cache (maxShare)",
    );
  }

  #dropExpired(now: number): void {
    const end = Math.floor(now / BUCKET_SECONDS) * BUCKET_SECONDS;
    if (end <= this.#horizon) return;
    this.#horizon = end;
    for (const [index, bucket] of this.#buckets) {
      if (index * BUCKET_SECONDS > end) continue;
      this.#buckets.delete(index);
      this.#size -= bucket.uses.size;
      for (const [holder, count] of bucket.byHolder) {
        holder.held -= count;
        if (holder.held === 0) this.#holders.delete(holder.name);
      }
    }
  }
}
