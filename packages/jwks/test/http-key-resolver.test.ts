import { AttestationVerifier, KeyPair, type PublicJwk } from "@attest/core";
import { afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { HttpKeyResolver } from "../src/index.ts";
import { document, ISSUER, jwks, openHostileServer, resolverFor } from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const down = document("", {}, 503);
let [a, b]: PublicJwk[] = [];

beforeAll(async () => {
  [a, b] = await Promise.all(["a", "b"].map(async (kid) => (await KeyPair.generate({ kid })).toJwk()));
});

// No jitter unless a test asks for it: refreshes from 70 % of the time on, half of a back-off.
beforeEach(() => vi.spyOn(Math, "random").mockReturnValue(0));
afterEach(() => vi.restoreAllMocks());

it("answers from what it holds, at once and without a fetch", async () => {
  const server = await openHostileServer(jwks([a]));
  const { resolver, time } = resolverFor(server);
  const first = await resolver.resolve(ISSUER, "a");
  time.now += 60;
  expect(resolver.resolve(ISSUER, "a")).toBe(first);
  expect(server.hits).toBe(1);
});

it("makes one fetch of 1,000 concurrent cold starts (J5, SPEC-8.13)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome } = resolverFor(server);
  const outcomes = await Promise.all(Array.from({ length: 1000 }, (_, i) => outcome(i % 2 ? "a" : `other-${i}`)));
  expect(outcomes.filter((each) => each === "none")).toHaveLength(500);
  expect(outcomes.filter((each) => each.length === 43)).toHaveLength(500);
  expect(server.hits).toBe(1);
});

it("shares one failure between 1,000 concurrent cold starts (J5, SPEC-8.13)", async () => {
  const server = await openHostileServer(down);
  const { outcome } = resolverFor(server);
  const outcomes = await Promise.all(Array.from({ length: 1000 }, () => outcome("a")));
  expect(new Set(outcomes)).toEqual(new Set([UNAVAILABLE]));
  expect(server.hits).toBe(1);
});

it("makes one fetch per cooldown of 10,000 unknown kids, and still sees a rotation within one (J6, J9, SPEC-8.13)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server);
  await outcome("a");
  time.now += 10;
  server.answer = jwks([a, b]);
  for (let second = 0; second < 30; second++) {
    const flood = Array.from({ length: Math.ceil(10_000 / 30) }, (_, i) => outcome(`flood-${second}-${i}`));
    const honest = outcome("b");
    expect(new Set(await Promise.all(flood))).toEqual(new Set(["none"]));
    // The set was fetched at 0, so that from second 30 on it may be asked for again.
    expect(await honest).toHaveLength(second < 20 ? 4 : 43);
    expect(server.hits).toBe(second < 20 ? 1 : 2);
    time.now++;
  }
});

it("counts the cooldown from the last attempt, failed or not, at its very edge (J6)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server, { cooldown: 20 });
  await outcome("a");
  server.answer = down;
  time.now += 19;
  expect([await outcome("b"), server.hits]).toEqual(["none", 1]);
  time.now += 1;
  expect([await outcome("b"), server.hits]).toEqual([UNAVAILABLE, 2]);
  server.answer = jwks([a, b]);
  time.now += 19;
  expect([await outcome("b"), server.hits]).toEqual([UNAVAILABLE, 2]);
  time.now += 1;
  expect([(await outcome("b")).length, server.hits]).toEqual([43, 3]);
});

it("does not let a kid that cannot be one cause a fetch (J6)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome } = resolverFor(server);
  for (const kid of ["", "a b", "ä", "x".repeat(257)]) expect(await outcome(kid)).toBe("none");
  expect(server.hits).toBe(0);
});

it("backs off from a source that fails, longer each time, up to the cooldown (J7)", async () => {
  vi.mocked(Math.random).mockReturnValue(1 - Number.EPSILON);
  const server = await openHostileServer(down);
  const { outcome, time } = resolverFor(server, { cooldown: 30 });
  const attempts: number[] = [];
  for (const begun = time.now; time.now < begun + 120; time.now++) {
    const before = server.hits;
    expect(await outcome("a")).toBe(UNAVAILABLE);
    if (server.hits > before) attempts.push(time.now - begun);
  }
  expect(attempts).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
});

