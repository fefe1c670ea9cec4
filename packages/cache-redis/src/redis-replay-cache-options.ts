import {
  assertObserver,
  DEFAULT_CLOCK_TOLERANCE,
  DEFAULT_NODE_SKEW,
  type Observer,
  optionError,
  refuseUnknownOptions,
} from "@attest/core";
import type { RedisLike } from "./redis-like.ts";

/** How a cache on Redis stands. Validated and copied at construction. */
export interface RedisReplayCacheOptions {
  /**
   * An ioredis 5 or 6 `Redis` (alone or by Sentinel) or `Cluster`, best one of its own: a connection that does not answer
   * within the deadline is closed and opened anew. It stays yours to close. Its offline queue and resending need no
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
  /** The verifier's `clockTolerance`, in seconds: uses dated further ahead are refused. Default 30, at most 300. */
  readonly clockTolerance?: number;
  /** The verifier's `nodeSkew`, in seconds: how far the clocks of the instances may differ. Default 5, from 1 to 300. */
  readonly nodeSkew?: number;
  readonly observer?: Observer;
}

export type RedisReplayCacheConfiguration = Required<Omit<RedisReplayCacheOptions, "observer">> & {
  readonly observer: Observer | undefined;
};

const KNOWN_OPTIONS: readonly (keyof RedisReplayCacheOptions)[] = [
  "client",
  "keyPrefix",
  "commandTimeoutMs",
  "waitReplicas",
  "clockTolerance",
  "nodeSkew",
  "observer",
];

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure(options: RedisReplayCacheOptions): RedisReplayCacheConfiguration {
  refuseUnknownOptions(options, KNOWN_OPTIONS, "a replay cache on Redis");
  const {
    client,
    keyPrefix = "att:",
    commandTimeoutMs = 1000,
    waitReplicas = 0,
    clockTolerance = DEFAULT_CLOCK_TOLERANCE,
    nodeSkew = DEFAULT_NODE_SKEW,
    observer,
  } = options;
  const members = ["call", "pipeline", "connect", "disconnect", "on", "off"] as const;
  if (typeof client !== "object" || client === null || !members.every((name) => typeof client[name] === "function")) {
    throw optionError("client", "must be a Redis or Cluster of ioredis 5 or 6");
  }
  const { sentinels, failoverDetector } = (client.options ?? {}) as { sentinels?: unknown; failoverDetector?: unknown };
  if (Array.isArray(sentinels) && sentinels.length > 0 && failoverDetector !== true) {
    // Some instances would go on writing to the former primary for ten seconds, and others to the new one.
    throw optionError("client", "must be told of failovers by Sentinel: make it with failoverDetector: true");
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
    clockTolerance: whole("clockTolerance", clockTolerance, 0, 300),
    nodeSkew: whole("nodeSkew", nodeSkew, 1, 300),
    observer,
  });
}

function whole(option: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be a whole number from ${least} to ${most}`);
}
