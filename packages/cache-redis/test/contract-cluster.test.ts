import { replayCacheContract } from "@attest/replay-cache-contract";
import { Redis } from "ioredis";
import { RedisCluster, requireRedis } from "redis-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisReplayCache } from "../src/index.ts";

/** A cache on its way to a Cluster of which nobody listens. */
async function unreachable(): Promise<RedisReplayCache> {
  const client = new Redis.Cluster([{ host: "127.0.0.1", port: 1 }], { clusterRetryStrategy: () => 100 });
  client.on("error", () => {});
  const cache = new RedisReplayCache({ client });
  return Object.assign(cache, { close: async () => client.disconnect() });
}

describe.skipIf(!requireRedis("the contract on a Cluster"))("on a Cluster of three nodes", () => {
  let cluster: RedisCluster;
  let client: ReturnType<RedisCluster["connect"]>;
  beforeAll(async () => {
    cluster = await RedisCluster.start();
    client = cluster.connect();
  });
  afterAll(async () => {
    client?.disconnect();
    await cluster?.stop();
  });

  replayCacheContract({ describe, it, expect }, async () => new RedisReplayCache({ client }), { unreachable });

  it("spreads entries evenly and keeps each beside its marker (R9)", async () => {
    const cache = new RedisReplayCache({ client });
    await cache.ready();
    const tags = new Set<string>();
    for (const { admin } of cluster.primaries) {
      const keys = await admin.keys("att:*");
      for (const key of keys) tags.add(key.slice(0, key.indexOf("}") + 1));
      // The contract's thousands of entries, in thirds.
      const share = keys.length / (await total());
      expect(share).toBeGreaterThan(0.28);
      expect(share).toBeLessThan(0.39);
      for (const tag of new Set(keys.map((key) => key.slice(0, key.indexOf("}") + 1)))) expect(keys).toContain(tag);
    }
    expect(tags.size).toBe(256);

    async function total(): Promise<number> {
      const sizes = await Promise.all(cluster.primaries.map(({ admin }) => admin.dbsize()));
      return sizes.reduce((sum, size) => sum + size, 0);
    }
  });
});
