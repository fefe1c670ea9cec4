import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AttestationVerifier,
  decodeChain,
  type ProofRequest,
  type VerificationRequest,
  type VerificationResult,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  AttestingAgent,
  createDelegationHandler,
  type DelegationGrant,
  type DelegationHandlerOptions,
  delegatingSource,
  httpSource,
  localSource,
} from "@attest/mcp-client";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";

const NOW = 1_800_000_000;
const call = (name: string): ProofRequest => ({ kind: "message", method: "tools/call", params: { name } });
let now: number;
let authority: TestAuthority;
let parent: AttestingAgent;
let asked: number;
let down: boolean;
beforeEach(async () => {
  now = NOW;
  asked = 0;
  down = false;
  authority = await createTestAuthority({ clock: () => now });
  const local = localSource(authority.attestationIssuer, authority.identity);
  parent = agentOf({
    async getAttestation(ask) {
      if (down) throw new Error("down");
      asked++;
      return local.getAttestation(ask);
    },
  });
});

const agentOf = (source: ConstructorParameters<typeof AttestingAgent>[0]["source"], clock = () => now) =>
  new AttestingAgent({ source, clock, tickets: false });

async function use(agent: AttestingAgent, request = call("list"), own = verifier()): Promise<VerificationResult> {
  const { attestation, proof } = await agent.credentialsFor(authority.audience, request);
  return own.verify(attestation, { ...request, proof } as VerificationRequest);
}
const verifier = () => new AttestationVerifier({ ...authority.verifierOptions, maxDelegationDepth: 4 });
const codeOf = (result: VerificationResult) => ("code" in result ? result.code : result.outcome);

describe("a parent in this process", () => {
  it("is the source of its sub-agents, and theirs of their own (SPEC-21.13)", async () => {
    const child = agentOf(delegatingSource(parent, { allow: { tools: ["list"] }, name: "reader" }));
    const grandchild = agentOf(delegatingSource(child));
    for (const agent of [child, grandchild]) {
      expect(codeOf(await use(agent))).toBe("verified");
      expect(codeOf(await use(agent, call("transfer")))).toBe("ERR_DELEGATION_SCOPE");
    }
    expect(await use(grandchild)).toMatchObject({ delegation: [{ name: "reader" }, {}] });
    expect(codeOf(await use(parent, call("transfer")))).toBe("verified");
    expect(asked).toBe(1);
  });

  it("renews its own attestation before it delegates, where that is due (SPEC-21.15)", async () => {
    const child = agentOf(delegatingSource(parent));
    await use(child);
    now = NOW + 250;
    const late = agentOf(delegatingSource(parent));
    expect(await use(late)).toMatchObject({ outcome: "verified", expiresAt: NOW + 250 + 295 });
    expect(asked).toBe(2);
    expect(codeOf(await use(child))).toBe("verified");
  });

  it("delegates by what it holds while its source is down, until that expires (SPEC-21.15)", async () => {
    await use(agentOf(delegatingSource(parent)));
    now = NOW + 250;
    down = true;
    expect(codeOf(await use(agentOf(delegatingSource(parent))))).toBe("verified");
    now = NOW + 301;
    await expect(use(agentOf(delegatingSource(parent)))).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
  });

  it("has a sub-agent renew a short delegation in time (SPEC-21.15)", async () => {
    const child = agentOf(delegatingSource(parent, { lifetime: 30 }));
    const own = verifier();
    for (const passed of [0, 15, 24, 40, 70, 100, 290, 400]) {
      now = NOW + passed;
      expect(codeOf(await use(child, call("list"), own)), String(passed)).toBe("verified");
    }
  });

  it("dates links by its authority's clock, however wrong its own is (SPEC-21.15)", async () => {
    for (const wrong of [-5000, 5000]) {
      const clock = () => now + wrong;
      const local = localSource(authority.attestationIssuer, authority.identity);
      const own = agentOf(local, clock);
      await own.credentialsFor(authority.audience, call("list"));
      now += 10;
      const chain = await own.delegate({
        audience: authority.audience,
        confirmationKey: authority.authorityKey.toJwk(),
      });
      expect(decodeChain(chain).links[0]?.claims).toMatchObject({ iat: now - 5 });
    }
  });

  it("refuses a request without audience, and options that it does not know (SPEC-21.15)", async () => {
    const { getAttestation } = delegatingSource(parent);
    const ask = { confirmationKey: authority.agentKey.toJwk(), provePossession: async () => "" };
    await expect(getAttestation(ask)).rejects.toMatchObject({ code: "ERR_OPTION" });
    expect(() => delegatingSource(parent, { alow: {} } as never)).toThrow("alow");
    expect(() => delegatingSource({} as never)).toThrow("parent");
  });
});

