import { type Clock, systemClock } from "../clock.ts";
import { AttestationError, optionError } from "../errors.ts";
import { callable, type OptionNames, refuseUnknownOptions, wholeNumber } from "../options.ts";
import { assertExpiry } from "./assert-expiry.ts";
import { type HeldTogether, HolderShares } from "./holder-shares.ts";
import type { ReplayCache, ReplayUse } from "./replay-cache.ts";
import { readUseKey, type UseKey } from "./use-key.ts";
import { UseTable } from "./use-table.ts";

/**
 * Width of a bucket in seconds: an entry outlives its expiry by less than this. Wider means more memory kept too long;
 * narrower means more tables to look into.
 */
const BUCKET_SECONDS = 20;

/** How a replay cache in memory is set up. Validated and copied at construction. */
export interface InMemoryReplayCacheOptions {
  /** Live entries held at most; a further use is refused, never an older one forgotten (R7). Default 2,000,000. */
  readonly maxEntries?: number;
  /**
   * The part of them that one agent may fill, above 0 and up to 1. An agent is an issuer and a subject, however many keys
   * it has attested. Of that part, one key may fill the same share: a quarter of all entries by default. Default 0.5.
   */
  readonly maxShare?: number;
  /** Unix seconds; read once, when the cache is made. Give it the verifier's. Default: the machine's. */
  readonly clock?: Clock;
}

/** Uses that expire together, within `BUCKET_SECONDS`. */
const OPTIONS: OptionNames<InMemoryReplayCacheOptions> = { maxEntries: true, maxShare: true, clock: true };

interface Bucket {
  readonly uses: UseTable;
  readonly byAgent: HeldTogether;
  readonly byKey: HeldTogether;
}

/**
 * Remembers uses in this process. Entries are grouped by when they expire and dropped a group at a time, so no call ever
 * sweeps. Memory is 34 to 68 bytes an entry, half as much again while a table grows, and depends on the load, not on
 * `maxEntries`. No agent can choose keys that make it slow (R16).
 *
 * Not for several processes behind one address: each would accept the same use once (R6). See `@attest/cache-redis`.
 *
 * It starts empty, so it refuses what may have been used before it was made: over HTTP, what is dated up to the second in
 * which it was made (R17).
 *
 * @example
 * ```ts
 * import { InMemoryReplayCache } from "@attest/core";
 *
 * const replayCache = new InMemoryReplayCache({ maxEntries: 500_000 });
 * await replayCache.ready(); // before listening: until then it refuses what comes over HTTP
 * ```
 */
export class InMemoryReplayCache implements ReplayCache {
  readonly scope = "process";
  readonly #maxEntries: number;
  /** The whole second in which it was made; `undefined` until the first use where the clock could not tell. */
  #madeAt: number | undefined;
  /** When it was made by the process's own clock, in milliseconds. */
  readonly #began = performance.now();
  readonly #buckets = new Map<number, Bucket>();
  readonly #agents: HolderShares;
  readonly #keys: HolderShares;
  #size = 0;
  /** Everything that expires at or before this time is forgotten. */
  #horizon = Number.NEGATIVE_INFINITY;

  /**
   * A memory of uses for one process. Several processes with one each would each accept the same use once (R6).
   *
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options: InMemoryReplayCacheOptions = {}) {
    refuseUnknownOptions(options, OPTIONS, "a replay cache");
    const { maxEntries = 2_000_000, maxShare = 0.5, clock = systemClock } = options;
    wholeNumber("maxEntries", maxEntries, 1, Number.MAX_SAFE_INTEGER);
    if (!(maxShare > 0 && maxShare <= 1)) throw optionError("maxShare", "must be above 0 and at most 1");
    callable("clock", clock);
    this.#maxEntries = maxEntries;
    this.#agents = new HolderShares(Math.max(1, Math.floor(maxEntries * maxShare)));
    this.#keys = new HolderShares(Math.max(1, Math.floor(maxEntries * maxShare ** 2)));
    this.#madeAt = read(clock);
  }

  /**
   * Resolves once the second in which it was made has passed, a second after that at most: until then it refuses honest
   * uses over HTTP too, since it cannot tell them from earlier ones (R17).
   */
  async ready(): Promise<void> {
    const left = 1000 - (performance.now() - this.#began);
    if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
  }

  /** Entries held, those about to be dropped included. */
  get size(): number {
    return this.#size;
  }

  /** @inheritdoc */
  consume(use: ReplayUse): boolean {
    assertExpiry(use);
    this.#dropExpired(use.now);
    this.#agents.release();
    this.#keys.release();
    this.#assertRemembered(use);
    const index = Math.ceil(use.expiresAt / BUCKET_SECONDS);
    const found = this.#buckets.get(index);
    const key = readUseKey(use.key);
    const agent = use.holder === undefined ? undefined : this.#agents.of(use.holder, found?.byAgent);
    const agentKey = use.holderKey === undefined ? undefined : this.#keys.of(use.holderKey, found?.byKey);
    if (this.#size >= this.#maxEntries || !this.#agents.hasRoom(agent) || !this.#keys.hasRoom(agentKey)) {
      // A repetition is reported as one even when there is no room.
      if (found?.uses.has(key) || this.#isElsewhere(key, found)) return false;
      this.#refuse();
    }
    if (this.#isElsewhere(key, found)) return false;
    const bucket = found ?? this.#newBucket(index);
    if (!bucket.uses.add(key)) return false;
    if (!found) this.#buckets.set(index, bucket);
    this.#size++;
    this.#agents.add(agent, bucket.byAgent);
    this.#keys.add(agentKey, bucket.byKey);
    return true;
  }

  /** With room for as many as expire just before: while the load stays as it is, no table grows. */
  #newBucket(index: number): Bucket {
    const before = this.#buckets.get(index - 1)?.uses.size ?? 0;
    return { uses: new UseTable(before), byAgent: new Map(), byKey: new Map() };
  }

  /** Refuses what may have been used when this cache did not exist yet, or what it may have forgotten. */
  #assertRemembered({ now, notBefore, expiresAt }: ReplayUse): void {
    this.#madeAt ??= now;
    if (notBefore !== undefined && !(notBefore > this.#madeAt)) {
      throw new AttestationError("ERR_REPLAY_BEFORE_START", "The use may have been made before this process started");
    }
    if (expiresAt <= this.#horizon) {
      // The clock went back to before what was dropped: whether this use was part of it cannot be known.
      throw new AttestationError(
        "ERR_REPLAY_CACHE_UNAVAILABLE",
        "The clock went back; uses from that time are forgotten",
      );
    }
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
      "One agent has used up its share of the replay cache (maxShare)",
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
      this.#agents.expire(bucket.byAgent);
      this.#keys.expire(bucket.byKey);
    }
  }
}

/** Whole seconds; `undefined` where the clock returns no time, as that of some platforms while modules are loaded. */
function read(clock: Clock): number | undefined {
  try {
    const now = Math.floor(clock());
    return Number.isSafeInteger(now) && now > 0 ? now : undefined;
  } catch {
    return undefined;
  }
}
