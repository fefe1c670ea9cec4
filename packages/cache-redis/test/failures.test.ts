import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Redis } from "ioredis";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RedisReplayCache, type RedisReplayCacheOptions } from "../src/index.ts";
import { answer, freshUse, NOW, recorder, UNAVAILABLE, until, untilAnswered } from "./support.ts";

describe.skipIf(!requireRedis("refusing what Redis cannot tell"))("a Redis that fails", () => {
  let server: RedisServer;
  let clients: Redis[];
  const open = (options: Partial<RedisReplayCacheOptions> & { client?: Redis } = {}) => {
    const client = options.client ?? server.connect();
    clients.push(client);
    return { client, cache: new RedisReplayCache({ ...options, client }) };
  };

  beforeAll(async () => {
    server = await RedisServer.start({ args: ["--appendonly", "yes", "--appendfsync", "no"] });
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    clients = [];
    await server.admin.flushall();
  });
  afterEach(() => {
    for (const client of clients) client.disconnect();
  });

  it.each(["allkeys-lru", "volatile-ttl", "volatile-lru", "allkeys-random"])(
    "refuses one that evicts (%s), at first and over a new connection, and serves when it no longer does (R8)",
    async (policy) => {
      const { client, cache } = open();
      await cache.ready();
      expect(await answer(cache, freshUse())).toBe(true);
      try {
        await server.admin.config("SET", "maxmemory-policy", policy);
        await expect(open().cache.ready()).rejects.toThrow("noeviction");
        client.disconnect(true);
        await once(client, "ready");
        await expect(cache.consume(freshUse())).rejects.toThrow("noeviction");
      } finally {
        await server.admin.config("SET", "maxmemory-policy", "noeviction");
      }
      expect(await answer(cache, freshUse())).toBe(true);
    },
  );

  it("refuses, typed, what it has no memory for, and serves when it has again (R8)", async () => {
    const { states, observer } = recorder();
    const { cache } = open({ observer });
    await cache.ready();
    const use = freshUse();
    expect(await answer(cache, use)).toBe(true);
    await server.admin.config("SET", "maxmemory", "1");
    for (let i = 0; i < 3; i++) expect(await answer(cache, freshUse())).toBe("ERR_REPLAY_CACHE_FULL");
    expect(await answer(cache, use)).toBe("ERR_REPLAY_CACHE_FULL");
    expect(await cache.health()).toMatchObject({ healthy: false, maxMemory: 1 });
    await server.admin.config("SET", "maxmemory", "0");
    expect(await answer(cache, use)).toBe(false);
    expect(await answer(cache, freshUse())).toBe(true);
    expect(states).toEqual(["failed ERR_REPLAY_CACHE_FULL", "recovered"]);
  });

  it("refuses, typed, at a server that became a replica, looks for the primary anew, and recovers (R10)", async () => {
    const { states, observer } = recorder();
    const { client, cache } = open({ observer });
    await cache.ready();
    const use = freshUse();
    await answer(cache, use);
    // A replica of nobody: read-only, and keeping what it has.
    await server.admin.call("replicaof", "127.0.0.1", "1");
    try {
      const reconnected = once(client, "close");
      expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
      await reconnected;
      expect(await answer(cache, use)).toBe(UNAVAILABLE);
    } finally {
      await server.admin.call("replicaof", "no", "one");
    }
    await untilAnswered(cache, true);
    expect(await answer(cache, use)).toBe(false);
    expect(states).toEqual([`failed ${UNAVAILABLE}`, "recovered"]);
  });

  it("refuses, typed, while a server loads its data, and issues nothing to it (R10, R12)", async () => {
    const slow = await RedisServer.start({ args: ["--appendonly", "yes", "--key-load-delay", "0"] });
    try {
      const filling = slow.admin.pipeline();
      for (let i = 0; i < 400; i++) filling.set(`filler:${i}`, i);
      await filling.exec();
      const { client, cache } = open({ client: slow.connect() });
      await cache.ready();
      const use = freshUse();
      await answer(cache, use);
      await slow.kill();
      await slow.run({ untilReady: false, args: ["--key-load-delay", "2000"] });
      let sawLoading = false;
      await until(async () => {
        const refused = await answer(cache, use);
        expect(refused).toBe(UNAVAILABLE);
        sawLoading ||= client.status === "connect";
        return client.status === "ready";
      });
      expect(sawLoading).toBe(true);
      expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
    } finally {
      await slow.stop();
    }
  });

  it("issues nothing while it is not connected (R12)", async () => {
    const client = new Redis(server.port, "127.0.0.1", { lazyConnect: true });
    const { cache } = open({ client });
    await expect(cache.consume(freshUse())).rejects.toThrow("not connected (wait)");
    expect(client.status).toBe("wait");
    await cache.ready();
    expect(await answer(cache, freshUse())).toBe(true);
    client.disconnect();
    expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
    await expect(cache.ready()).rejects.toMatchObject({ code: UNAVAILABLE });
  });

  it("gives up on a frozen one within its deadline, heaps nothing up, and recovers (R12)", async () => {
    const { states, observer } = recorder();
    const { client, cache } = open({ commandTimeoutMs: 100, observer });
    await cache.ready();
    const use = freshUse();
    await answer(cache, use);
    server.freeze();
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => answer(cache, freshUse())));
      expect(new Set(answers)).toEqual(new Set([UNAVAILABLE]));
      // It was told to disconnect, which a frozen server delays; its queues stay as they are meanwhile.
      const queued = () => (client as unknown as { offlineQueue: { length: number } }).offlineQueue.length;
      const before = client.commandQueue.length;
      for (let i = 0; i < 500; i++) await expect(cache.consume(freshUse())).rejects.toThrow("not connected");
      expect(client.commandQueue.length).toBeLessThanOrEqual(before);
      expect(queued()).toBe(0);
    } finally {
      server.thaw();
    }
    await untilAnswered(cache, true);
    expect(await answer(cache, use)).toBe(false);
    expect(states).toEqual([`failed ${UNAVAILABLE}`, "recovered"]);
  });

  it("names the word of an error reply and nothing else of it, and hangs no command on its errors (O1, R15)", async () => {
    await server.admin.call(
      "acl",
      "setuser",
      "limited",
      "on",
      ">canary-password",
      "~*",
      "+info",
      "+ping",
      "+persist",
      "+hello",
      "+client",
    );
    const client = new Redis(server.port, "127.0.0.1", { username: "limited", password: "canary-password" });
    client.on("error", () => {});
    const { cache } = open({ client });
    const failure = await cache.ready().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: UNAVAILABLE, message: "Redis refused a command (NOPERM)", retryable: true });
    expect(Object.keys(failure as object).sort()).toEqual(["code", "name", "reason", "retryable"]);
    expect((failure as Error).cause).toBeUndefined();
    await until(() => client.status === "ready");
    expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
    // What the README grants is enough.
    await server.admin.call("acl", "setuser", "limited", "resetkeys", "~att:*", "+set", "+wait");
    expect(await answer(cache, freshUse())).toBe(true);
    await server.admin.call("acl", "deluser", "limited");
  });

  it("accepts the honest use whose reply was lost, once (R11)", async () => {
    const wire = await lossyWire(server.port);
    try {
      const client = new Redis(wire.port, "127.0.0.1", { retryStrategy: () => 10 });
      client.on("error", () => {});
      const { cache } = open({ client });
      await cache.ready();
      const use = freshUse();
      wire.loseNextReply();
      // The client resends what it has no reply for; Redis has it already.
      expect(await cache.consume(use)).toBe(true);
      expect(wire.lost()).toBe(1);
      expect(await answer(cache, use)).toBe(false);
    } finally {
      await wire.close();
    }
  });

  it("accepts one of two who use a key at once while replies are lost (R3, R11)", async () => {
    const wire = await lossyWire(server.port);
    try {
      const client = new Redis(wire.port, "127.0.0.1", { retryStrategy: () => 10 });
      client.on("error", () => {});
      const { cache } = open({ client });
      const { cache: other } = open();
      await Promise.all([cache.ready(), other.ready()]);
      for (let round = 0; round < 10; round++) {
        const use = freshUse();
        wire.loseNextReply();
        const answers = await Promise.all([answer(cache, use), answer(other, use), answer(cache, use)]);
        expect(answers.filter((first) => first === true)).toHaveLength(1);
        await until(() => client.status === "ready");
      }
    } finally {
      await wire.close();
    }
  });

  it("keeps an entry for as long as any instance could accept it, whatever their clocks say within the skew (R4, R14)", async () => {
    const { cache } = open();
    await cache.ready();
    const [window, tolerance, skew] = [60, 30, 5];
    const issuedAt = NOW;
    for (let ahead = 0; ahead <= skew; ahead++) {
      for (const began of [0, 0.5, 0.999]) {
        // True time NOW + began; one instance's clock is ahead of it, another's is not.
        const now = Math.floor(NOW + began + ahead);
        const use = freshUse({ now, issuedAt, expiresAt: issuedAt + window + tolerance + skew });
        expect(await answer(cache, use)).toBe(true);
        const life = Math.ceil((await server.admin.pttl(`att:${use.key}`)) / 1000);
        // The other accepts while its whole seconds are within window and tolerance, and its clock may lag by the rest.
        const lastAccepted = issuedAt + window + tolerance + 1 + (skew - ahead);
        expect(NOW + began + life).toBeGreaterThanOrEqual(lastAccepted);
      }
    }
  });

  it("refuses a client by Sentinel that would not be told of a failover (R9)", () => {
    const sentinel = { sentinels: [{ host: "127.0.0.1", port: 1 }], name: "x", lazyConnect: true };
    const make = (client: Redis) => new RedisReplayCache({ client });
    expect(() => make(new Redis(sentinel))).toThrow("failoverDetector");
    expect(make(new Redis({ ...sentinel, failoverDetector: true })).scope).toBe("shared");
  });

  it("refuses options that make no sense, by name (R13)", () => {
    const client = server.connect();
    clients.push(client);
    for (const [option, value] of [
      ["client", undefined],
      ["client", {}],
      ["keyPrefix", ""],
      ["keyPrefix", "a{b}"],
      ["keyPrefix", "a b"],
      ["keyPrefix", "x".repeat(65)],
      ["commandTimeoutMs", 0],
      ["commandTimeoutMs", Number.NaN],
      ["commandTimeoutMs", Number.POSITIVE_INFINITY],
      ["commandTimeoutMs", null],
      ["waitReplicas", null],
      ["waitReplicas", -1],
      ["waitReplicas", 1.5],
      // The verifier has these, and passes them on with each use.
      ["clockTolerance", 30],
      ["nodeSkew", 5],
      ["observer", null],
      ["keyprefix", "typo:"],
    ] as const) {
      expect(() => new RedisReplayCache({ client, [option]: value } as RedisReplayCacheOptions), option).toThrow(
        expect.objectContaining({ code: "ERR_OPTION", message: expect.stringMatching(new RegExp(`^${option} `)) }),
      );
    }
  });
});

/** A wire to Redis that can lose a reply: the server gets the bytes, the client gets a closed connection. */
async function lossyWire(port: number) {
  let armed = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  const relay: Server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on("data", (data) => far.write(data));
    far.on("data", (data) => {
      if (armed) {
        armed = false;
        lost++;
        near.destroy();
      } else near.write(data);
    });
  }).listen(0, "127.0.0.1");
  await once(relay, "listening");
  return {
    port: (relay.address() as AddressInfo).port,
    loseNextReply: () => {
      armed = true;
    },
    lost: () => lost,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  };
}
