import { EXTENSION } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { Attempts, type AttestationSource, AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openRecording } from "./recording-wire.ts";

const START = 1_800_000_000;
const ENDPOINT = "https://mcp.example/mcp";
/** The true time in milliseconds, by which fake timers run. */
let elapsed: number;
/** Seconds by which the agent's clock is ahead of the true time. */
let skew: number;
let authority: TestAuthority;
let agent: AttestingAgent;
let asked: number;
const trueTime = () => START + Math.floor(elapsed / 1000);
const ownTime = () => trueTime() + skew;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  elapsed = 0;
  skew = 0;
  asked = 0;
  authority = await createTestAuthority({ clock: ownTime });
  const local = localSource(authority.provider, authority.identity);
  const source: AttestationSource = {
    getAttestation(ask) {
      asked++;
      return local.getAttestation(ask);
    },
  };
  agent = new AttestingAgent({ source, clock: ownTime });
});
afterEach(() => vi.useRealTimers());

/** Lets the time pass until a promise is settled. @returns The milliseconds that it took. */
async function passing<T>(promise: Promise<T>): Promise<{ value: T; took: number }> {
  const begun = elapsed;
  let done = false;
  const settled = promise.finally(() => {
    done = true;
  });
  settled.catch(() => {});
  while (!done) {
    // Signatures are made by threads, which no fake timer waits for.
    await new Promise((resolve) => setImmediate(resolve));
    if (vi.getTimerCount() === 0) continue;
    elapsed += 50;
    await vi.advanceTimersByTimeAsync(50);
  }
  return { value: await settled, took: elapsed - begun };
}

const iatOf = (proof: string) => JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString()).iat;

/** A server that has just started: its replay store refuses what is dated in or before the second `made`. */
function restarted(made: () => number) {
  const times: number[] = [];
  const fetch = attestFetch({
    agent,
    audience: authority.audience,
    endpoint: ENDPOINT,
    fetch: async (_, init) => {
      const iat = iatOf(new Headers(init?.headers).get("Agent-Attestation-Proof") ?? "");
      times.push(iat);
      const verified = { "Agent-Attestation-Status": "verified;trust=provider" };
      const expired = {
        "Agent-Attestation-Error": "attestation_expired",
        "Agent-Attestation-Time": String(trueTime()),
      };
      return new Response("{}", { headers: iat > made() ? verified : expired });
    },
  });
  return { times, post: () => passing(fetch(ENDPOINT, { method: "POST", body: "{}" })), fetch };
}

describe("an agent whose proof is as old as its server's replay store", () => {
  it.each([0, 1, 500, 999])(
    "is served by its one retry, made when that second has passed: %i ms into it (SPEC-7.10, SPEC-7.12)",
    async (milliseconds) => {
      elapsed = milliseconds;
      const { times, post, fetch } = restarted(() => START);
      const { took } = await post();
      expect(fetch.attestation.status).toBe("verified");
      expect(times).toEqual([START, START + 1]);
      expect(took).toBeLessThanOrEqual(1100);
      expect(asked).toBe(1);
    },
  );

  it.each([-90, -30, -3, -2, -1, 1, 2])("is served too if its clock is %i seconds off (SPEC-7.10)", async (seconds) => {
    skew = seconds;
    const { times, post, fetch } = restarted(() => START);
    const { took } = await post();
    expect(fetch.attestation.status).toBe("verified");
    expect(times.length).toBeLessThanOrEqual(2);
    expect(took).toBeLessThanOrEqual(1100);
  });

  it("does not take its own clock for wrong, so the next request is dated by it (SPEC-7.11, SPEC-7.12)", async () => {
    const { times, post } = restarted(() => START);
    await post();
    elapsed = 60_000;
    const { took } = await post();
    expect(times.at(-1)).toBe(START + 60);
    expect(took).toBe(0);
  });

  it("does not take its own clock for wrong because an answer was long on its way (SPEC-7.11, SPEC-7.12)", async () => {
    const request = { kind: "message", method: "ping" } as const;
    const credentials = await agent.credentialsFor(authority.audience, request);
    elapsed = 20_000;
    const refusal = { reason: "attestation_expired", advice: { serverTime: START + 3 }, credentials } as const;
    expect(agent.learn(authority.audience, refusal, new Attempts())).toBe(true);
    const { value, took } = await passing(agent.credentialsFor(authority.audience, request));
    expect([value.issuedAt, took]).toEqual([START + 20, 0]);
  });

  it("is served with credentials in the message as well (SPEC-7.10)", async () => {
    const { wire, transport, received } = openRecording(agent, authority.audience);
    await passing(transport.send({ jsonrpc: "2.0", id: 1, method: "tools/list" }));
    const data = { extension: EXTENSION, reason: "attestation_expired", serverTime: START };
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -31003, message: "expired", data } });
    await passing(transport.send({ jsonrpc: "2.0", method: "notifications/progress" }));
    const proofs = wire.sent
      .filter(({ id }) => id === 1)
      .map(({ params }) => (params as { _meta: Record<string, string> })._meta["io.github.attest/proof"] ?? "");
    expect(proofs.map(iatOf)).toEqual([START, START + 1]);
    expect(received).toEqual([]);
  });

  it("corrects a clock that is wrong at once, without waiting (SPEC-7.11)", async () => {
    skew = -1000;
    const { times, post, fetch } = restarted(() => START - 90);
    const { took } = await post();
    expect(fetch.attestation.status).toBe("verified");
    expect(times).toEqual([START - 1000, START]);
    expect(took).toBe(0);
  });

  it("waits no longer than that if its clock stands still, and then no more (SPEC-7.10, SPEC-7.12)", async () => {
    const stopped = new AttestingAgent({
      source: localSource(authority.provider, authority.identity),
      clock: () => START,
    });
    const credentials = await stopped.credentialsFor(authority.audience, { kind: "message", method: "ping" });
    const refusal = { reason: "attestation_expired", advice: { serverTime: START }, credentials } as const;
    stopped.learn(authority.audience, refusal, new Attempts());
    const ask = () => passing(stopped.credentialsFor(authority.audience, { kind: "message", method: "ping" }));
    expect((await ask()).took).toBeLessThanOrEqual(1250);
    expect((await ask()).took).toBe(0);
  });
});
