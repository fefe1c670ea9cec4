import { AttestationVerifier, InMemoryReplayCache, type VerificationRequest } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

const START = 1_800_000_000;
const BODY = new TextEncoder().encode("{}");
const HTTP = { kind: "http", method: "POST", body: BODY } as const;
const MESSAGE = { kind: "message", method: "tools/call" } as const;
const IN_MESSAGE_OVER_HTTP = { ...MESSAGE, overHttp: true } as const;

/** A server that can be started again: each start has a memory of its own, made by the verifier's clock. */
async function setUp() {
  let now = START;
  const authority = await createTestAuthority({ clock: () => now });
  const { replayCache: _, ...options } = authority.verifierOptions;
  return {
    authority,
    start: () => new AttestationVerifier({ ...options, allowBearer: true }),
    at: (time: number) => {
      now = time;
    },
  };
}

const TOO_EARLY = { code: "ERR_REPLAY_BEFORE_START", reason: "attestation_expired", retryable: true };

describe("a proof that was used before a restart", () => {
  it.each<[string, VerificationRequest]>([
    ["in HTTP fields", HTTP],
    ["in a message over HTTP", IN_MESSAGE_OVER_HTTP],
  ])("%s is not accepted again, from the same second on (R17, SPEC-9.9)", async (_, request) => {
    const { authority, start, at } = await setUp();
    const before = start();
    at(START + 10);
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    expect(await before.verify(attestation, { proof, ...request })).toMatchObject({ verified: true });
    for (const restarted of [0, 1, 60, 90]) {
      at(START + 10 + restarted);
      const after = await start().verify(attestation, { proof, ...request });
      expect(after).toMatchObject({ ...TOO_EARLY, advice: { serverTime: START + 10 + restarted } });
    }
  });

  it("is followed by a new one, which is accepted (R17, SPEC-9.9)", async () => {
    const { authority, start, at } = await setUp();
    const attestation = await authority.attest();
    const verifier = start();
    const present = async () =>
      verifier.verify(attestation, { ...HTTP, proof: await authority.prove(attestation, HTTP) });
    expect(await present()).toMatchObject(TOO_EARLY);
    at(START + 1);
    expect(await present()).toMatchObject({ verified: true });
  });

  it("uses nothing up when it is refused (SPEC-6.16)", async () => {
    const replayCache = new InMemoryReplayCache({ clock: () => START });
    const { authority } = await setUp();
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, replayCache });
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, HTTP);
    expect(await verifier.verify(attestation, { proof, ...HTTP })).toMatchObject(TOO_EARLY);
    expect(replayCache.size).toBe(0);
  });
});

it("a first proof over stdio may be older than the process that it starts (SPEC-9.9)", async () => {
  const { authority, start, at } = await setUp();
  const attestation = await authority.attest();
  const proof = await authority.prove(attestation, MESSAGE);
  at(START + 2);
  expect(await start().verify(attestation, { proof, ...MESSAGE })).toMatchObject({ verified: true });
});

it("a bearer attestation over HTTP counts from when it was issued, five seconds after its iat (R17, SPEC-9.9)", async () => {
  const { authority, start, at } = await setUp();
  const overHttp = { kind: "message", method: "initialize", overHttp: true } as const;
  const token = await authority.attestBearer();
  for (const restarted of [0, 1, 100]) {
    at(START + restarted);
    expect(await start().verify(token, overHttp)).toMatchObject(TOO_EARLY);
    expect(await start().verify(token, { kind: "message", method: "initialize" })).toMatchObject({ verified: true });
  }
  at(START - 1);
  const earlier = start();
  at(START);
  expect(await earlier.verify(token, overHttp)).toMatchObject({ verified: true });
});

it("a store that is shared decides by itself what it may have lost (SPEC-9.9)", async () => {
  const { authority, start: _ } = await setUp();
  const notBefore: unknown[] = [];
  const verifier = new AttestationVerifier({
    ...authority.verifierOptions,
    replayCache: { scope: "shared", consume: (use) => Boolean(notBefore.push(use.notBefore)) },
  });
  const attestation = await authority.attest();
  for (const request of [HTTP, IN_MESSAGE_OVER_HTTP, MESSAGE]) {
    await verifier.verify(attestation, { ...request, proof: await authority.prove(attestation, request) });
  }
  expect(notBefore).toEqual([START, START, undefined]);
});

describe("a memory of uses", () => {
  const use = (now: number, notBefore?: number) => ({
    key: String(Math.random()),
    now,
    issuedAt: now,
    expiresAt: now + 95,
    clockTolerance: 30,
    nodeSkew: 5,
    ...(notBefore !== undefined && { notBefore }),
  });

  it.each<[string, () => number]>([
    ["tells zero, as some do while modules are loaded", () => 0],
    ["tells no number", () => Number.NaN],
    [
      "throws",
      () => {
        throw new Error("no clock");
      },
    ],
  ])("whose clock %s takes its first use for its beginning (R17, T19)", (_, clock) => {
    const cache = new InMemoryReplayCache({ clock });
    expect(() => cache.consume(use(START, START))).toThrow(expect.objectContaining({ code: TOO_EARLY.code }));
    expect(cache.consume(use(START + 1, START + 1))).toBe(true);
  });

  it("refuses a time before which there is none (R17)", () => {
    const cache = new InMemoryReplayCache({ clock: () => START });
    for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY]) {
      expect(() => cache.consume(use(START, wrong))).toThrow(expect.objectContaining({ code: TOO_EARLY.code }));
    }
  });

  it("reads its clock once, when it is made", () => {
    let now = START;
    const cache = new InMemoryReplayCache({ clock: () => now });
    now = START + 100;
    expect(cache.consume(use(now, START + 1))).toBe(true);
  });

  describe("that one waits for", () => {
    beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "performance"] }));
    afterEach(() => vi.useRealTimers());

    it("is ready once the second has passed in which it refuses new proofs too (R17)", async () => {
      const cache = new InMemoryReplayCache();
      let ready = false;
      const waiting = cache.ready().then(() => {
        ready = true;
      });
      await vi.advanceTimersByTimeAsync(999);
      expect(ready).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await waiting;
      expect(ready).toBe(true);
    });
  });
});
