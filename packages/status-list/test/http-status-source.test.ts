import { KeyPair } from "@attest/core";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { revocationBound } from "../src/index.ts";
import { claimsOf, ISSUER, listOf, NOW, outcomeOf, sourceOf, tokenOf, URI } from "./signed-lists.ts";

let signer: KeyPair;
beforeAll(async () => {
  signer = await KeyPair.generate({ kid: "a" });
});

// No jitter unless a test asks for it: refreshes from 70 % of the time on, half of a back-off.
beforeEach(() => vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

/** A token with some statuses, by default of the time of `now`. */
const listed = async (statuses: Readonly<Record<number, number>>, overrides: object = {}) =>
  tokenOf(signer, await claimsOf(overrides, statuses));
const down = () => new Response(null, { status: 503 });
const DOWN = "unavailable: The status list's server answered with status 503";

it("answers from the list that it holds, at once and without a fetch", async () => {
  const { source, server, check } = sourceOf(signer);
  const token = await listed({ 3: 1 });
  server.answer = () => token;
  expect([await check(3), await check(4)]).toEqual(["revoked", "valid"]);
  expect(source.check(ISSUER, { uri: URI, idx: 3 })).toBe("revoked");
  expect(source.check(ISSUER, { uri: URI, idx: 4 })).toBe("valid");
  expect(server.hits).toBe(1);
});

it("takes every status but 0 for revoked, a suspended one too (SPEC-18.6)", async () => {
  const { server, check } = sourceOf(signer);
  const status_list = await listOf({ 1: 1, 2: 2, 3: 3 }, 2);
  server.answer = () => listed({}, { status_list });
  expect(await Promise.all([0, 1, 2, 3].map((idx) => check(idx)))).toEqual(["valid", "revoked", "revoked", "revoked"]);
});

it("makes one fetch of 1,000 concurrent first checks", async () => {
  const { server, check } = sourceOf(signer);
  server.answer = () => listed({ 0: 1 });
  const answers = await Promise.all(Array.from({ length: 1000 }, (_, i) => check(i % 2)));
  expect(answers.filter((answer) => answer === "revoked")).toHaveLength(500);
  expect(server.hits).toBe(1);
});

it("fetches no list that is not configured, and none for another issuer than its own (S1, SPEC-18.4)", async () => {
  const other = "https://other.example";
  const { server, check } = sourceOf(signer, { lists: { [ISSUER]: [URI], [other]: "https://other.example/status" } });
  server.answer = () => listed({});
  for (const uri of ["https://evil.example/list", `${URI}/`, `${URI}?time=1`, URI.toUpperCase(), "__proto__", ""]) {
    expect(await check(0, uri)).toBe("foreign-list");
  }
  expect(await check(0, URI, other)).toBe("other-issuer");
  expect(await check(0, "https://other.example/status", ISSUER)).toBe("other-issuer");
  expect(server.hits).toBe(0);
});

it("refuses the list of another issuer, or of another URI, at its own URI (S1, SPEC-18.9)", async () => {
  const { server, check, time, keyResolver } = sourceOf(signer);
  const other = await KeyPair.generate({ kid: "other" });
  await keyResolver.addKey("https://other.example", other.toJwk());
  const claims = await claimsOf({ iss: "https://other.example" });
  server.answer = () => tokenOf(other, claims);
  expect(await check(0)).toMatch(/^unavailable: The status list has an `iss` other/);
  server.answer = async () => tokenOf(other, await claimsOf());
  time.now += 30;
  expect(await check(0)).toMatch(/^unavailable: The status list is signed by a key that its issuer does not publish$/);
  server.answer = () => listed({}, { sub: "https://authority.example/status/2" });
  time.now += 30;
  expect(await check(0)).toMatch(/^unavailable: The status list has a `sub` other than its URI$/);
});

it("cannot tell the status at an index that the list does not have, and asks once in a cooldown whether it grew (S1, SPEC-18.7)", async () => {
  const { server, check, time } = sourceOf(signer, { cooldown: 20 });
  server.answer = () => listed({});
  expect(await check(1023)).toBe("valid");
  for (const idx of [-1, 0.5, Number.NaN, 2 ** 53, 8 * 2 ** 20 * 8, "0", undefined]) {
    expect(await check(idx as number)).toBe("out-of-range");
  }
  time.now += 19;
  for (let i = 1024; i < 2000; i++) expect(await check(i)).toBe("out-of-range");
  expect(server.hits).toBe(1);
  const status_list = await listOf({ 1025: 1 }, 1, 2048);
  server.answer = () => listed({}, { status_list, iat: NOW + 20 });
  time.now += 1;
  expect([await check(1024), await check(1025), await check(2048)]).toEqual(["valid", "revoked", "out-of-range"]);
  expect(server.hits).toBe(2);
});

it("accepts a revoked attestation for no longer than its bound says, at every second of a list's life (S1, SPEC-18.10)", async () => {
  const [ttl, pollInterval] = [60, 300];
  for (const revokedAt of [0, 1, 41, 42, 59, 60, 61]) {
    const { source, server, time, check } = sourceOf(signer, { pollInterval, timeoutMs: 1000 });
    const before = await listed({}, { ttl, exp: NOW + 86_400 });
    server.answer = () => before;
    await check(9);
    let last = 0;
    for (time.now = NOW; time.now <= NOW + 400; time.now++) {
      if (time.now === NOW + revokedAt) {
        const after = await listed({ 9: 1 }, { ttl, iat: time.now, exp: time.now + 86_400 });
        server.answer = () => after;
      }
      // Another agent's traffic, and ours.
      if ((await check(8)) !== "valid") throw new Error("the other agent was refused");
      if ((await check(9)) === "valid") last = time.now - NOW;
    }
    const bound = revocationBound({ ttl, pollInterval, timeoutMs: 1000, staleIfError: 0 });
    expect(bound).toBe(61);
    expect(last - revokedAt).toBeLessThan(bound);
    expect(source.revocationBound).toBe(pollInterval + 1);
  }
});

it.each([
  { ttl: 60, pollInterval: 300, seconds: 60 },
  { ttl: 600, pollInterval: 300, seconds: 300 },
  { ttl: undefined, pollInterval: 86_400, seconds: 300 },
  { ttl: 5, pollInterval: 300, seconds: 5 },
  { ttl: 86_400, pollInterval: 86_400, seconds: 3600 },
])("uses a list with ttl $ttl and poll interval $pollInterval for $seconds seconds", async ({ seconds, ...times }) => {
  const { ttl, pollInterval } = times;
  const { server, time, check } = sourceOf(signer, { pollInterval });
  const token = await listed({}, { ttl });
  server.answer = () => new Response(token, { headers: { "cache-control": "no-store" } });
  await check(0);
  server.answer = down;
  time.now += seconds - 1;
  expect(await check(0)).toBe("valid");
  time.now += 1;
  expect(await check(0)).toMatch(/^unavailable/);
});

it("serves what it holds for staleIfError and no longer, and never past its exp (S1, SPEC-18.10)", async () => {
  for (const [exp, until] of [
    [NOW + 3600, 60 + 100],
    [NOW + 90, 90],
  ] as const) {
    const { server, time, check, events, source } = sourceOf(signer, { staleIfError: 100, pollInterval: 60 });
    expect(source.revocationBound).toBe(60 + 5 + 100);
    const token = await listed({ 1: 1 }, { exp });
    server.answer = () => token;
    await check(0);
    server.answer = down;
    time.now = NOW + 60;
    expect([await check(0), await check(1)]).toEqual(["valid", "revoked"]);
    await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ outcome: "failed", cause: "status", stale: true }));
    time.now = NOW + until - 1;
    expect([await check(0), await check(1)]).toEqual(["valid", "revoked"]);
    time.now = NOW + until;
    expect([await check(0), await check(1)]).toEqual([DOWN, DOWN]);
  }
});

