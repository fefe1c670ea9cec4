import { randomBytes } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InMemoryReplayCache, type ReplayUse } from "@attest/core";
import { describe, expect, it, vi } from "vitest";

const NOW = 1_800_000_000;
const use = (overrides: Partial<ReplayUse> = {}): ReplayUse => ({
  key: randomBytes(16).toString("base64url"),
  now: NOW,
  issuedAt: NOW,
  expiresAt: NOW + 95,
  clockTolerance: 30,
  nodeSkew: 5,
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

  it("knows every use again while a table grows, by its own expiry or any other (R3, SPEC-9.1)", () => {
    const cache = new InMemoryReplayCache();
    const uses: ReplayUse[] = [];
    // Tables grow beyond 512, 1024 and 2048 entries.
    for (let i = 0; i < 2300; i++) {
      const one = use();
      expect(cache.consume(one)).toBe(true);
      uses.push(one);
      // Each of them in turn, and all of them from time to time.
      const again = i % 100 < 1 ? uses : uses.filter((_, j) => j % 61 === i % 61);
      expect(again.some((earlier) => cache.consume(earlier))).toBe(false);
      expect(again.some((earlier) => cache.consume({ ...earlier, expiresAt: NOW + 300 }))).toBe(false);
    }
    expect(cache.size).toBe(2300);
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

  it("leaves room for others when one agent has used up its share, by however many keys (R7, SPEC-9.5)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 8, maxShare: 0.5 });
    const byKey = (holder: string, holderKey: string) => cache.consume(use({ holder, holderKey }));
    for (const holderKey of ["1", "2", "3", "4"]) expect(byKey("a", holderKey)).toBe(true);
    expect(() => byKey("a", "5")).toThrow("maxShare");
    expect(byKey("b", "6")).toBe(true);
  });

  it("leaves room for an agent's other keys when one has used up its part of the share (R7, SPEC-9.5)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 8, maxShare: 0.5 });
    const byKey = (holderKey: string) => cache.consume(use({ holder: "a", holderKey }));
    for (let i = 0; i < 2; i++) expect(byKey("stolen")).toBe(true);
    expect(() => byKey("stolen")).toThrow("maxShare");
    expect(byKey("other")).toBe(true);
  });

  it("gives one agent and one key everything where maxShare is 1 (R7)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 3, maxShare: 1 });
    for (let i = 0; i < 3; i++) expect(cache.consume(use({ holder: "a", holderKey: "1" }))).toBe(true);
    expect(() => cache.consume(use({ holder: "b", holderKey: "2" }))).toThrow("maxEntries");
  });

  it("frees a share when what filled it has expired (R7)", () => {
    const cache = new InMemoryReplayCache({ maxEntries: 4, maxShare: 0.5 });
    for (const now of [NOW, NOW + 200, NOW + 400]) {
      const one = () => cache.consume(use({ holder: "a", holderKey: "1", now, expiresAt: now + 95 }));
      expect(one()).toBe(true);
      expect(one).toThrow("maxShare");
    }
  });

  it("subtracts no more than 64 expired holders for one use, so that none waits for all of them (R7, R16)", () => {
    const cache = new InMemoryReplayCache();
    for (let i = 0; i < 1000; i++) cache.consume(use({ holder: `agent ${i}` }));
    const removed = vi.spyOn(Map.prototype, "delete");
    let most = 0;
    for (let i = 0; i < 20; i++) {
      removed.mockClear();
      cache.consume(use({ now: NOW + 200, expiresAt: NOW + 300 }));
      most = Math.max(most, removed.mock.calls.length);
    }
    removed.mockRestore();
    // The holders, and the group of uses itself.
    expect(most).toBe(65);
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
    // Not all at once: that would hold up whoever comes first afterwards.
    for (let i = 0; i < 400; i++) cache.consume(use({ now: NOW + 200, expiresAt: NOW + 300 }));
    const after = heapUsed();
    // Who keeps the holders keeps all that they take, their names at least; whatever else the heap does is far less.
    const taken = full - before;
    expect(taken).toBeGreaterThan((20_000 * 1000) / 2);
    expect(after - before).toBeLessThan(taken / 2);
    expect(cache.size).toBe(400);
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
