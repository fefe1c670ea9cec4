import { importVerificationKey, META_ATTESTATION, META_PROOF, messageDigest, type PublicJwk } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  type AttestationAsk,
  AttestingAgent,
  attestationErrorOf,
  attestFetch,
  attestTransport,
  localSource,
} from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { learnExpired } from "./learn-expired.ts";

const START = 1_800_000_000;
let authority: TestAuthority;
let agent: AttestingAgent;
beforeEach(async () => {
  authority = await createTestAuthority({ clock: () => START });
  agent = agentWith(localSource(authority.provider, authority.identity));
});

const agentWith = (source: ConstructorParameters<typeof AttestingAgent>[0]["source"]) =>
  new AttestingAgent({ source, clock: () => START });

const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

type Json = Record<string, unknown>;
type Carried = { _meta: Record<string, string> };

/** A transport that keeps what is sent. */
class Wire {
  onmessage?: ((message: unknown) => void) | undefined;
  readonly sent: Json[] = [];
  async send(message: Json): Promise<void> {
    this.sent.push(message);
  }
}

function open(options: { bearer?: boolean } = {}) {
  const wire = new Wire();
  const transport = attestTransport(wire, { agent, audience: authority.audience, ...options });
  transport.onmessage = () => {};
  return { wire, transport };
}

describe("an attested transport", () => {
  it("puts an attestation and a new proof on every message but error responses (SPEC-4.1)", async () => {
    const { wire, transport } = open();
    const messages: Json[] = [
      { jsonrpc: "2.0", id: 0, method: "initialize", params: { capabilities: {} } },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "x", _meta: { progressToken: 1 } } },
      { jsonrpc: "2.0", id: 5, result: { action: "accept" } },
    ];
    for (const message of messages) await transport.send(message);
    await transport.send({ jsonrpc: "2.0", id: 6, error: { code: 1, message: "no" } });
    const proofs = new Set<string>();
    for (const { id, method, params, result } of wire.sent.slice(0, 4)) {
      const { _meta } = (params ?? result) as Carried;
      const claims = claimsOf(_meta[META_PROOF] ?? "");
      const digest = await (method === undefined
        ? messageDigest({ kind: "response", id: id as number, result })
        : messageDigest({ kind: "message", method: method as string, params }));
      expect(claims["mcp_digest"]).toBe(digest);
      expect(_meta[META_ATTESTATION]).toBeTypeOf("string");
      proofs.add(claims["jti"]);
    }
    expect(proofs.size).toBe(4);
    expect(wire.sent[4]).toEqual({ jsonrpc: "2.0", id: 6, error: { code: 1, message: "no" } });
  });

  it("proves and sends a snapshot of the message (SPEC-3.13)", async () => {
    const { wire, transport } = open();
    const params: Json = { amount: 1, at: new Date(0), nothing: undefined };
    const sending = transport.send({ jsonrpc: "2.0", id: 1, method: "pay", params });
    params["amount"] = 1_000_000;
    await sending;
    const [{ params: sent }] = wire.sent as [{ params: Carried & Json }];
    expect(sent).toMatchObject({ amount: 1, at: "1970-01-01T00:00:00.000Z" });
    const digest = await messageDigest({ kind: "message", method: "pay", params: sent });
    expect(claimsOf(sent._meta[META_PROOF] ?? "")["mcp_digest"]).toBe(digest);
  });

  it.each([
    [false, "0.2.0"],
    [true, "0.1.0"],
  ])(
    "declares itself at initialize; bearer %s: version %s, and the token only then (SPEC-4.10)",
    async (bearer, version) => {
      const { wire, transport } = open({ bearer });
      const capabilities = { roots: {}, experimental: { other: {} } };
      await transport.send({ jsonrpc: "2.0", id: 0, method: "initialize", params: { capabilities } });
      await transport.send({ jsonrpc: "2.0", id: 1, method: "tools/list" });
      const [initialize, list] = wire.sent as [
        { params: { capabilities: { experimental: Record<string, Json> } } },
        Json,
      ];
      const { experimental } = initialize.params.capabilities;
      expect(initialize.params.capabilities).toMatchObject({ roots: {}, experimental: { other: {} } });
      expect(experimental["security.attestation"]).toMatchObject({
        version,
        supported_algorithms: expect.any(Array),
        attestation_types: ["provider", "enterprise"],
      });
      expect("token" in (experimental["security.attestation"] ?? {})).toBe(bearer);
      expect("params" in list).toBe(!bearer);
    },
  );
});

describe("an attesting fetch", () => {
  it("makes its fields anew for every attempt and leaves the body alone (SPEC-4.2)", async () => {
    const inits: RequestInit[] = [];
    const fetch = attestFetch({
      agent,
      audience: authority.audience,
      endpoint: "https://mcp.example/mcp",
      fetch: async (_, init = {}) => {
        inits.push(init);
        return new Response("{}");
      },
    });
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    for (const method of ["POST", "POST", "GET", "DELETE"]) {
      await fetch("https://mcp.example/mcp", { method, ...(method === "POST" && { body }) });
    }
    const proofs = inits.map(({ headers }) => new Headers(headers).get("Agent-Attestation-Proof") ?? "");
    expect(new Set(proofs).size).toBe(4);
    expect(proofs.map((proof) => claimsOf(proof)["htm"])).toEqual(["POST", "POST", "GET", "DELETE"]);
    expect(inits.map((init) => init.body)).toEqual([body, body, undefined, undefined]);
  });
});

