import { afterEach, expect, it, vi } from "vitest";
import { readStatusListToken, StatusList } from "../src/index.ts";
import { inSlices } from "../src/publish/in-slices.ts";
import { writeStatusListToken } from "../src/token/write-status-list-token.ts";
import { keyResolver, signer } from "./authority.ts";
import { ISSUER, NOW, URI } from "./signed-lists.ts";

afterEach(() => vi.restoreAllMocks());

/** How often other work got its turn meanwhile. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const take = () => {
    turns++;
    if (!isDone) setImmediate(take);
  };
  setImmediate(take);
  await work();
  isDone = true;
  return turns;
}

it("lets other work run between the steps of reading a half-revoked list of a million", async () => {
  const list = StatusList.create(1, 2 ** 20);
  const random = crypto.getRandomValues(new Uint8Array(2 ** 16));
  for (let i = 0; i < 2 ** 20; i++) list.set(i, ((random[i % 2 ** 16] as number) >> (i % 7)) & 1);
  const claims = { issuer: ISSUER, uri: URI, issuedAt: NOW, expiresAt: NOW + 3600, ttl: 60 };
  const body = new TextEncoder().encode(await writeStatusListToken(list, claims, signer));
  const expected = { issuer: ISSUER, uri: URI, keyResolver, now: NOW, clockTolerance: 0 };
  expect(await turnsDuring(() => readStatusListToken(body, expected))).toBeGreaterThanOrEqual(2);
});

it("lets other work run while it goes through what takes long", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 3));
  let sum = 0;
  const items = Array.from({ length: 1024 }, (_, i) => i);
  const turns = await turnsDuring(() => inSlices(items, (item) => (sum += item)));
  expect(sum).toBe((1023 * 1024) / 2);
  expect(turns).toBeGreaterThanOrEqual(4);
});
