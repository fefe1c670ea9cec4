import {
  type AttestationError,
  type AttestationErrorCode,
  assertExpiry,
  notify,
  type ReplayCache,
  type ReplayUse,
} from "@attest/core";
import { Connection } from "./connection.ts";
import { LossWatch, type Section } from "./loss-watch.ts";
import { nonce } from "./nonce.ts";
import { redisError, redisFailure } from "./redis-failure.ts";
import {
  configure,
  type RedisReplayCacheConfiguration,
  type RedisReplayCacheOptions,
} from "./redis-replay-cache-options.ts";
import { readServerFacts } from "./server-facts.ts";

/** How a cache on Redis is, for a health endpoint. */
export interface RedisReplayCacheHealth {
  /** Whether a fresh use would be answered now. */
  readonly healthy: boolean;
  /** The client's own word for its connection: `ready`, `reconnecting`, … */
  readonly connection: string;
  /** What stands in the way. Absent where it is healthy. */
  readonly code?: AttestationErrorCode;
  /** The same in words, for the operator. */
  readonly problem?: string;
  /** How long the slowest primary took to answer. */
  readonly latencyMs?: number;
  /** `used_memory` of the fullest primary, in bytes. */
  readonly usedMemory?: number;
  /** `maxmemory` of the same, in bytes; 0 means no limit. */
  readonly maxMemory?: number;
  /** Uses issued up to this time (Unix seconds) are refused, because Redis lost its memory. */
  readonly quarantinedUntil?: number;
}

/**
 * Remembers uses in Redis, for any number of processes (R6): one atomic `SET key nonce PX ttl NX GET` for each.
 *
 * It fails closed and recovers by itself. Whenever it cannot tell whether a use is the first it throws, typed; it never
 * answers from what it merely assumes (R15). When Redis lost its memory, uses issued before the loss are refused until
 * they expire; what is left is the time until the loss is noticed, at most 250 ms and one command (R9).
 *
 * @example
 * ```ts
 * import { RedisReplayCache } from "@attest/cache-redis";
 * import { Redis } from "ioredis";
 *
 * const replayCache = new RedisReplayCache({ client: new Redis("redis://127.0.0.1:6379") });
 * await replayCache.ready(); // rejects with what is wrong: evicting, too old, out of reach
 * ```
 */
export class RedisReplayCache implements ReplayCache {
  readonly scope = "shared";
  readonly #configuration: RedisReplayCacheConfiguration;
  readonly #connection: Connection;
  readonly #watch: LossWatch;
  #failing = false;
  /** The greatest `clockTolerance` and `nodeSkew` of a use so far, together: how long a quarantine lasts. */
  #margin = 0;

