import { createHash } from "node:crypto";
import { replayCacheContract } from "@attest/replay-cache-contract";
import { Redis } from "ioredis";
import { RedisCluster, requireRedis } from "redis-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisReplayCache } from "../src/index.ts";
import { freshUse } from "./support.ts";

const ENTRIES = 3000;

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

  // At the same time, since two of its tests wait for real time to pass.
  replayCacheContract({ describe: describe.concurrent, it, expect }, async () => new RedisReplayCache({ client }), {
    unreachable,
  });

  it("spreads entries evenly and keeps each beside its marker (R9)", async () => {
    const cache = new RedisReplayCache({ client, keyPrefix: "spread:" });
    await cache.ready();
    // The same keys in every run, so that where they lie is no matter of chance.
    const keys = Array.from({ length: ENTRIES }, (_, i) => createHash("sha256").update(`${i}`).digest("base64url"));
    await Promise.all(keys.map(async (key) => expect(await cache.consume(freshUse({ key }))).toBe(true)));
    const tags = new Set<string>();
    let entries = 0;
    for (const { admin } of cluster.primaries) {
      const found = await admin.keys("spread:*");
      const markers = new Set(found.filter((key) => key.endsWith("}")));
      const here = found.filter((key) => !markers.has(key));
      expect(Math.abs(markers.size - 256 / 3)).toBeLessThan(1);
      expect(Math.abs(here.length / ENTRIES - 1 / 3)).toBeLessThan(0.02);
      for (const key of here) expect(markers).toContain(key.slice(0, key.indexOf("}") + 1));
      for (const marker of markers) tags.add(marker);
      entries += here.length;
    }
    expect(tags.size).toBe(256);
    expect(entries).toBe(ENTRIES);
  });
});
