import type { Redis } from "ioredis";
import { RedisCluster, RedisSentinel, requireRedis } from "redis-harness";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisReplayCache } from "../src/index.ts";
import { answer, evictAt, freshUse, keepAt, NOW, recorder, UNAVAILABLE, until, untilAnswered } from "./support.ts";

/** Runs a test on a primary and a replica of its own, watched by Sentinel. */
async function withSentinel(body: (watched: RedisSentinel, client: Redis) => Promise<void>): Promise<void> {
  const watched = await RedisSentinel.start();
  const client = watched.connect();
  try {
    await body(watched, client);
  } finally {
    client.disconnect();
    await watched.stop();
  }
}

// At the same time, since most of it is waiting for Sentinel to notice.
describe.skipIf(!requireRedis("failover by Sentinel")).concurrent("a primary replaced by Sentinel", () => {
  it("counts as a loss, because the replica may not have had the latest uses (R9, R10)", () =>
    withSentinel(async (watched, client) => {
      const { states, observer } = recorder();
      const cache = new RedisReplayCache({ client, observer });
      await cache.ready();
      const use = freshUse();
      expect(await answer(cache, use)).toBe(true);
      await (await watched.primary()).kill();
      await until(async () => {
        // Whether the use reached the replica, which knows it then, or not: it is not accepted again.
        expect([UNAVAILABLE, false]).toContain(await answer(cache, use));
        return states.includes("state-lost");
      });
      expect(await answer(cache, freshUse({ now: NOW + 20 }))).toBe(UNAVAILABLE);
      expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
      // Whoever starts after it finds the loss in the marker, which the replica had.
      const late = watched.connect();
      const newcomer = new RedisReplayCache({ client: late });
      await newcomer.ready();
      expect(await answer(newcomer, use)).toBe(UNAVAILABLE);
      late.disconnect();
    }));

  it("is no loss when a replica had acknowledged every use (R9)", () =>
    withSentinel(async (watched, client) => {
      const { states, observer } = recorder();
      const cache = new RedisReplayCache({ client, observer, waitReplicas: 1 });
      await cache.ready();
      // The replica may still be on its way to its primary.
      await untilAnswered(cache, true);
      const use = freshUse();
      expect(await answer(cache, use)).toBe(true);
      await watched.sentinel.admin.call("sentinel", "failover", watched.name);
      const [before, after] = watched.servers;
      await until(async () => (await watched.primary()) === after);
      await until(() => client.status === "ready");
      // The former primary becomes the replica that acknowledges. Sentinel takes ten seconds to make it one.
      await before.admin.replicaof("127.0.0.1", after.port);
      await untilAnswered(cache, true);
      await until(async () => {
        // On a busy machine an acknowledgement can be late; accepted it is at no time.
        const again = await answer(cache, use);
        expect([UNAVAILABLE, false]).toContain(again);
        return again === false;
      });
      expect(states).not.toContain("state-lost");
      // What the promoted one evicts from then on is one, though the marker is of its predecessor's run.
      const { admin } = await watched.primary();
      await evictAt(admin, "volatile-ttl");
      await keepAt(admin);
      await until(async () => {
        await answer(cache, freshUse());
        return states.includes("state-lost");
      });
      expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
      await untilAnswered(cache, true, { now: NOW + 40 });
    }));

  it("is not written to while too few replicas acknowledge (R9)", () =>
    withSentinel(async (watched, client) => {
      const cache = new RedisReplayCache({ client, waitReplicas: 1 });
      await cache.ready();
      await untilAnswered(cache, true);
      await watched.servers[1].kill();
      await expect(cache.consume(freshUse())).rejects.toThrow("waitReplicas");
      await watched.servers[1].run();
      await untilAnswered(cache, true);
    }));
});

describe
  .skipIf(!requireRedis("a Cluster that is down"))
  .concurrent("a Cluster without a replica for a lost node", () => {
    it("refuses, typed, while it is down, and recovers (R10)", async () => {
      const cluster = await RedisCluster.start();
      const client = cluster.connect();
      try {
        const cache = new RedisReplayCache({ client });
        await cache.ready();
        expect(await answer(cache, freshUse())).toBe(true);
        const [lost, left] = cluster.primaries;
        await lost?.kill();
        await until(async () => String(await left?.admin.call("cluster", "info")).includes("cluster_state:fail"));
        const refused = await Promise.all(Array.from({ length: 5 }, () => answer(cache, freshUse())));
        expect(new Set(refused)).toEqual(new Set([UNAVAILABLE]));
        await lost?.run();
        let now = NOW;
        await until(async () => {
          now += 40;
          const uses = Array.from({ length: 60 }, () => freshUse({ now }));
          return (await Promise.all(uses.map((use) => answer(cache, use)))).every((one) => one === true);
        });
      } finally {
        client.disconnect();
        await cluster.stop();
      }
    });
  });

describe.skipIf(!requireRedis("failover in a Cluster"))("a Cluster that loses nodes", () => {
  let cluster: RedisCluster;
  let client: ReturnType<RedisCluster["connect"]>;
  beforeAll(async () => {
    cluster = await RedisCluster.start({ replicas: 1 });
  });
  afterAll(() => cluster?.stop());
  beforeEach(() => {
    client = cluster.connect();
  });
  afterEach(() => {
    vi.useRealTimers();
    client.disconnect();
  });

  /** Fresh uses, many enough to lie on every node. */
  const many = (at = {}) => Array.from({ length: 120 }, () => freshUse(at));
  const answersOf = async (cache: RedisReplayCache, uses: ReturnType<typeof many>) =>
    Promise.all(uses.map((use) => answer(cache, use)));

  it("refuses what the emptied node had, and goes on with the others (R9)", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const cache = new RedisReplayCache({ client });
    await cache.ready();
    const uses = many();
    expect(new Set(await answersOf(cache, uses))).toEqual(new Set([true]));
    await cluster.primaries[0]?.admin.flushall();
    vi.advanceTimersByTime(250);
    // Presented to every node, so that each one's marker is read.
    await answersOf(cache, many());
    const again = await answersOf(cache, uses);
    expect(new Set(again)).toEqual(new Set([UNAVAILABLE, false]));
    expect(again.filter((one) => one === UNAVAILABLE).length).toBeLessThan(uses.length / 2);
    expect(new Set(await answersOf(cache, many({ now: NOW + 40 })))).toEqual(new Set([true]));
  });

  it("counts the replacement of one node as a loss of what lay on it, and recovers (R9, R10)", async () => {
    const { states, observer } = recorder();
    const cache = new RedisReplayCache({ client, observer });
    await cache.ready();
    const at = { now: NOW + 200 };
    const uses = many(at);
    expect(new Set(await answersOf(cache, uses))).toEqual(new Set([true]));
    await cluster.primaries[1]?.kill();
    let now = NOW + 200;
    await until(async () => {
      expect(await answersOf(cache, uses)).not.toContain(true);
      // Time passes, and with it the quarantine.
      now += 40;
      const fresh = await answersOf(cache, many({ now }));
      return states.includes("state-lost") && fresh.every((one) => one === true);
    });
    const again = await answersOf(cache, uses);
    expect(new Set(again)).toEqual(new Set([UNAVAILABLE, false]));
    expect(await cache.health()).toMatchObject({ healthy: true });
  });
});