  /** @throws AttestationError `ERR_OPTION`, naming the option. */
  constructor(options: RedisReplayCacheOptions) {
    const configuration = configure(options);
    const { client, commandTimeoutMs, keyPrefix, waitReplicas, hashTagKey, observer } = configuration;
    this.#configuration = configuration;
    this.#connection = new Connection(client, commandTimeoutMs);
    this.#watch = new LossWatch(this.#connection, {
      prefix: keyPrefix,
      cluster: client.isCluster,
      hashTagKey,
      runMayChange: waitReplicas > 0,
      observer,
    });
  }

  /**
   * Connects, checks every primary (Redis ≥ 7, `noeviction`) and makes the markers. Without it, the first uses do this.
   *
   * @throws AttestationError `ERR_REPLAY_CACHE_UNAVAILABLE`, saying what is wrong.
   */
  async ready(): Promise<void> {
    try {
      await this.#connection.opened();
      await Promise.all(this.#watch.sections.map((section) => this.#watch.verify(section)));
    } catch (error) {
      throw redisFailure(error);
    }
  }

  /** @inheritdoc */
  async consume(use: ReplayUse): Promise<boolean> {
    assertExpiry(use);
    this.#assertUse(use);
    const section = this.#watch.sectionOf(use.key);
    try {
      if (!this.#watch.isVerified(section)) await this.#watch.assure(section, use.now);
      this.#assertRemembered(section, use);
      // A call that finds its own nonce wrote it itself, and lost the reply (R11).
      const own = nonce();
      const found = await this.#record(section, use, own);
      const first = found === null || String(found) === own;
      if (first) {
        if (!this.#watch.isFresh(section)) await this.#watch.confirm(section, use.now);
        this.#assertRemembered(section, use);
      }
      if (this.#failing) this.#recover();
      return first;
    } catch (error) {
      throw error instanceof QuarantineError ? error.refusal : this.#fail(section, error);
    }
  }

  /** Asks every primary how it is. Never throws. */
  async health(): Promise<RedisReplayCacheHealth> {
    const { status: connection, primaries } = this.#connection;
    const { latestLoss: lossTime } = this.#watch;
    const quarantine = lossTime > 0 ? { quarantinedUntil: lossTime + this.#margin } : {};
    const begun = performance.now();
    try {
      const facts = await Promise.all(
        primaries.map(async (node) => {
          const sections = ["memory", "stats"].map((name) => this.#connection.ask(node, "info", [name]));
          return readServerFacts((await Promise.all(sections)).join("\r\n"));
        }),
      );
      const share = ({ usedMemory, maxMemory }: { usedMemory: number; maxMemory: number }) =>
        maxMemory > 0 ? usedMemory / maxMemory : 0;
      const fullest = facts.reduce((most, one) => (share(one) > share(most) ? one : most));
      const { usedMemory, maxMemory } = fullest;
      const latencyMs = performance.now() - begun;
      return { healthy: share(fullest) < 1, connection, latencyMs, usedMemory, maxMemory, ...quarantine };
    } catch (error) {
      const { code, message } = redisFailure(error);
      return { healthy: false, connection, code, problem: message, ...quarantine };
    }
  }

  /** Lets go of the client, which stays open: it is yours. */
  async close(): Promise<void> {
    this.#connection.close();
  }

  #assertUse({ key, now, issuedAt, clockTolerance, nodeSkew }: ReplayUse): void {
    if (typeof key !== "string" || key.length === 0) throw redisError("A use needs a key");
    if (!Number.isSafeInteger(issuedAt)) throw redisError("A use needs the safe-integer time it was issued at");
    if (!(clockTolerance >= 0 && nodeSkew >= 0)) throw redisError("A use needs clockTolerance and nodeSkew");
    // Accepted, it could outlive a quarantine that allows for less.
    if (issuedAt > now + clockTolerance) throw redisError("A use is dated further ahead than its clockTolerance");
    this.#margin = Math.max(this.#margin, clockTolerance + nodeSkew);
  }

  /** Refuses what was issued so early that its first use may be among what Redis lost (R9). */
  #assertRemembered({ lossTime }: Section, { issuedAt, clockTolerance, nodeSkew }: ReplayUse): void {
    if (lossTime > 0 && issuedAt <= lossTime + clockTolerance + nodeSkew) throw new QuarantineError();
  }

  /** One round trip, atomic (R3). Resolves with the nonce that was there, or null. */
  #record({ tag }: Section, { key, now, expiresAt }: ReplayUse, own: string): Promise<unknown> {
    const { keyPrefix, waitReplicas } = this.#configuration;
    // Relative, so that the clocks of Redis and of the verifiers need not agree; a second more, because those clocks are
    // read in whole seconds and may differ by `nodeSkew` and a fraction (R14).
    const args = [keyPrefix + tag.text + key, own, "PX", (expiresAt - now + 1) * 1000, "NX", "GET"];
    return waitReplicas === 0 ? this.#connection.send("set", args) : this.#recordOnReplicas(args);
  }

  async #recordOnReplicas(args: (string | number)[]): Promise<unknown> {
    const { waitReplicas, commandTimeoutMs } = this.#configuration;
    const [found, acknowledged] = await this.#connection.sendTogether([
      ["set", ...args],
      // Shorter than the deadline: too few replicas are an answer, no reason to doubt the connection.
      ["wait", waitReplicas, Math.ceil(commandTimeoutMs / 2)],
    ]);
    if (Number(acknowledged) >= waitReplicas) return found;
    throw redisError(`Fewer than ${waitReplicas} replicas acknowledged a use (waitReplicas)`);
  }

  #fail(section: Section, error: unknown): AttestationError {
    // A server that failed is checked again before it is trusted.
    section.generation = -1;
    const failure = redisFailure(error);
    if (!this.#failing) {
      this.#failing = true;
      notify(this.#configuration.observer, { type: "replay-cache", state: "failed", code: failure.code });
    }
    return failure;
  }

  #recover(): void {
    this.#failing = false;
    notify(this.#configuration.observer, { type: "replay-cache", state: "recovered" });
  }
}

/** Redis is well and the use is refused all the same: no failure of the cache. */
class QuarantineError extends Error {
  readonly refusal: AttestationError = redisError(
    "Redis lost its memory, and a proof issued before may have been used already",
  );
}
