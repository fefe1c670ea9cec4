import { createHash } from "node:crypto";
import type { ReplayUse } from "@attest/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const NOW = 1_800_000_000;
const KEYS = 80_000;
/** Reads of a table's tags for one use, and keys written for it: more would hold up the event loop for everybody. */
const MOST = 64;

/** Bytes of a table's tags that were read, and that were written, since they were counted last. */
const counted = { reads: 0, writes: 0 };
const take = () => {
  const { reads, writes } = counted;
  Object.assign(counted, { reads: 0, writes: 0 });
  return { reads, writes };
};

/** An array of bytes that counts how often its elements are looked at and set. */
class CountedBytes {
  constructor(length: number) {
    // biome-ignore lint/correctness/noConstructorReturn: stands in for the array that it counts the use of
    return new Proxy(new Original(length) as unknown as CountedBytes, {
      get(target, name) {
        if (name !== "length") counted.reads++;
        return Reflect.get(target, name, target);
      },
      set(target, name, value) {
        counted.writes++;
        return Reflect.set(target, name, value, target);
      },
    });
  }
}
const Original = Uint8Array;

/** Modules of this test alone: others in this process have drawn their secret. */
let InMemoryReplayCache: typeof import("@attest/core").InMemoryReplayCache;
let keyedHash: typeof import("../src/replay/keyed-hash.ts").keyedHash;

beforeEach(async () => {
  // The secret that places keys: the same in every run, so that the counts are too.
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => {
    (array as Int32Array).set([0x03020100, 0x07060504]);
    return array;
  });
  vi.resetModules();
  [{ InMemoryReplayCache }, { keyedHash }] = await Promise.all([
    import("@attest/core"),
    import("../src/replay/keyed-hash.ts"),
  ]);
  vi.stubGlobal("Uint8Array", CountedBytes);
  take();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.resetModules();
});

const use = (key: Buffer, expiresAt: number): ReplayUse => ({
  key: key.toString("base64url"),
  now: NOW,
  issuedAt: NOW,
  expiresAt,
  clockTolerance: 30,
  nodeSkew: 5,
});

const asItComes = (i: number) => createHash("sha256").update(String(i)).digest().subarray(0, 16);
/** A key as an agent can grind it: like all others in every bit that a table would look at if it had no secret. */
const ground = (i: number) => {
  const key = asItComes(i);
  for (const at of [0, 1, 2, 12, 15]) key[at] = 0;
  return key;
};

describe.each<[string, (i: number) => Buffer]>([
  ["ground to meet in one place", ground],
  ["taken as they come", asItComes],
])("80,000 keys %s", (_, make) => {
  it.each<[string, (i: number) => number]>([
    ["expire together", () => NOW + 95],
    ["expire one after another", (i) => NOW + 1 + (i % 95)],
  ])("cost no use more than 64 looks and 64 keys moved, where they %s (R16, SPEC-9.10)", (_, expiresAt) => {
    const cache = new InMemoryReplayCache();
    let most = { reads: 0, writes: 0 };
    let accepted = true;
    for (let i = 0; i < KEYS; i++) {
      accepted &&= cache.consume(use(make(i), expiresAt(i)));
      const { reads, writes } = take();
      most = { reads: Math.max(most.reads, reads), writes: Math.max(most.writes, writes) };
      // Red at once, rather than after minutes.
      if (reads > MOST || writes > MOST) break;
    }
    expect(accepted).toBe(true);
    expect(most.reads).toBeLessThanOrEqual(MOST);
    expect(most.writes).toBeLessThanOrEqual(MOST);
    // The counter counts: each use looked somewhere and was written once.
    expect(most.reads).toBeGreaterThan(0);
    expect(most.writes).toBeGreaterThan(0);
  });
});

it("moves nothing while the load stays as it is: a table has room for as many as the one before (R16)", () => {
  const cache = new InMemoryReplayCache();
  const writesAt = (now: number) => {
    for (let i = 0; i < 5000; i++) {
      cache.consume({ ...use(asItComes(now + i * 7919), now + 95), now });
    }
    return take().writes;
  };
  expect(writesAt(NOW)).toBeGreaterThan(5000);
  for (const later of [20, 40, 60]) expect(writesAt(NOW + later)).toBe(5000);
});

describe("the hash that places keys", () => {
  it("is HalfSipHash-1-3 under a secret, as another implementation computes it (R16)", () => {
    // Of the bytes 0 to 15 under the secret of bytes 0 to 7.
    expect(keyedHash(Int32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c, 16 << 24, 0, 0, 0))).toBe(
      2335298817 | 0,
    );
  });
});
