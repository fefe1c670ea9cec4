import type { Redis } from "ioredis";
import { RedisServer, requireRedis } from "redis-harness";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { RedisReplayCache, type RedisReplayCacheOptions } from "../src/index.ts";
import { answer, freshUse, MARGIN, NOW, recorder, UNAVAILABLE, until } from "./support.ts";

/** The time after which a marker must be read again, passed at once. */
const aMarkersAge = () => vi.advanceTimersByTime(250);

describe.skipIf(!requireRedis("noticing that Redis forgot"))("a Redis that forgets", () => {
  let server: RedisServer;
  let clients: Redis[];
  const open = (options: Partial<RedisReplayCacheOptions> = {}) => {
    const client = options.client ?? server.connect();
    clients.push(client as Redis);
    return new RedisReplayCache({ client, ...options });
  };
  const opened = async (options: Partial<RedisReplayCacheOptions> = {}) => {
    const cache = open(options);
    await cache.ready();
    return cache;
  };

  beforeAll(async () => {
    server = await RedisServer.start();
  });
  afterAll(() => server?.stop());
  beforeEach(async () => {
    clients = [];
    await server.admin.flushall();
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
    for (const client of clients) client.disconnect();
  });

  it("refuses what was issued before, until it expires, and nothing else (R9)", async () => {
    const { states, observer } = recorder();
    const cache = await opened({ observer });
    const use = freshUse();
    expect(await answer(cache, use)).toBe(true);
    await server.admin.flushall();
    aMarkersAge();
    expect(await answer(cache, use)).toBe(UNAVAILABLE);
    expect(states).toEqual(["state-lost"]);
    // The last use that may be gone was dated ahead by the tolerance, and taken by a clock ahead by the skew.
    expect(await answer(cache, freshUse({ now: NOW + 20, issuedAt: NOW + MARGIN }))).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ now: NOW + 20, issuedAt: NOW + MARGIN + 1 }))).toBe(true);
    expect(await answer(cache, { ...use, now: NOW + 90 })).toBe(UNAVAILABLE);
    expect(states).toEqual(["state-lost"]);
    expect(await cache.health()).toMatchObject({ healthy: true, quarantinedUntil: NOW + MARGIN });
  });

  it("reads the marker anew at least every 250 ms in use, and not for every use (R9)", async () => {
    const cache = await opened();
    const readings = async () =>
      Number(/cmdstat_set:calls=(\d+)/.exec(await server.admin.info("commandstats"))?.[1] ?? 0);
    await server.admin.config("RESETSTAT");
    for (let i = 0; i < 10; i++) await answer(cache, freshUse());
    expect(await readings()).toBe(10);
    vi.advanceTimersByTime(249);
    await answer(cache, freshUse());
    expect(await readings()).toBe(11);
    vi.advanceTimersByTime(1);
    await answer(cache, freshUse());
    expect(await readings()).toBe(13);
  });

  it("accepts nothing twice by a use that is on its way when the loss is noticed (R9)", async () => {
    const cache = await opened();
    const uses = Array.from({ length: 50 }, () => freshUse());
    expect(await Promise.all(uses.map((use) => answer(cache, use)))).toEqual(uses.map(() => true));
    await server.admin.flushall();
    aMarkersAge();
    expect(await Promise.all(uses.map((use) => answer(cache, use)))).toEqual(uses.map(() => UNAVAILABLE));
  });

  it("tells a newcomer what others noticed (R9)", async () => {
    const cache = await opened();
    const use = freshUse();
    await answer(cache, use);
    await server.admin.flushall();
    aMarkersAge();
    await answer(cache, use);
    const newcomer = await opened();
    expect(await answer(newcomer, use)).toBe(UNAVAILABLE);
    expect(await answer(newcomer, freshUse({ now: NOW + 40 }))).toBe(true);
  });

  it("dates a loss that a newcomer could not know of, and tells the newcomer (R9)", async () => {
    const elder = await opened();
    const use = freshUse();
    await answer(elder, use);
    await server.admin.flushall();
    const newcomer = await opened();
    expect((await server.admin.get("att:"))?.split(".")[1]).toBe("0");
    aMarkersAge();
    expect(await answer(elder, use)).toBe(UNAVAILABLE);
    expect((await server.admin.get("att:"))?.split(".")[1]).toBe(String(NOW));
    aMarkersAge();
    expect(await answer(newcomer, freshUse())).toBe(UNAVAILABLE);
  });

  it("takes an older state that has come back for a loss, as when a former primary is promoted again (R9)", async () => {
    const { states, observer } = recorder();
    const [one, other] = [await opened({ observer }), await opened()];
    await server.admin.flushall();
    aMarkersAge();
    expect(await answer(one, freshUse())).toBe(UNAVAILABLE);
    const former = (await server.admin.get("att:")) ?? "";
    await server.admin.flushall();
    aMarkersAge();
    expect(await answer(one, freshUse({ now: NOW + 40 }))).toBe(UNAVAILABLE);
    const use = freshUse({ now: NOW + 80 });
    expect(await answer(one, use)).toBe(true);
    // What the server had before, with a marker of its own run and of an earlier loss.
    await server.admin.flushall();
    await server.admin.set("att:", former);
    aMarkersAge();
    expect(await answer(one, use)).toBe(UNAVAILABLE);
    expect(states.filter((state) => state === "state-lost")).toHaveLength(3);
    // Everybody agrees on the new marker, also those who were told of it within the same second.
    aMarkersAge();
    for (const cache of [other, one, other, one]) expect(await answer(cache, use)).not.toBe(true);
    expect(Number((await server.admin.get("att:"))?.split(".")[1])).toBeLessThanOrEqual(NOW + 81);
    for (const cache of [one, other]) expect(await answer(cache, freshUse({ now: NOW + 120 }))).toBe(true);
  });

  it("serves at once where nothing was ever kept (R9)", async () => {
    const cache = open();
    await until(() => clients[0]?.status === "ready");
    expect(await answer(cache, freshUse())).toBe(true);
  });

  it("takes a loss dated ahead by a wrong clock for one that happened by now (R9, R14)", async () => {
    const cache = await opened();
    const ahead = await opened();
    await server.admin.flushall();
    aMarkersAge();
    expect(await answer(ahead, freshUse({ now: NOW + 3600 }))).toBe(UNAVAILABLE);
    aMarkersAge();
    expect(await answer(cache, freshUse({ now: NOW + 1 }))).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
  });

  it("refuses what is dated further ahead than its tolerance, which could outlive a quarantine (R9)", async () => {
    const cache = await opened();
    const ahead = (seconds: number) => freshUse({ clockTolerance: 10, issuedAt: NOW + seconds });
    expect(await answer(cache, ahead(10))).toBe(true);
    expect(await answer(cache, ahead(11))).toBe(UNAVAILABLE);
    for (const wrong of [{ clockTolerance: Number.NaN }, { nodeSkew: -1 }, { nodeSkew: undefined as never }]) {
      expect(await answer(cache, freshUse(wrong))).toBe(UNAVAILABLE);
    }
  });

  it("quarantines for as long as the verifier's tolerance and skew, which come with each use (R9, R14)", async () => {
    const cache = await opened();
    const margin = { clockTolerance: 300, nodeSkew: 60 };
    await answer(cache, freshUse(margin));
    await server.admin.flushall();
    aMarkersAge();
    expect(await answer(cache, freshUse({ ...margin, now: NOW + 60, issuedAt: NOW + 360 }))).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ ...margin, now: NOW + 70, issuedAt: NOW + 370 }))).toBe(UNAVAILABLE);
    expect(await cache.health()).toMatchObject({ quarantinedUntil: NOW + 60 + 360 });
    expect(await answer(cache, freshUse({ ...margin, now: NOW + 200, issuedAt: NOW + 421 }))).toBe(true);
  });

  it.each([
    ["gone", "DEL", []],
    ["something else", "SET", ["garbage"]],
    ["without a time", "SET", ["12.x.0123456789abcdef"]],
  ])("takes a marker that is %s for a loss (R9)", async (_, command, args) => {
    const cache = await opened();
    await server.admin.call(command, "att:", ...args);
    aMarkersAge();
    expect(await answer(cache, freshUse())).toBe(UNAVAILABLE);
    expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
  });

  describe("and restarts", () => {
    let other: RedisServer;
    beforeEach(() => vi.useRealTimers());
    afterEach(() => other?.stop());

    it.each([
      ["without persistence", []],
      // Up to a second of writes may be missing, and how much is not known.
      ["from an append-only file", ["--appendonly", "yes", "--appendfsync", "everysec"]],
    ])("%s: refuses what was issued before (R9)", async (_, args) => {
      other = await RedisServer.start({ args });
      const { states, observer } = recorder();
      const cache = await opened({ client: other.connect(), observer });
      const use = freshUse();
      expect(await answer(cache, use)).toBe(true);
      await other.kill();
      expect(await answer(cache, use)).toBe(UNAVAILABLE);
      await other.run();
      await until(
        async () => (await answer(cache, freshUse({ now: NOW + 2 }))) === UNAVAILABLE && states.includes("state-lost"),
      );
      expect(await answer(cache, use)).toBe(UNAVAILABLE);
      expect(await answer(cache, freshUse({ now: NOW + 40 }))).toBe(true);
      // And so does one that starts only now: the loss time is in the marker.
      const newcomer = await opened({ client: other.connect() });
      expect(await answer(newcomer, use)).toBe(UNAVAILABLE);
    });

    it("while nobody of before is left: a newcomer sees that the marker is of another run (R9)", async () => {
      other = await RedisServer.start({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
      const client = other.connect();
      const use = freshUse();
      expect(await answer(await opened({ client }), use)).toBe(true);
      client.disconnect();
      await other.kill();
      await other.run();
      const newcomer = await opened({ client: other.connect() });
      expect(await answer(newcomer, use)).toBe(UNAVAILABLE);
      expect(await answer(newcomer, freshUse({ now: NOW + 40 }))).toBe(true);
    });
  });
});