it("spreads its attempts, so that verifiers do not come back all at once (J7)", async () => {
  const attemptsWith = async (random: number) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const server = await openHostileServer(down);
    const { outcome, time } = resolverFor(server);
    for (const begun = time.now; time.now < begun + 60; time.now++) await outcome("a");
    return server.hits;
  };
  expect(await attemptsWith(0)).toBeGreaterThan(await attemptsWith(0.99));
});

it("recovers with the first success after a failure (J7)", async () => {
  const server = await openHostileServer(down);
  const { outcome, time } = resolverFor(server);
  for (let i = 0; i < 100; i++, time.now++) {
    server.answer = i % 2 ? jwks([a]) : down;
    await outcome("a");
  }
  time.now += 15;
  server.answer = jwks([a]);
  expect(await outcome("a")).toHaveLength(43);
});

it("does not call a key absent that it may have failed to fetch (J8, SPEC-8.14, SPEC-8.19)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server);
  expect(await outcome("b")).toBe("none");
  server.answer = down;
  time.now += 30;
  expect(await outcome("b")).toBe(UNAVAILABLE);
  expect(await outcome("b")).toBe(UNAVAILABLE);
  expect(await outcome("a")).toHaveLength(43);
});

it("refreshes ahead of expiry, without anybody waiting", async () => {
  const server = await openHostileServer(jwks([a]));
  const { resolver, time, events } = resolverFor(server, { cacheTtl: 100 });
  await resolver.resolve(ISSUER, "a");
  for (let fetches = 1; fetches <= 5; fetches++) {
    time.now += 69;
    expect(resolver.resolve(ISSUER, "a")).not.toBeInstanceOf(Promise);
    expect(events.filter(({ type }) => type === "key-fetch")).toHaveLength(fetches);
    time.now += 1;
    expect(resolver.resolve(ISSUER, "a")).not.toBeInstanceOf(Promise);
    await vi.waitFor(() => expect(events.filter(({ type }) => type === "key-fetch")).toHaveLength(fetches + 1));
  }
  expect(server.hits).toBe(6);
});

