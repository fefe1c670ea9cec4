import { AttestationError } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { type AttestationSource, AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { learnExpired } from "./learn-expired.ts";

const START = 1_800_000_000;
let now: number;
let authority: TestAuthority;
let asked: number;
let failing: boolean;
let source: AttestationSource;

beforeEach(async () => {
  now = START;
  asked = 0;
  failing = false;
  authority = await createTestAuthority({ clock: () => now });
  const local = localSource(authority.provider, authority.identity);
  source = {
    getAttestation: async (ask) => {
      asked++;
      if (failing) throw new Error("secret words of a backend");
      return local.getAttestation(ask);
    },
  };
});

const request = { kind: "message", method: "ping" } as const;
const agentWith = (own: AttestationSource = source) => new AttestingAgent({ source: own, clock: () => now });

describe("an agent", () => {
  it("asks once for any number of messages at a time, and again before the attestation ends", async () => {
    const agent = agentWith();
    await Promise.all(Array.from({ length: 50 }, () => agent.credentialsFor(authority.audience, request)));
    expect(asked).toBe(1);
    now += 239;
    await agent.credentialsFor(authority.audience, request);
    expect(asked).toBe(1);
    now += 1;
    await agent.credentialsFor(authority.audience, request);
    expect(asked).toBe(2);
  });

  it("serves with what is still good while the source is down, asking it rarely, and fails typed after", async () => {
    const agent = agentWith();
    await agent.credentialsFor(authority.audience, request);
    failing = true;
    now += 250;
    for (let i = 0; i < 50; i++) await agent.credentialsFor(authority.audience, request);
    expect(asked).toBeLessThanOrEqual(3);
    now += 60;
    const refused = agent.credentialsFor(authority.audience, request);
    const message = expect.stringMatching(
      /^No attestation is available: the source failed \(Error\)\..*throw an AttestationError/,
    );
    await expect(refused).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE", message });
    await expect(refused).rejects.not.toHaveProperty("cause");
  });

  it.each<[string, unknown]>([
    ["TypeError", new TypeError("fetch failed with secret words")],
    ["DOMException", new DOMException("secret words", "SecretError")],
    ["Error", Object.assign(new Error("secret words"), { name: "secret words" })],
    ["string", "secret words"],
  ])("says of a failed source that it threw a %s, and nothing of what that says (O1)", async (kind, thrown) => {
    const getAttestation = () => Promise.reject(thrown);
    const error = await agentWith({ getAttestation }).credentialsFor(authority.audience, request).catch(String);
    expect(error).toContain(`the source failed (${kind})`);
    expect(error).not.toMatch(/secret words|SecretError/);
  });

  it("takes an attestation that a source of plain JavaScript has at hand, without a promise", async () => {
    const token = await authority.attest();
    const own = { getAttestation: () => token } as unknown as AttestationSource;
    const agent = new AttestingAgent({ source: own, signer: authority.agentKey, clock: () => now });
    await expect(agent.credentialsFor(authority.audience, request)).resolves.toMatchObject({ attestation: token });
  });

  it("passes on what a source says in the one error that holds no secret (O1)", async () => {
    const cause = new AttestationError("ERR_SOURCE_UNAVAILABLE", "The authority answered with HTTP 403");
    const refused = agentWith({ getAttestation: () => Promise.reject(cause) }).credentialsFor(
      authority.audience,
      request,
    );
    const message = `No attestation is available: ${cause.message}`;
    await expect(refused).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE", message, cause });
  });

  it("tells its observer of each attestation asked for, and nothing secret of a failure (O1)", async () => {
    const events: unknown[] = [];
    const agent = new AttestingAgent({
      source,
      clock: () => now,
      observer: { onEvent: (event) => void events.push(event) },
    });
    await agent.credentialsFor(authority.audience, request);
    failing = true;
    now += 301;
    await agent.credentialsFor(authority.audience, request).catch(() => {});
    const issuance = { type: "issuance", format: "attestation", profile: "bound", duration: expect.any(Number) };
    expect(events).toEqual([
      { ...issuance, outcome: "issued" },
      { ...issuance, outcome: "failed", code: "ERR_SOURCE_UNAVAILABLE" },
    ]);
  });

  it("is not made to ask for more by a server that lies about the time (SPEC-7.11)", async () => {
    const agent = agentWith();
    const credentials = await agent.credentialsFor(authority.audience, request);
    for (let i = 0; i < 20; i++) {
      expect(learnExpired(agent, authority.audience, credentials, START + 200)).toBe(true);
      await agent.credentialsFor(authority.audience, request);
    }
    expect(asked).toBe(1);
  });

  it.each<[string, () => Promise<string>]>([
    ["garbage", async () => "garbage"],
    ["no text", async () => 7 as unknown as string],
    ["an attestation for another key", () => authority.attest()],
  ])("takes %s for no attestation", async (_, getAttestation) => {
    const refused = agentWith({ getAttestation }).credentialsFor(authority.audience, request);
    await expect(refused).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
  });

  it("uses another key for each server", async () => {
    const agent = agentWith();
    const keys = await Promise.all(
      ["https://a.example/", "https://b.example/"].map(async (audience) => {
        const { attestation } = await agent.credentialsFor(audience, request);
        return JSON.parse(Buffer.from(attestation.split(".")[1] ?? "", "base64url").toString()).cnf.jwk.x;
      }),
    );
    expect(new Set(keys).size).toBe(2);
  });

  it.each([
    ["source", { source: {} }],
    ["clock", { clock: 1 }],
    ["observer", { observer: () => {} }],
  ])("refuses at construction a wrong %s", (name, wrong) => {
    const options = { source, ...wrong } as unknown as { source: AttestationSource };
    expect(() => new AttestingAgent(options)).toThrow(name);
  });
});

it("is given a local source only of a provider, and with options that hold", () => {
  const { provider, identity } = authority;
  const misspelt: object = { liftime: 60 };
  expect(() => localSource(provider, identity, misspelt)).toThrow("liftime");
  expect(() => localSource({} as typeof provider, identity)).toThrow("provider");
});

/** A transport that keeps what is sent and says what it is told. */
class Wire {
  onmessage?: ((message: unknown) => void) | undefined;
  readonly sent: Record<string, unknown>[] = [];
  async send(message: Record<string, unknown>): Promise<void> {
    this.sent.push(message);
  }
}

describe("an attested transport", () => {
  const expired = (id: number) => ({
    jsonrpc: "2.0",
    id,
    error: {
      code: -31003,
      message: "expired",
      data: {
        extension: "io.github.attest/agent-attestation",
        reason: "attestation_expired",
        retryable: true,
        serverTime: START + 500,
      },
    },
  });
  const open = () => {
    const wire = new Wire();
    const transport = attestTransport(wire, { agent: agentWith(), audience: authority.audience });
    transport.onmessage = () => {};
    return { wire, transport };
  };
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } };

  it("sends once more what was refused as expired, with a fresh proof, and only once (SPEC-7.10)", async () => {
    const { wire, transport } = open();
    await transport.send(call);
    wire.onmessage?.(expired(1));
    await transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
    wire.onmessage?.(expired(1));
    await transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
    const proofs = wire.sent.filter(({ id }) => id === 1).map((message) => JSON.stringify(message));
    expect(proofs).toHaveLength(2);
    expect(new Set(proofs).size).toBe(2);
  });

  it("never sends once more what was cancelled (M6, SPEC-7.10)", async () => {
    const { wire, transport } = open();
    await transport.send(call);
    await transport.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } });
    wire.onmessage?.(expired(1));
    await transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
    expect(wire.sent.filter(({ id }) => id === 1)).toHaveLength(1);
  });

  it("tells of trust only as long as its server says that it verified the agent", async () => {
    const { wire, transport } = open();
    const answer = async (id: number, told: object) => {
      await transport.send({ ...call, id });
      const _meta = { "io.github.attest/status": told };
      wire.onmessage?.({ jsonrpc: "2.0", id, result: { _meta } });
    };
    await answer(1, { verification_status: "verified", trust_level: "provider" });
    expect(transport.attestation).toEqual({ status: "verified", trustLevel: "provider" });
    await answer(2, { verification_status: "failed", trust_level: "none" });
    expect(transport.attestation).toEqual({ status: "failed" });
    await answer(3, { verification_status: "not_provided", trust_level: "enterprise" });
    expect(transport.attestation).toEqual({ status: "not_provided" });
  });

  it("is not made twice of one transport", () => {
    const { wire, transport } = open();
    const options = { agent: agentWith(), audience: authority.audience };
    for (const again of [wire, transport]) expect(() => attestTransport(again, options)).toThrow("already");
  });
});

