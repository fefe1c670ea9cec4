import { replayCacheContract } from "@attest/replay-cache-contract";
import { Redis } from "ioredis";
import { Redis as Redis5 } from "ioredis5";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RedisReplayCache } from "../src/index.ts";

/** Runs the contract's tests at the same time, since two of them wait for real time to pass. */
const runner = { describe: describe.concurrent, it, expect };
const url = process.env["REDIS_URL"];

/** A cache whose client is on its way to a port that nobody listens on. */
async function unreachable(): Promise<RedisReplayCache> {
  const client = new Redis(1, "127.0.0.1");
  client.on("error", () => {});
  return closing(client);
}

/** A cache that closes its client with itself. */
function closing(client: Redis | Redis5): RedisReplayCache {
  const cache = new RedisReplayCache({ client });
  const close = cache.close.bind(cache);
  return Object.assign(cache, {
    close: async () => {
      await close();
      client.disconnect();
    },
  });
}

describe.skipIf(!url && !requireRedis("the contract on Redis"))("one Redis", () => {
  let server: RedisServer;
  const address = () => url ?? server.url;

  beforeAll(async () => {
    if (!url) server = await RedisServer.start();
  });
  afterAll(async () => {
    await server?.stop();
  });

  /** A cache on a small server of its own, which ends with it. */
  const full = async () => {
    const small = await RedisServer.start({ args: ["--maxmemory", "3mb", "--maxmemory-policy", "noeviction"] });
    const cache = closing(small.connect());
    const close = cache.close.bind(cache);
    return Object.assign(cache, { close: () => close().then(() => small.stop()) });
  };

  describe.concurrent("through ioredis 6 (R3, R4, R13, R14, R15)", () => {
    replayCacheContract(runner, async () => closing(new Redis(address())), { full, unreachable });
  });
  describe.concurrent("through ioredis 5", () => {
    replayCacheContract(runner, async () => closing(new Redis5(address())), { full, unreachable });
  });
  describe.concurrent("through ioredis 6 with every setting that could get in the way", () => {
    const awkward = {
      keyPrefix: "app:",
      enableAutoPipelining: true,
      stringNumbers: true,
      replyMapping: "resp3" as const,
    };
    replayCacheContract(runner, async () => closing(new Redis(address(), awkward) as Redis), { full, unreachable });
  });
});