describe("a parent over HTTP", () => {
  const grant: DelegationGrant = { allow: { tools: ["list"] }, name: "worker", audiences: [] };
  const granting = (changed: Partial<DelegationGrant> = {}): DelegationHandlerOptions => ({
    authorize: (credential) =>
      credential === "secret-of-worker" ? { ...grant, audiences: [authority.audience], ...changed } : undefined,
  });

  /** Serves the handler at a free port of this machine. */
  async function serve(options: DelegationHandlerOptions = granting()): Promise<string> {
    const handle = createDelegationHandler(parent, options);
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const headers = new Headers(request.headers as Record<string, string>);
      const url = `http://${request.headers.host}${request.url}`;
      const init = request.method === "GET" ? {} : { body: Buffer.concat(chunks) };
      const answer = await handle(new Request(url, { method: request.method ?? "", headers, ...init }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/delegations`;
  }

  it("delegates to a sub-agent whose source is httpSource (SPEC-21.13)", async () => {
    const child = agentOf(httpSource(await serve(), { credential: () => "secret-of-worker" }));
    expect(await use(child)).toMatchObject({ outcome: "verified", delegation: [{ name: "worker" }] });
    expect(codeOf(await use(child, call("transfer")))).toBe("ERR_DELEGATION_SCOPE");
  });

  it("refuses a sub-agent that it does not know, or that asks for another server (SPEC-21.13)", async () => {
    const url = await serve();
    const stranger = agentOf(httpSource(url, { credential: () => "another" }));
    await expect(use(stranger)).rejects.toThrow("HTTP 401 (invalid_token)");
    const child = agentOf(httpSource(url, { credential: () => "secret-of-worker" }));
    await expect(child.credentialsFor("https://other.example/mcp", call("list"))).rejects.toThrow(
      "HTTP 403 (audience_not_registered)",
    );
    const silent = agentOf(httpSource(url, { credential: () => "secret-of-worker", nameAudience: false }));
    await expect(use(silent)).rejects.toThrow("HTTP 400 (audience_required)");
  });

  it("gives what the grant says, whatever is asked for, and refuses a grant that it does not understand (D7)", async () => {
    const url = await serve(granting({ allow: { tools: ["list"] }, depth: 0 }));
    const child = agentOf(httpSource(url, { credential: () => "secret-of-worker", rule: "everything" }));
    await expect(agentOf(delegatingSource(child)).credentialsFor(authority.audience, call("list"))).rejects.toThrow(
      "may not be delegated further",
    );
    const misspelt = await serve(granting({ alow: { tools: ["list"] } } as never));
    const other = agentOf(httpSource(misspelt, { credential: () => "secret-of-worker" }));
    await expect(use(other)).rejects.toThrow("HTTP 400 (cannot_delegate)");
  });

  it("wants possession of the key proved, for its own address and a challenge of its own, once (SPEC-21.13, A2, A3)", async () => {
    const url = await serve();
    const { encodeBase64url, possessionInput, KeyPair } = await import("@attest/core");
    const key = await KeyPair.generate();
    const post = async (path: string, body: object, credential = "secret-of-worker") => {
      const response = await fetch(`${url}${path}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${credential}` },
        body: JSON.stringify(body),
      });
      return { status: response.status, ...((await response.json()) as Record<string, unknown>) };
    };
    const answer = async (challenge: string, address = url, signer = key) => ({
      confirmation_key: key.toJwk(),
      audience: authority.audience,
      possession: { challenge, signature: encodeBase64url(await signer.sign(possessionInput(challenge, address))) },
    });
    const challenged = async () => (await post("/challenge", {}))["challenge" as never] as string;
    const once = await challenged();
    expect(await post("", await answer(once))).toMatchObject({ status: 200, attestation: expect.any(String) });
    expect(await post("", await answer(once))).toMatchObject({ status: 400, error: "invalid_challenge" });
    const invalid = { status: 400, error: "invalid_possession" };
    expect(await post("", await answer(await challenged(), "https://evil.example/delegations"))).toMatchObject(invalid);
    expect(await post("", await answer(await challenged(), url, await KeyPair.generate()))).toMatchObject(invalid);
    expect(await post("", await answer("made-up"))).toMatchObject({ status: 400, error: "invalid_challenge" });
  });

  it("answers this machine alone unless told otherwise, and bounds what it reads (D8)", async () => {
    const handle = createDelegationHandler(parent, granting());
    const request = (url: string, body = "{}", headers: Record<string, string> = {}) =>
      new Request(url, { method: "POST", body, headers: { Authorization: "Bearer secret-of-worker", ...headers } });
    expect((await handle(request("https://agents.example/d/challenge"))).status).toBe(403);
    const remote = createDelegationHandler(parent, { ...granting(), allowRemote: true });
    expect((await remote(request("https://agents.example/d/challenge"))).status).toBe(200);
    expect((await handle(request("http://localhost/d", "x".repeat(20_000)))).status).toBe(413);
    expect((await handle(request("http://localhost/d", '{"audience":1,"audience":2}'))).status).toBe(400);
    expect((await handle(new Request("http://localhost/d"))).status).toBe(405);
    expect((await handle(new Request("http://localhost/d", { method: "POST" }))).status).toBe(401);
    expect(() => createDelegationHandler(parent, {} as never)).toThrow("authorize");
  });

  it("tells a sub-agent to try again later while it has no attestation itself", async () => {
    const url = await serve();
    down = true;
    const child = agentOf(httpSource(url, { credential: () => "secret-of-worker" }));
    await expect(use(child)).rejects.toThrow("HTTP 503 (unavailable)");
  });
});