it("refuses while the clock stands still and the list cannot be fetched", async () => {
  const { server, check } = sourceOf(signer, { pollInterval: 60 });
  const started = performance.now();
  let elapsed = 0;
  vi.spyOn(performance, "now").mockImplementation(() => started + elapsed * 1000);
  server.answer = () => listed({});
  await check(0);
  server.answer = down;
  elapsed = 59;
  expect(await check(0)).toBe("valid");
  elapsed = 61;
  expect(await check(0)).toBe(DOWN);
});

it("refuses an older list than one before, counts it, and keeps the newer one for its time (S1, SPEC-18.9)", async () => {
  const { server, time, check, events } = sourceOf(signer);
  const [older, newer] = [await listed({}, { iat: NOW - 60 }), await listed({ 5: 1 })];
  server.answer = () => newer;
  expect(await check(5)).toBe("revoked");
  server.answer = () => older;
  time.now += 45;
  expect(await check(5)).toBe("revoked");
  await vi.waitFor(() => expect(events.at(-1)).toMatchObject({ outcome: "failed", cause: "outdated", stale: false }));
  expect(events.at(-1)).toMatchObject({ issuer: ISSUER, uri: URI, served: { issuedAt: NOW } });
  time.now += 15;
  expect(await check(5)).toMatch(/^unavailable: The status list's server sent an older document/);
  server.answer = () => newer;
  time.now += 1;
  expect(await check(5)).toBe("revoked");
});

it("refuses a list that has expired or comes from the future (SPEC-18.9)", async () => {
  const { server, check, time } = sourceOf(signer);
  const expired = await listed({}, { iat: NOW - 100, exp: NOW });
  server.answer = () => expired;
  expect(await check(0)).toBe("unavailable: The status list has expired");
  const future = await listed({}, { iat: NOW + 100 });
  server.answer = () => future;
  time.now += 30;
  expect(await check(0)).toBe("unavailable: The status list has an `iat` in the future");
});

it("refuses what inflates beyond its limit, and what is longer than a token may be (S1, SPEC-18.11)", async () => {
  const { server, check, time } = sourceOf(signer, { maxListBytes: 127, maxBytes: 2000 });
  server.answer = () => listed({});
  expect(await check(0)).toBe("unavailable: The status list inflates to more than 127 bytes");
  server.answer = () => listed({}, { more: "x".repeat(2000) });
  time.now += 30;
  expect(await check(0)).toMatch(/^unavailable: The status list's server sent more than 2000 bytes/);
});

it("refreshes ahead of the end, revalidates by the entity tag, and spreads what holders do at once", async () => {
  const { server, time, check, events } = sourceOf(signer);
  const token = await listed({ 1: 1 });
  server.answer = () => new Response(token, { headers: { etag: '"one"' } });
  await check(0);
  server.answer = () => new Response(null, { status: 304 });
  time.now += 41;
  await check(0);
  expect(server.hits).toBe(1);
  time.now += 1;
  await check(0);
  await vi.waitFor(() => expect(events.at(-1)?.outcome).toBe("not-modified"));
  expect(server.revalidations).toEqual([undefined, '"one"']);
  time.now += 41;
  expect([await check(0), await check(1), server.hits]).toEqual(["valid", "revoked", 2]);

  vi.spyOn(Math, "random").mockReturnValue(0.999);
  const late = sourceOf(signer);
  late.server.answer = () => token;
  await late.check(0);
  late.time.now += 53;
  await late.check(0);
  expect(late.server.hits).toBe(1);
});

it("knows after reload whatever was published before it", async () => {
  const { source, server, check } = sourceOf(signer);
  server.answer = () => listed({});
  expect(await check(7)).toBe("valid");
  server.answer = () => listed({ 7: 1 });
  await source.reload();
  expect(await check(7)).toBe("revoked");
  server.answer = down;
  expect(await outcomeOf(() => source.reload(URI))).toBe(DOWN);
  expect(await check(7)).toBe("revoked");
  await expect(source.reload("https://other.example")).rejects.toMatchObject({ code: "ERR_OPTION" });
});

it("is ready once every list is held, and serves nothing once it is closed", async () => {
  const { source, server, check, time } = sourceOf(signer);
  server.answer = down;
  expect(await outcomeOf(() => source.ready())).toBe(DOWN);
  time.now += 30;
  server.answer = () => listed({});
  await check(0);
  await source.ready();
  expect(server.hits).toBe(2);
  await source.close();
  expect(await check(0)).toMatch(/^unavailable/);
});

it("reports each fetch, and repeats nothing that was received", async () => {
  const { server, check, events, time } = sourceOf(signer);
  server.answer = () => listed({});
  await check(0);
  server.answer = () => "secret-token-of-somebody";
  time.now += 60;
  await check(0);
  expect(events).toMatchObject([
    { type: "status-list", outcome: "fetched", issuer: ISSUER, uri: URI, stale: false, served: { size: 1024 } },
    { outcome: "failed", cause: "content", problem: "The status list is not a compact JWS" },
  ]);
  expect(events[1]?.served).toBeUndefined();
  expect(JSON.stringify(events)).not.toContain("secret");
});

it("refuses everything while keys are unavailable, and says so", async () => {
  const keyResolver = { resolve: () => Promise.reject(new Error("somebody's secret")) };
  const { server, check } = sourceOf(signer, { keyResolver });
  server.answer = () => listed({});
  expect(await check(0)).toBe("unavailable: The status list's server sent something that cannot be read");
});