describe("an attesting fetch", () => {
  it("believes no time that is none, follows no redirect, and does not take a 401 for an answer about attestation (SPEC-4.9)", async () => {
    const inits: RequestInit[] = [];
    const answers = [
      new Response("", { status: 401 }),
      new Response("{}", {
        headers: { "Agent-Attestation-Error": "attestation_expired", "Agent-Attestation-Time": "" },
      }),
      new Response("{}", { headers: { "Agent-Attestation-Status": "verified;trust=provider" } }),
    ];
    const fetch = attestFetch({
      agent: agentWith(),
      audience: authority.audience,
      endpoint: "https://mcp.example/mcp",
      fetch: async (_, init = {}) => {
        inits.push(init);
        return answers.shift() ?? new Response("{}");
      },
    });
    await fetch("https://mcp.example/mcp", { method: "POST", body: "{}" });
    expect(fetch.attestation.status).toBe("pending");
    await fetch("https://mcp.example/mcp", { method: "POST", body: "{}" });
    expect(fetch.attestation).toEqual({ status: "verified", trustLevel: "provider" });
    expect(inits.map(({ redirect }) => redirect)).toEqual(["manual", "manual", "manual"]);
    const times = inits.map(({ headers }) => {
      const [, payload = ""] = (new Headers(headers).get("Agent-Attestation-Proof") ?? "").split(".");
      return JSON.parse(Buffer.from(payload, "base64url").toString()).iat;
    });
    expect(times).toEqual([START, START, START]);
  });
});
