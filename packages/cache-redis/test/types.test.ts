import { Cluster, Redis } from "ioredis";
import { Cluster as Cluster5, Redis as Redis5 } from "ioredis5";
import { expect, expectTypeOf, it } from "vitest";
import { type RedisLike, RedisReplayCache } from "../src/index.ts";

it("takes clients of ioredis 5 and 6, alone and in a Cluster, without a cast", () => {
  expectTypeOf<Redis>().toExtend<RedisLike>();
  expectTypeOf<Cluster>().toExtend<RedisLike>();
  expectTypeOf<Redis<"resp3">>().toExtend<RedisLike>();
  expectTypeOf<Redis5>().toExtend<RedisLike>();
  expectTypeOf<Cluster5>().toExtend<RedisLike>();
  const lazyConnect = { lazyConnect: true };
  const clients = [
    new Redis(lazyConnect),
    new Cluster([], lazyConnect),
    new Redis5(lazyConnect),
    new Cluster5([], lazyConnect),
  ];
  for (const client of clients) expect(new RedisReplayCache({ client }).scope).toBe("shared");
});
