import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { Redis } from "ioredis";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisReplayCache } from "../src/index.ts";
import { answer, evictAt, freshUse, keepAt, NOW, recorder, UNAVAILABLE } from "./support.ts";

/** The time after which a server's settings must be looked at again, passed at once. */
const aSecond = () => vi.advanceTimersByTime(1000);

describe.skipIf(!requireRedis("noticing that Redis evicts"))("a Redis that begins to evict", () => {
  let server: RedisServer;
  let clients: Redis[];
  const opened = async (options: { observer?: object; client?: Redis } = {}) => {
    const client = options.client ?? server.connect();
    clients.push(client);
    const cache = new RedisReplayCache({ ...options, client });
    await cache.ready();
    return cache;
  };
  const evict = (policy: string) => evictAt(server.admin, policy);
  const keep = () => keepAt(server.admin);

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    clients = [];
    await keep();
    await server.admin.flushall();
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    for (const client of clients) client.disconnect();
  });

  it.each(["allkeys-lru", "volatile-ttl"])(
    "is refused within a second over a connection that lasts (%s), and serves when it no longer does (R8)",
    async (policy) => {
      const { states, observer } = recorder();
      const cache = await opened({ observer });
      const use = freshUse();
      expect(await answer(cache, use)).toBe(true);
      await server.admin.config("SET", "maxmemory-policy", policy);
      aSecond();
      for (let i = 0; i < 3; i++) await expect(cache.consume(freshUse())).rejects.toThrow(`is ${policy}`);
      await keep();
      expect(await answer(cache, freshUse())).toBe(true);
      // It had room enough: nothing was lost.
      expect(await answer(cache, use)).toBe(false);
      expect(states).toEqual([`failed ${UNAVAILABLE}`, "recovered"]);
    },
  );

  it.each([
    ["while it was looked at", true],
    ["between two looks", false],
  ])("has lost what it evicted %s, and what was issued before is refused (R8, R9)", async (_, seen) => {
    const { states, observer } = recorder();
    const cache = await opened({ observer });
    const use = freshUse();
    expect(await answer(cache, use)).toBe(true);
    // By this policy the marker, which never expires, stays where it is.
    await evict("volatile-ttl");
    if (seen) {
      aSecond();
      await expect(cache.consume(freshUse())).rejects.toThrow("volatile-ttl");
    }
    await keep();
    aSecond();
    // What Redis still has it knows; of what it has not, nobody can tell.
    expect([UNAVAILABLE, false]).toContain(await answer(cache, use));
    expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
    expect(states).toContain("state-lost");
    expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
    // Others find the loss in the marker, those that begin only now too.
    expect(await answer(await opened(), freshUse())).toBe(UNAVAILABLE);
  });

  it("has lost what it evicted while no instance was there: the marker says how much that was before (R8, R9)", async () => {
    expect(await answer(await opened(), freshUse())).toBe(true);
    await evict("volatile-ttl");
    await keep();
    const newcomer = await opened();
    expect(await answer(newcomer, freshUse())).toBe(UNAVAILABLE);
    expect(await answer(newcomer, freshUse({ now: NOW + 40 }))).toBe(true);
  });

  it("may have evicted more where its statistics are set back, and has not where it never evicted (R8, R9)", async () => {
    await server.admin.config("RESETSTAT");
    const cache = await opened();
    expect(await answer(cache, freshUse())).toBe(true);
    await server.admin.config("RESETSTAT");
    aSecond();
    expect(await answer(cache, freshUse())).toBe(true);
    await evict("volatile-ttl");
    await keep();
    aSecond();
    expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ now: NOW + 80 }))).toBe(true);
    await server.admin.config("RESETSTAT");
    aSecond();
    expect(await answer(cache, freshUse({ now: NOW + 80 }))).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ now: NOW + 120 }))).toBe(true);
  });

  it("is looked at once a second in use, and not for every marker that is read (R8)", async () => {
    const cache = await opened();
    const looks = async () =>
      Number(/cmdstat_info:calls=(\d+)/.exec(await server.admin.info("commandstats"))?.[1] ?? 0);
    await answer(cache, freshUse());
    const before = await looks();
    for (let i = 0; i < 8; i++) {
      vi.advanceTimersByTime(250);
      await answer(cache, freshUse());
    }
    // Two looks of two sections each, and the one that counts.
    expect((await looks()) - before).toBe(5);
  });
});

describe.skipIf(!requireRedis("a server whose INFO is short"))("a Redis whose INFO does not tell", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());

  it.each(["maxmemory_policy", "evicted_keys", "redis_version", "run_id"])(
    "%s is refused, and told what is missing and what to do (R8)",
    async (name) => {
      const wire = await renamingWire(server.port, name);
      const client = new Redis(wire.port, "127.0.0.1");
      client.on("error", () => {});
      try {
        await expect(new RedisReplayCache({ client }).ready()).rejects.toMatchObject({
          code: UNAVAILABLE,
          message: expect.stringMatching(new RegExp(`INFO names no ${name}.*Use Redis or Valkey`)),
        });
      } finally {
        client.disconnect();
        wire.close();
      }
    },
  );
});

/** A wire to Redis on which one member of INFO has another name, of the same length. */
async function renamingWire(port: number, name: string) {
  const relay = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (data) => far.write(data));
    far.on("data", (data) =>
      near.write(data.toString("latin1").replace(`\n${name}:`, `\nx${name.slice(1)}:`), "latin1"),
    );
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  return { port: (relay.address() as AddressInfo).port, close: () => relay.close() };
}
