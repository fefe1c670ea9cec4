import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisReplayCache } from "@attest/cache-redis";
import type { ReplayUse } from "@attest/core";
import type { Redis } from "ioredis";
import { findRedis, RedisServer } from "redis-harness";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 2000;
const ROUNDS = 11;
const IN_FLIGHT = 64;
/** Redis doubles its tables at powers of two: just before, an entry costs least; just after, most. */
const ENTRIES = [130_000, 132_000] as const;
/** How long Redis gets to move a table that it doubled, 1 ms of every 100 ms. */
const SETTLING_MS = 15_000;
const NOW = 1_800_000_000;

/** The replay cache on Redis against the bare command that it cannot do without, each over one connection. */
export async function measureRedis(): Promise<{ costs: Cost[]; rows: Row[] }> {
  if (!findRedis()) return { costs: [], rows: rows({ notMeasured: "no redis-server on PATH" }) };
  const server = await RedisServer.start();
  const [bare, client] = [server.connect(), server.connect()];
  try {
    const cache = new RedisReplayCache({ client });
    await cache.ready();
    const compareAt = (inFlight: number, how: string) => {
      const variants: Variant[] = [
        { name: `ioredis, SET key 1 PX ttl NX, ${how}`, run: (count) => repeat(() => set(bare), count, inFlight) },
        { name: `ours, a use on Redis, ${how}`, run: (count) => repeat(() => consume(cache), count, inFlight) },
      ];
      return compare(variants, { rounds: ROUNDS, count: COUNT });
    };
    const sequential = await compareAt(1, "one after another");
    const concurrent = await compareAt(IN_FLIGHT, `${IN_FLIGHT} in flight`);
    const measured = [sequential[1]?.wallRatio, concurrent[1]?.wallRatio, ...(await fill())];
    return { costs: [...sequential, ...concurrent], rows: rows({ measured }) };
  } finally {
    bare.disconnect();
    client.disconnect();
    await server.stop();
  }
}

function rows(result: { measured?: (number | undefined)[]; notMeasured?: string }): Row[] {
  const ratio = { unit: "ratio", better: "greater" } as const;
  const bytes = { unit: "B", must: 150, aim: 132, better: "smaller" } as const;
  const cpu = { unit: "µs", must: 40, aim: 20, better: "smaller" } as const;
  const targets = [
    { path: "Redis check vs the bare ioredis call, sequential (wall)", must: 0.9, aim: 0.95, ...ratio },
    { path: "Redis check vs the bare ioredis call, 64 in flight (wall)", must: 0.6, aim: 0.7, ...ratio },
    ...ENTRIES.map((entries) => ({ path: `Redis bytes per entry at ${entries.toLocaleString("en")}`, ...bytes })),
    { path: "Redis's own CPU time for a use, 64 in flight", ...cpu },
  ];
  const { measured, notMeasured = "" } = result;
  return targets.map((target, i) => {
    const value = measured?.[i];
    return value === undefined ? { ...target, notMeasured } : { ...target, measured: value };
  });
}

async function consume(cache: RedisReplayCache): Promise<void> {
  if ((await cache.consume(freshUse())) !== true) throw new Error("A fresh use was not accepted");
}

async function set(client: Redis): Promise<void> {
  const answer = await client.set(`att:${freshUse().key}`, "1", "PX", 96_000, "NX");
  if (answer !== "OK") throw new Error("A fresh key was not set");
}

function freshUse(): ReplayUse {
  const times = { now: NOW, issuedAt: NOW, expiresAt: NOW + 95, clockTolerance: 30, nodeSkew: 5 };
  return { key: randomBytes(16).toString("base64url"), ...times };
}

async function repeat(operation: () => Promise<void>, count: number, inFlight: number): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left-- > 0) await operation();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** What entries weigh (`used_memory`) and uses take (`used_cpu`) on a server that does nothing else. */
async function fill(): Promise<number[]> {
  const server = await RedisServer.start();
  try {
    const client = server.connect();
    const cache = new RedisReplayCache({ client });
    await cache.ready();
    const figure = async (name: string) =>
      Number(new RegExp(`\\b${name}:([0-9.]+)`).exec(await server.admin.info())?.[1]);
    const cpu = async () => (await figure("used_cpu_user")) + (await figure("used_cpu_sys"));
    const [empty, idle] = [await figure("used_memory"), await cpu()];
    const bytes: number[] = [];
    let filled = 0;
    for (const entries of ENTRIES) {
      await repeat(() => consume(cache), entries - filled, IN_FLIGHT);
      filled = entries;
      // A table that was doubled is moved bit by bit, in the server's own time; both are held until then. Entries do not
      // wait for it longer than they live.
      await sleep(SETTLING_MS);
      const held = await server.admin.dbsize();
      if (held < entries) throw new Error("Entries expired before their memory was measured");
      bytes.push(((await figure("used_memory")) - empty) / held);
    }
    const micros = (((await cpu()) - idle) * 1e6) / filled;
    client.disconnect();
    return [...bytes, micros];
  } finally {
    await server.stop();
  }
}
