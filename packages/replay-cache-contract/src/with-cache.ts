import type { ReplayCache, ReplayUse } from "@attest/core";
import { answerOf } from "./answer-of.ts";

/** Opens a cache that is ready, hands it over, and closes it. */
export async function withCache(
  open: () => Promise<ReplayCache>,
  body: (cache: ReplayCache, answer: (use: ReplayUse) => Promise<boolean | string>) => Promise<void>,
): Promise<void> {
  const cache = await open();
  try {
    await cache.ready?.();
    await body(cache, (use) => answerOf(cache, use));
  } finally {
    await cache.close?.();
  }
}
