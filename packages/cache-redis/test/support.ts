import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { AttestationEvent, ReplayCache, ReplayUse } from "@attest/core";
import type { Redis } from "ioredis";

export const NOW = 1_800_000_000;
/** The default `clockTolerance` and `nodeSkew`: how far beyond a loss uses are refused. */
export const MARGIN = 35;

export function freshUse(overrides: Partial<ReplayUse> = {}): ReplayUse {
  const { now = NOW } = overrides;
  return {
    key: randomBytes(16).toString("base64url"),
    now,
    issuedAt: now,
    expiresAt: now + 95,
    clockTolerance: 30,
    nodeSkew: 5,
    ...overrides,
  };
}

/** `true`, `false`, or the code of the refusal. */
export async function answer(cache: ReplayCache, use: ReplayUse): Promise<boolean | string> {
  try {
    return await cache.consume(use);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

export const UNAVAILABLE = "ERR_REPLAY_CACHE_UNAVAILABLE";

/** Presents fresh uses until one is answered with `wanted`. */
export async function untilAnswered(cache: ReplayCache, wanted: boolean | string, at: Partial<ReplayUse> = {}) {
  await until(async () => (await answer(cache, freshUse(at))) === wanted);
}

/** Resolves once the condition holds; the test's own time limit is the limit. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await sleep(20);
}

/** Lets a server evict by a policy until it has evicted something. */
export async function evictAt(admin: Redis, policy: string): Promise<void> {
  const figure = async (section: string, name: string) =>
    Number(new RegExp(`\\b${name}:(\\d+)`).exec(await admin.info(section))?.[1]);
  const before = await figure("stats", "evicted_keys");
  await admin.config("SET", "maxmemory-policy", policy);
  const limit = async () => admin.config("SET", "maxmemory", String((await figure("memory", "used_memory")) + 100_000));
  await limit();
  for (let i = 0; (await figure("stats", "evicted_keys")) === before; i++) {
    // The buffers of a replica that attaches meanwhile cannot be evicted: set the limit again, above them.
    await admin.set(`filler:${i}`, "x".repeat(10_000), "EX", 1000).catch((error: Error) => {
      if (!error.message.startsWith("OOM")) throw error;
      return limit();
    });
  }
}

/** Lets a server keep everything again. */
export async function keepAt(admin: Redis): Promise<void> {
  await admin.config("SET", "maxmemory-policy", "noeviction");
  await admin.config("SET", "maxmemory", "0");
}

/** An observer that keeps the states it was told, with the codes. */
export function recorder() {
  const states: string[] = [];
  const onEvent = (event: AttestationEvent) => {
    if (event.type === "replay-cache") states.push(event.code ? `${event.state} ${event.code}` : event.state);
  };
  return { states, observer: { onEvent } };
}
