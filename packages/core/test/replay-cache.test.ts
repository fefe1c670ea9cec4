import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InMemoryReplayCache, type ReplayUse } from "@attest/core";
import { describe, expect, it } from "vitest";

const NOW = 1_800_000_000;
const use = (overrides: Partial<ReplayUse> = {}): ReplayUse => ({
  key: randomBytes(16).toString("base64url"),
  now: NOW,
  issuedAt: NOW,
  expiresAt: NOW + 95,
  ...overrides,
});

describe("the replay cache in memory", () => {
  it("accepts a key once, in its own form or any other (R3, SPEC-9.1)", () => {
    const cache = new InMemoryReplayCache();
    for (const key of [use().key, "AAAAAAAAAAAAAAAAAAAAAA", "short", "x".repeat(22), "ÿ".repeat(22)]) {
      expect(cache.consume(use({ key }))).toBe(true);
      expect(cache.consume(use({ key }))).toBe(false);
      expect(cache.consume(use({ key, expiresAt: NOW + 900 }))).toBe(false);
    }
    expect(cache.size).toBe(5);
  });

  it("tells 100,000 keys apart", () => {
    const cache = new InMemoryReplayCache();
    const uses = Array.from({ length: 100_000 }, (_, i) => use({ expiresAt: NOW + 1 + (i % 95) }));
    expect(uses.every((one) => cache.consume(one))).toBe(true);
    expect(uses.some((one) => cache.consume(one))).toBe(false);
  });

  it("remembers a use until it expires, and forgets it within 20 seconds after (R4)", () => {
    const cache = new InMemoryReplayCache();
    const one = use();
    cache.consume(one);
    for (const now of [NOW + 93, NOW + 94]) expect(cache.consume({ ...one, now })).toBe(false);
    cache.consume(use({ now: NOW + 95 + 20, expiresAt: NOW + 300 }));
    expect(cache.size).toBe(1);
  });

  it.each([
    ["an expiry that is now", { expiresAt: NOW }],
    ["an expiry before now", { expiresAt: NOW - 1 }],
    ["a fractional expiry", { expiresAt: NOW + 0.5 }],
    ["an infinite expiry", { expiresAt: Number.POSITIVE_INFINITY }],
    ["a time that is NaN", { now: Number.NaN }],
  ])("refuses %s (R13, SPEC-9.4)", (_, wrong) => {
    expect(() => new InMemoryReplayCache().consume(use(wrong))).toThrow(
      expect.objectContaining({ code: "ERR_REPLAY_EXPIRY" }),
    );
  });

  it("refuses when full and forgets nothing that is live (R7, SPEC-9.5)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 3, maxShare: 1 });
    const uses = [use(), use(), use()];
    for (const one of uses) expect(cache.consume(one)).toBe(true);
    expect(() => cache.consume(use())).toThrow(expect.objectContaining({ code: "ERR_REPLAY_CACHE_FULL" }));
    for (const one of uses) expect(cache.consume(one)).toBe(false);
    expect(cache.consume(use({ now: NOW + 200, expiresAt: NOW + 300 }))).toBe(true);
  });

  it("leaves room for others when one holder has used up its share (R7, SPEC-9.5)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 4, maxShare: 0.5 });
    expect(cache.consume(use({ holder: "a" }))).toBe(true);
    expect(cache.consume(use({ holder: "a" }))).toBe(true);
    expect(() => cache.consume(use({ holder: "a" }))).toThrow("maxShare");
    expect(cache.consume(use({ holder: "b" }))).toBe(true);
  });

  it("forgets holders of whom nothing is live, or agents that came once would fill the memory (R7)", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc") as () => void;
    const heapUsed = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const cache = new InMemoryReplayCache();
    const before = heapUsed();
    for (let i = 0; i < 20_000; i++) cache.consume(use({ holder: Buffer.alloc(1000, `${i} `).toString("latin1") }));
    const full = heapUsed();
    cache.consume(use({ now: NOW + 200, expiresAt: NOW + 300 }));
    const after = heapUsed();
    // Who keeps the holders keeps all that they take, their names at least; whatever else the heap does is far less.
    const taken = full - before;
    expect(taken).toBeGreaterThan((20_000 * 1000) / 2);
    expect(after - before).toBeLessThan(taken / 2);
    expect(cache.size).toBe(1);
  });

  it("refuses what it may have forgotten when the clock went forth and back (T19, R4, SPEC-9.8)", () => {
    const cache = new InMemoryReplayCache();
    const one = use();
    cache.consume(one);
    cache.consume(use({ now: NOW + 1000, expiresAt: NOW + 1100 }));
    expect(() => cache.consume(one)).toThrow(expect.objectContaining({ code: "ERR_REPLAY_CACHE_UNAVAILABLE" }));
  });

  it("says that it serves one process (R6, SPEC-9.7)", () => {
    expect(new InMemoryReplayCache().scope).toBe("process");
  });
});
