import { assertObserver, type Observer, type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import type { RedisLike } from "./redis-like.ts";

/** How a cache on Redis stands. Validated and copied at construction. */
export interface RedisReplayCacheOptions {
  /**
   * An ioredis 5 or 6 `Redis` (alone or by Sentinel) or `Cluster`, best one of its own: a connection that does not answer
   * within the deadline is closed and opened again. It stays yours to close. Its offline queue and resending need no
   * setting; its `retryStrategy` decides how fast it comes back. By Sentinel it must have `failoverDetector: true`.
   */
  readonly client: RedisLike;
  /** What every key begins with. Visible ASCII without braces, 1 to 64 characters; more than 4 cost memory. Default `att:`. */
  readonly keyPrefix?: string;
  /** How long one command may take, in whole milliseconds from 1 to 5000. Default 1000. */
  readonly commandTimeoutMs?: number;
  /**
   * Replicas that must have acknowledged a use before it is accepted (`WAIT`), 0 to 16. With one or more, a promoted
   * replica is taken to know every accepted use, and a failover is not a loss. Default 0: a failover is a loss.
   */
  readonly waitReplicas?: number;
  /**
   * On a Cluster: a secret of 16 to 64 bytes that decides which node keeps a use, the same for all instances. Without it an
   * agent can choose uses that all go to one primary, and fill that one's memory as many times sooner as there are
   * primaries (R16). Instances with another secret, or none, are refused. Change it together with `keyPrefix`, and stop all
   * instances for as long as a use lives. Default: none.
   */
  readonly hashTagKey?: Uint8Array;
  /** Notified when the cache fails, recovers, or has lost what it remembered. Default: nobody. */
  readonly observer?: Observer;
}

export type RedisReplayCacheConfiguration = Required<Omit<RedisReplayCacheOptions, "observer" | "hashTagKey">> & {
  readonly hashTagKey: Uint8Array | undefined;
  readonly observer: Observer | undefined;
};

const OPTIONS: OptionNames<RedisReplayCacheOptions> = {
  client: true,
  keyPrefix: true,
  commandTimeoutMs: true,
  waitReplicas: true,
  hashTagKey: true,
  observer: true,
};

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure(options: RedisReplayCacheOptions): RedisReplayCacheConfiguration {
  refuseUnknownOptions(options, OPTIONS, "a replay cache on Redis");
  const { client, keyPrefix = "att:", commandTimeoutMs = 1000, waitReplicas = 0, hashTagKey, observer } = options;
  const members = ["call", "pipeline", "connect", "disconnect", "on", "off"] as const;
  if (typeof client !== "object" || client === null || !members.every((name) => typeof client[name] === "function")) {
    throw optionError("client", "must be a Redis or Cluster of ioredis 5 or 6");
  }
  const { sentinels, failoverDetector } = (client.options ?? {}) as { sentinels?: unknown; failoverDetector?: unknown };
  if (Array.isArray(sentinels) && sentinels.length > 0 && failoverDetector !== true) {
    // Some instances would go on writing to the former primary for ten seconds, and others to the new one.
    throw optionError("client", "must hear of failovers from Sentinel: make it with failoverDetector: true");
  }
  // Braces would move the hash tag, and with it the entries away from their marker.
  if (typeof keyPrefix !== "string" || !/^[\x21-\x7e]{1,64}$/.test(keyPrefix) || /[{}]/.test(keyPrefix)) {
    throw optionError("keyPrefix", "must be 1 to 64 visible ASCII characters other than braces");
  }
  assertObserver(observer);
  return Object.freeze({
    client,
    keyPrefix,
    commandTimeoutMs: whole("commandTimeoutMs", commandTimeoutMs, 1, 5000),
    waitReplicas: whole("waitReplicas", waitReplicas, 0, 16),
    hashTagKey: configureHashTagKey(hashTagKey, client),
    observer,
  });
}

function configureHashTagKey(key: Uint8Array | undefined, client: RedisLike): Uint8Array | undefined {
  if (key === undefined) return undefined;
  if (!(key instanceof Uint8Array) || key.length < 16 || key.length > 64) {
    throw optionError("hashTagKey", "must be 16 to 64 random bytes");
  }
  if (!client.isCluster) throw optionError("hashTagKey", "is of use on a Cluster only");
  return Uint8Array.from(key);
}

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be a whole number from ${least} to ${most}`);
}
