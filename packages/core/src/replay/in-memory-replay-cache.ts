import { AttestationError, optionError } from "../errors.ts";
import { assertExpiry } from "./assert-expiry.ts";
import type { ReplayCache, ReplayUse } from "./replay-cache.ts";
import { UseTable } from "./use-table.ts";

/** Width of a bucket in seconds: an entry outlives its expiry by less than this. */
const BUCKET_SECONDS = 5;

interface Bucket {
  readonly uses: UseTable;
  readonly byHolder: Map<string, number>;
}

/**
 * Remembers uses in this process. Entries are grouped by when they expire and dropped a group at a time, so no call ever
 * sweeps. Memory is about 32 bytes an entry, and grows with the load, not with `maxEntries`.
 *
 * Not for several processes behind one address: each would accept the same use once (R6). See `@attest/cache-redis`.
 */
export class InMemoryReplayCache implements ReplayCache {
  readonly scope = "process";
  readonly #maxEntries: number;
  readonly #maxPerHolder: number;
  readonly #buckets = new Map<number, Bucket>();
  readonly #byHolder = new Map<string, number>();
  #size = 0;
  /** Everything that expires at or before this time is forgotten. */
  #horizon = Number.NEGATIVE_INFINITY;

  /**
   * @param options.maxEntries Live entries held at most; a further use is refused, never an older one forgotten (R7).
   * Default 2,000,000. @param options.maxShare The part of them that one holder may fill, above 0 and up to 1. Default 0.5.
   * @throws AttestationError `ERR_OPTION`.
   */
  constructor(options: { maxEntries?: number; maxShare?: number } = {}) {
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
    const bucket = this.#buckets.get(index);
    if (bucket?.uses.has(use.key)) return false;
    this.#assertRoom(use.holder);
    this.#record(use, index, bucket);
    return true;
  }

  #assertRoom(holder: string | undefined): void {
    if (this.#size >= this.#maxEntries) {
      throw new AttestationError("ERR_REPLAY_CACHE_FULL", "The replay cache is full of live entries (maxEntries)");
    }
    if (holder !== undefined && (this.#byHolder.get(holder) ?? 0) >= this.#maxPerHolder) {
      throw new AttestationError(
        "ERR_REPLAY_CACHE_FULL",
        "One holder has used up its share of the replay cache (maxShare)",
      );
    }
  }

  #record({ key, holder }: ReplayUse, index: number, found: Bucket | undefined): void {
    const bucket = found ?? { uses: new UseTable(), byHolder: new Map() };
    if (!found) this.#buckets.set(index, bucket);
    bucket.uses.add(key);
    this.#size++;
    if (holder !== undefined) {
      bucket.byHolder.set(holder, (bucket.byHolder.get(holder) ?? 0) + 1);
      this.#byHolder.set(holder, (this.#byHolder.get(holder) ?? 0) + 1);
    }
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
        const rest = (this.#byHolder.get(holder) ?? 0) - count;
        if (rest > 0) this.#byHolder.set(holder, rest);
        else this.#byHolder.delete(holder);
      }
    }
  }
}
