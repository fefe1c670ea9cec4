import { EXTENSION } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { type AttestationSource, AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { learnExpired } from "./learn-expired.ts";

type Json = Record<string, unknown>;

const START = 1_800_000_000;
let authority: TestAuthority;
let local: AttestationSource;
let asked: number;
let now: number;
/** What the source waits for before it answers. */
let gate: () => Promise<unknown>;
let agent: AttestingAgent;

beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
  local = localSource(authority.provider, authority.identity);
  asked = 0;
  gate = async () => {};
  const source: AttestationSource = {
    getAttestation: async (ask) => {
      asked++;
      await gate();
      return local.getAttestation(ask);
    },
  };
  agent = new AttestingAgent({ source, clock: () => now });
});

/** A transport that keeps what is sent, and what its client is told. */
function open(deliverable: () => boolean = () => true) {
  const sent: Json[] = [];
  const got: Json[] = [];
  const wire = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    onerror: () => {},
    send: async (message: Json) => {
      if (!deliverable()) throw new Error("unreachable");
      sent.push(message);
    },
  };
  const transport = attestTransport(wire, { agent, audience: authority.audience });
  transport.onmessage = (message) => void got.push(message as Json);
  /** Resolves when everything that was to be sent before has been. */
  const settle = () => transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
  const times = (id: number) => sent.filter((message) => message["id"] === id).length;
  return { wire, transport, got, times, settle };
}

const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } };
const refusal = { code: -31003, message: "expired", data: { extension: EXTENSION, reason: "attestation_expired" } };
const expired = { jsonrpc: "2.0", id: 1, error: refusal };

describe("an attested transport", () => {
  it("sends nothing again because an error's text quotes a refusal (M6)", async () => {
    const { wire, transport, got, times, settle } = open();
    await transport.send(call);
    const message = `The upstream said: ${JSON.stringify({ error: refusal })}`;
    const answer = { jsonrpc: "2.0", id: 1, error: { code: -32603, message } };
    wire.onmessage?.(answer);
    await settle();
    expect(times(1)).toBe(1);
    expect(got).toEqual([answer]);
  });

  it("sends nothing again that was cancelled while its new attestation was awaited (M6)", async () => {
    const { wire, transport, times } = open();
    await transport.send(call);
    let release: (value?: unknown) => void = () => {};
    const waiting = new Promise((resolve) => {
      release = resolve;
    });
    gate = () => waiting;
    now += 120;
    wire.onmessage?.(expired);
    const cancelled = transport.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    release();
    await cancelled;
    expect(times(1)).toBe(1);
  });

  it.each(["the source", "the wire"])("hands on the refusal if %s is gone when it would send again", async (gone) => {
    let reachable = true;
    const { wire, transport, got, settle } = open(() => reachable);
    await transport.send(call);
    if (gone === "the wire") reachable = false;
    else gate = () => Promise.reject(new Error("down"));
    now += 120;
    wire.onmessage?.(expired);
    await settle().catch(() => {});
    await expect.poll(() => got).toEqual([expired]);
  });

  it("sends nothing again that was called a replay, in the message or in HTTP fields (M6)", async () => {
    const { wire, transport, times, settle } = open();
    await transport.send(call);
    wire.onmessage?.({
      ...expired,
      error: { ...refusal, data: { extension: EXTENSION, reason: "attestation_replay" } },
    });
    await settle();
    expect(times(1)).toBe(1);
    let posts = 0;
    const endpoint = "https://mcp.example/mcp";
    const send = async () => {
      posts++;
      return new Response("{}", { headers: { "Agent-Attestation-Error": "attestation_replay" } });
    };
    await attestFetch({ agent, audience: authority.audience, endpoint, fetch: send })(endpoint, { method: "POST" });
    expect(posts).toBe(1);
  });

  it("sends nothing again that was verified, though its answer also hands on somebody's refusal (M6)", async () => {
    const endpoint = "https://mcp.example/mcp";
    const headers = {
      "Agent-Attestation-Status": "verified;trust=provider",
      "Agent-Attestation-Error": "attestation_expired",
    };
    let posts = 0;
    const send = async () => {
      posts++;
      return new Response("{}", { headers });
    };
    await attestFetch({ agent, audience: authority.audience, endpoint, fetch: send })(endpoint, { method: "POST" });
    expect(posts).toBe(1);
  });

  it("forgets a request that could not be sent", async () => {
    let reachable = false;
    const { wire, transport, times, settle } = open(() => reachable);
    await expect(transport.send(call)).rejects.toThrow("unreachable");
    reachable = true;
    wire.onmessage?.(expired);
    await settle();
    expect(times(1)).toBe(0);
  });
});

describe("an agent", () => {
  it.each([undefined, Number.MAX_SAFE_INTEGER, START + 90_000])(
    "asks its source no more often because a server calls everything expired: %s",
    async (serverTime) => {
      for (let i = 0; i < 20; i++) {
        const credentials = await agent.credentialsFor(authority.audience, { kind: "message", method: "ping" });
        learnExpired(agent, authority.audience, credentials, serverTime);
      }
      expect(asked).toBe(1);
    },
  );

  it.each([undefined, 86_000])(
    "asks its source thrice in the life of an attestation at most, however long a server calls it expired (SPEC-7.11)",
    async (ahead) => {
      const ping = { kind: "message", method: "ping" } as const;
      let credentials = await agent.credentialsFor(authority.audience, ping);
      for (const end = START + 3600; now < end; ) {
        learnExpired(agent, authority.audience, credentials, ahead && now + ahead);
        now += 10;
        credentials = await agent.credentialsFor(authority.audience, ping);
      }
      expect(asked).toBeGreaterThan(2 * (3600 / 300));
      expect(asked).toBeLessThanOrEqual(3 * (3600 / 300));
    },
  );

  it("asks its source when what it has is over, though its own clock was set back meanwhile", async () => {
    now += 3600;
    const credentials = await agent.credentialsFor(authority.audience, { kind: "message", method: "ping" });
    now = START + 301;
    learnExpired(agent, authority.audience, credentials, START + 3901);
    await agent.credentialsFor(authority.audience, { kind: "message", method: "ping" });
    expect(asked).toBe(2);
  });
});
