import { optionError } from "@attest/core";

/** A replay cache that knows how many uses it remembers, as `InMemoryReplayCache` does. */
export interface SizedCache {
  readonly size: number;
}

/** Checks the option `replayCache`. */
export function assertSized(replayCache: SizedCache | undefined): void {
  if (replayCache !== undefined && sizeOf(replayCache) === undefined) {
    throw optionError("replayCache", "must have a size; a cache without one reports by events");
  }
}

/** How many uses a cache remembers; `undefined` if it cannot say, which must not spoil a whole collection of metrics. */
export function sizeOf(replayCache: SizedCache): number | undefined {
  try {
    const { size } = replayCache;
    return typeof size === "number" && Number.isFinite(size) ? size : undefined;
  } catch {
    return undefined;
  }
}