it.each([
  ["max-age=600", 600],
  ['public, MAX-AGE = "600" , immutable', 600],
  ["max-age=999999", 3600],
  ["max-age=5", 60],
  ["max-age=600, no-cache", 60],
  ["no-store", 60],
  ["max-age=soon", 60],
  ["max-age=-1", 60],
  ["private", 3600],
  ["", 3600],
])("keeps a set with Cache-Control %j for %d seconds", async (value, seconds) => {
  const server = await openHostileServer(jwks([a], { "cache-control": value }));
  const { outcome, time } = resolverFor(server);
  await outcome("a");
  server.answer = down;
  time.now += seconds - 1;
  expect(await outcome("a")).toHaveLength(43);
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("takes the time off that an answer spent in caches", async () => {
  const server = await openHostileServer(jwks([a], { "cache-control": "max-age=600", age: "500" }));
  const { outcome, time } = resolverFor(server);
  await outcome("a");
  server.answer = down;
  time.now += 99;
  expect(await outcome("a")).toHaveLength(43);
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("revalidates by entity tag, and keeps its prepared keys on 304", async () => {
  const server = await openHostileServer(jwks([a], { etag: '"one"' }));
  const { resolver, outcome, time, events } = resolverFor(server, { cacheTtl: 60 });
  const first = await resolver.resolve(ISSUER, "a");
  server.answer = document("", {}, 304);
  time.now += 60;
  expect(await resolver.resolve(ISSUER, "a")).toBe(first);
  expect(events.at(-1)).toMatchObject({ type: "key-fetch", outcome: "not-modified" });
  server.answer = jwks([b], { etag: `"${"long".repeat(100)}"` });
  time.now += 60;
  expect([await outcome("a"), (await outcome("b")).length]).toEqual(["none", 43]);
  time.now += 60;
  await outcome("b");
  expect(server.revalidations).toEqual([undefined, '"one"', '"one"', undefined]);
});

it("serves no key past its time while its source is down, unless asked to (J10, SPEC-8.14)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server, { cacheTtl: 60 });
  await outcome("a");
  server.answer = down;
  time.now += 60;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("serves known keys past their time for a while if asked to, metered, and unknown kids never (J10)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { resolver, outcome, time, events } = resolverFor(server, { cacheTtl: 60, staleIfError: 100 });
  await outcome("a");
  server.answer = down;
  time.now += 60;
  expect(await outcome("a")).toHaveLength(43);
  expect(events.at(-2)).toEqual({ type: "key-set", issuer: ISSUER, keys: 1, stale: true });
  time.now += 99;
  expect(resolver.resolve(ISSUER, "a")).not.toBeInstanceOf(Promise);
  expect(await outcome("b")).toBe(UNAVAILABLE);
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
  server.answer = jwks([a, b]);
  time.now += 30;
  expect([await outcome("a"), await outcome("b")].map((each) => each.length)).toEqual([43, 43]);
  expect(events.filter(({ type }) => type === "key-set")).toMatchObject([
    { keys: 1, stale: false },
    { keys: 1, stale: true },
    { keys: 0, stale: false },
    { keys: 2, stale: false },
  ]);
});

it("asks a source that recovered before it serves anything past its time (J10)", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server, { cacheTtl: 60, staleIfError: 100 });
  await outcome("a");
  server.answer = jwks([b]);
  time.now += 60;
  expect(await outcome("a")).toBe("none");
});

it("lets no answer that comes late overwrite a newer one (J11)", async () => {
  const answers: ((keys: PublicJwk[]) => void)[] = [];
  const fetch = () =>
    new Promise<Response>((resolve) => {
      answers.push((keys) => resolve(Response.json({ keys })));
    });
  const { resolver, outcome, time } = resolverFor(
    { url: "https://keys.example/", ca: "" },
    { fetch, cacheTtl: 60, timeoutMs: 5000 },
  );
  const first = outcome("a");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  // Its deadline is long past, and it is still under way: the process was frozen, or its timers are gone.
  time.now += 30;
  const second = outcome("b");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.([b as PublicJwk]);
  expect(await second).toHaveLength(43);
  answers[0]?.([a as PublicJwk]);
  expect(await first).toBe("none");
  expect(await resolver.resolve(ISSUER, "b")).toMatchObject({ kid: "b" });
  expect(await outcome("a")).toBe("none");
});

it("forgets a removed key with the next fetch, and refuses what it signed", async () => {
  const server = await openHostileServer(jwks([a, b]));
  const { outcome, time } = resolverFor(server);
  await outcome("a");
  server.answer = jwks([b]);
  time.now += 3600;
  expect([await outcome("a"), (await outcome("b")).length]).toEqual(["none", 43]);
});

it("ends its fetches when it is closed, and serves nothing afterwards", async () => {
  const server = await openHostileServer(jwks([a]));
  const { resolver, outcome, time } = resolverFor(server);
  await outcome("a");
  server.answer = () => {};
  time.now += 3600;
  const pending = outcome("a");
  await vi.waitFor(() => expect(server.hits).toBe(2));
  await resolver.close();
  expect([await pending, await outcome("a")]).toEqual([UNAVAILABLE, UNAVAILABLE]);
  await server.idle();
});

it("refuses while its clock tells no time, and relies on nothing from a time to come", async () => {
  const server = await openHostileServer(jwks([a]));
  const { outcome, time } = resolverFor(server);
  await outcome("a");
  const { now } = time;
  time.now = Number.NaN;
  expect(await outcome("a")).toBe("ERR_CLOCK");
  time.now = now - 100_000;
  expect(await outcome("a")).toHaveLength(43);
  expect(server.hits).toBe(2);
});

it("tells observers of each fetch when it begins and ends, and is not disturbed by them", async () => {
  const server = await openHostileServer(jwks([a]));
  const told: string[] = [];
  const { resolver } = resolverFor(server, {
    observer: {
      onStart({ name }) {
        told.push(name);
        // Asks again from within.
        void resolver.resolve(ISSUER, "a");
        return ({ type }) => told.push(type);
      },
      onEvent({ type }) {
        told.push(type);
        throw new Error("an observer's own trouble");
      },
    },
  });
  expect(await resolver.resolve(ISSUER, "a")).toMatchObject({ kid: "a" });
  expect(told).toEqual(["jwks.fetch", "key-set", "key-fetch", "key-fetch"]);
  expect(server.hits).toBe(1);
});

it("is what a verifier takes as its key resolver", () => {
  const keyResolver = new HttpKeyResolver({ issuers: { [ISSUER]: { jwksUri: "https://keys.example/" } } });
  const trusting = (issuer: string) =>
    new AttestationVerifier({
      trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }],
      keyResolver,
      audience: "https://server.example/mcp",
    });
  expect(() => trusting(ISSUER)).not.toThrow();
  expect(() => trusting("https://other.example")).toThrow(/keyResolver/);
});