describe("a client", () => {
  const extension = "io.github.attest/agent-attestation";

  it.each([
    ["any number", { code: 7, data: { extension, reason: "attestation_replay" } }, "attestation_replay"],
    [
      "-32021 for this extension",
      { code: -32021, data: { requiredCapabilities: { extensions: { [extension]: {} } } } },
      "attestation_required",
    ],
    ["-32021 for another", { code: -32021, data: { requiredCapabilities: { extensions: { other: {} } } } }, undefined],
    ["a number of ours without a reason", { code: -31002, message: "x" }, undefined],
    ["a reason that is none", { code: -31002, data: { extension, reason: "attestation_magic" } }, undefined],
    [
      "another extension's reason",
      { code: -31002, data: { extension: "x/y", reason: "attestation_replay" } },
      undefined,
    ],
  ])("decides by reason: %s (SPEC-7.9)", (_, error, reason) => {
    expect(attestationErrorOf(error)?.reason).toBe(reason);
  });

  it.each([["attestation_replay"], ["attestation_invalid"], ["attestation_required"]])(
    "does not send once more after %s (SPEC-7.10)",
    async (reason) => {
      const { wire, transport } = open();
      await transport.send({ jsonrpc: "2.0", id: 1, method: "pay" });
      wire.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -31000, message: "", data: { extension, reason } } });
      await transport.send({ jsonrpc: "2.0", method: "notifications/progress" });
      expect(wire.sent.filter(({ id }) => id === 1)).toHaveLength(1);
    },
  );

  it("corrects its clock for one server, and by a day at most (SPEC-7.11)", async () => {
    const ping = { kind: "message", method: "ping" } as const;
    const iatAt = async (audience: string) => {
      const { proof, issuedAt } = await agent.credentialsFor(audience, ping);
      expect(claimsOf(proof)["iat"]).toBe(issuedAt);
      return issuedAt;
    };
    const learn = async (serverTime: number) =>
      learnExpired(agent, authority.audience, await agent.credentialsFor(authority.audience, ping), serverTime);
    await learn(START + 500);
    expect(await iatAt(authority.audience)).toBe(START + 500);
    expect(await iatAt("https://other.example/")).toBe(START);
    await learn(START - 500);
    expect(await iatAt(authority.audience)).toBe(START - 500);
    await learn(START + 86_401);
    expect(await iatAt(authority.audience)).toBe(START);
  });
});

describe("an agent's keys", () => {
  it("are one for each server, and its attestations are for them (SPEC-8.8)", async () => {
    const credentials = await Promise.all(
      ["https://a.example/", "https://b.example/"].map((audience) =>
        agent.credentialsFor(audience, { kind: "message", method: "ping" }),
      ),
    );
    expect(new Set(credentials.map(({ attestation }) => claimsOf(attestation)["cnf"].jwk.x)).size).toBe(2);
    const foreign = agentWith({ getAttestation: () => authority.attest() });
    await expect(foreign.credentialsFor(authority.audience, { kind: "message", method: "ping" })).rejects.toMatchObject(
      { code: "ERR_SOURCE_UNAVAILABLE" },
    );
  });

  it("are proved to the authority under a prefix that makes the signature good for nothing else (SPEC-8.9)", async () => {
    const proofs: { key: PublicJwk; signature: string }[] = [];
    const local = localSource(authority.provider, authority.identity);
    const asking = agentWith({
      getAttestation: async (ask: AttestationAsk) => {
        proofs.push({ key: ask.confirmationKey, signature: await ask.provePossession("challenge-1") });
        return local.getAttestation(ask);
      },
    });
    await asking.credentialsFor(authority.audience, { kind: "message", method: "ping" });
    const [{ key, signature }] = proofs as [(typeof proofs)[number]];
    const verifying = await importVerificationKey(key);
    const signed = (text: string) =>
      verifying.verify(new TextEncoder().encode(text), Buffer.from(signature, "base64url"));
    expect(await signed("io.github.attest/possession\nchallenge-1")).toBe(true);
    expect(await signed("challenge-1")).toBe(false);
  });

  it("are proved to one authority only, if the source names it (SPEC-8.9)", async () => {
    const asks: AttestationAsk[] = [];
    const local = localSource(authority.provider, authority.identity);
    const asking = agentWith({
      getAttestation: (ask) => {
        asks.push(ask);
        return local.getAttestation(ask);
      },
    });
    await asking.credentialsFor(authority.audience, { kind: "message", method: "ping" });
    const [ask] = asks as [AttestationAsk];
    const address = "https://authority.example/attestations";
    const signature = Buffer.from(await ask.provePossession("c", address), "base64url");
    const key = await importVerificationKey(ask.confirmationKey);
    const verified = (text: string) => key.verify(new TextEncoder().encode(text), signature);
    expect(await verified(`io.github.attest/possession/2\n${address}\nc`)).toBe(true);
    expect(await verified("io.github.attest/possession\nc")).toBe(false);
    for (const wrong of ["", "authority", "https://a.example/\nhttps://b.example/"]) {
      await expect(ask.provePossession("c", wrong)).rejects.toMatchObject({ code: "ERR_OPTION" });
    }
  });
});
