import { randomBytes } from "node:crypto";
import type { ReplayUse } from "@attest/core";
import { Redis } from "ioredis";
import { RedisCluster, requireRedis } from "redis-harness";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TagChoice } from "../src/hash-tags.ts";
import { RedisReplayCache } from "../src/index.ts";
import { answer, freshUse, NOW, UNAVAILABLE } from "./support.ts";

const SECRET = randomBytes(32);
const key = () => randomBytes(16).toString("base64url");
/** A key that an agent chose for the part of the Cluster where it lies when there is no secret. */
const aimed = (): string => {
  for (;;) {
    const one = key();
    if (new TagChoice(undefined).indexOf(one) === 7) return one;
  }
};
const counts = (choice: TagChoice, keys: readonly string[]) => {
  const found = new Array<number>(256).fill(0);
  for (const one of keys) found[choice.indexOf(one)] = (found[choice.indexOf(one)] ?? 0) + 1;
  return found;
};

describe("the part of a Cluster where a use lies", () => {
  it("is for an agent to choose without a secret, and not with one (R16)", () => {
    const keys = Array.from({ length: 2000 }, aimed);
    expect(counts(new TagChoice(undefined), keys)[7]).toBe(2000);
    const spread = counts(new TagChoice(SECRET), keys);
    // 8 each on average, with a standard deviation of 3; none in fewer than one of a thousand.
    expect(spread.filter((count) => count > 0).length).toBeGreaterThan(230);
    expect(Math.max(...spread)).toBeLessThan(40);
  });

  it("is the same for all who have the secret, and for nobody else (R16)", () => {
    const keys = Array.from({ length: 100 }, key);
    const by = (secret: Uint8Array) => keys.map((one) => new TagChoice(secret).indexOf(one));
    expect(by(Uint8Array.from(SECRET))).toEqual(by(SECRET));
    expect(by(randomBytes(32))).not.toEqual(by(SECRET));
  });

  it("has a name that says which secret it was, and nothing of it (O1)", () => {
    const { name } = new TagChoice(SECRET);
    expect(name).toMatch(/^[0-9a-f]{16}$/);
    expect(name).toBe(new TagChoice(Uint8Array.from(SECRET)).name);
    expect(name).not.toBe(new TagChoice(randomBytes(32)).name);
    expect(SECRET.toString("hex")).not.toContain(name);
    expect(new TagChoice(undefined).name).toBe("");
  });
});

it.each([
  ["too short", new Uint8Array(15)],
  ["too long", new Uint8Array(65)],
  ["a text", "x".repeat(32)],
  ["null", null],
])("a secret that is %s is refused by name", (_, hashTagKey) => {
  const client = new Redis.Cluster([], { lazyConnect: true });
  expect(() => new RedisReplayCache({ client, hashTagKey: hashTagKey as Uint8Array })).toThrow(
    expect.objectContaining({ code: "ERR_OPTION", message: expect.stringMatching(/^hashTagKey /) }),
  );
});

it("a secret is refused where there is one server only", () => {
  const client = new Redis({ lazyConnect: true });
  expect(() => new RedisReplayCache({ client, hashTagKey: SECRET })).toThrow("hashTagKey is of use on a Cluster only");
});

describe.skipIf(!requireRedis("hash tags on a Cluster"))("on a Cluster of three nodes", () => {
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
  beforeEach(() => Promise.all(cluster.primaries.map(({ admin }) => admin.flushall())));

  const opened = async (hashTagKey?: Uint8Array) => {
    const cache = new RedisReplayCache({ client, ...(hashTagKey && { hashTagKey }) });
    await cache.ready();
    return cache;
  };
  const uses = (count: number): ReplayUse[] => Array.from({ length: count }, () => freshUse({ key: aimed() }));

  it("instances with one secret agree, and what an agent aimed at one node is on all (R16, SPEC-9.1)", async () => {
    const [one, other] = [await opened(SECRET), await opened(Uint8Array.from(SECRET))];
    const aimedUses = uses(300);
    for (const use of aimedUses) expect(await answer(one, use)).toBe(true);
    for (const use of aimedUses) expect(await answer(other, use)).toBe(false);
    const held = await Promise.all(cluster.primaries.map(({ admin }) => admin.dbsize()));
    // Its markers, 85 or 86, and some 100 entries.
    for (const size of held) expect(size).toBeGreaterThan(85 + 50);
  });

  it.each<[string, Uint8Array | undefined, Uint8Array | undefined]>([
    ["another secret", SECRET, randomBytes(32)],
    ["none, where the others have one", SECRET, undefined],
    ["one, where the others have none", undefined, SECRET],
  ])(
    "an instance with %s is refused, since it would accept what the others accepted (R16, R3)",
    async (_, first, second) => {
      const elder = await opened(first);
      const use = freshUse();
      expect(await answer(elder, use)).toBe(true);
      const newcomer = new RedisReplayCache({ client, ...(second && { hashTagKey: second }) });
      await expect(newcomer.ready()).rejects.toMatchObject({
        code: UNAVAILABLE,
        message: expect.stringContaining("hashTagKey"),
      });
      for (const now of [NOW, NOW + 100])
        expect(await answer(newcomer, { ...use, now, expiresAt: now + 95 })).toBe(UNAVAILABLE);
      // It changed nothing for the others.
      expect(await answer(elder, use)).toBe(false);
      expect(await answer(elder, freshUse())).toBe(true);
    },
  );
});
