import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AttestationContext, VerificationPolicy } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import {
  AttestationGuard,
  attestationOf,
  attestNodeHandler,
  attestServer,
  requireAttestation,
} from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

type ClientTransport = Parameters<Client["connect"]>[0];
type ServerTransport = Parameters<McpServer["connect"]>[0];

let authority: TestAuthority;
let agent: AttestingAgent;
let closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

function guardWith(policy: VerificationPolicy = "required"): AttestationGuard {
  return new AttestationGuard({ ...authority.verifierOptions, policy });
}

function buildServer(guard: AttestationGuard): McpServer {
  const server = attestServer(new McpServer({ name: "test", version: "1.0.0" }), guard);
  const say = (text: string) => ({ content: [{ type: "text" as const, text }] });
  server.registerTool("whoami", {}, (extra) => say(attestationOf(extra)?.subject ?? "nobody"));
  server.registerTool(
    "protected",
    { inputSchema: { n: z.number() } },
    requireAttestation(
      { minTrustLevel: "provider" },
      async ({ n }: { n: number }, extra: { attestation: AttestationContext }) => {
        await Promise.resolve();
        return say(`${n} ${extra.attestation.subject}`);
      },
    ),
  );
  server.registerTool(
    "elsewhere",
    { inputSchema: {} },
    requireAttestation({ issuer: "https://other.example" }, () => say("never")),
  );
  return server;
}

function newClient(): Client {
  const client = new Client({ name: "test", version: "1.0.0" });
  closing.push(() => client.close());
  return client;
}

/** A stateful server over real HTTP: a server and transport for each session, one guard for all. */
async function listen(guard: AttestationGuard): Promise<URL> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const handler = attestNodeHandler(async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    let transport = typeof id === "string" ? transports.get(id) : undefined;
    if (!transport) {
      const opened: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (session) => void transports.set(session, opened),
      });
      transport = opened;
      await buildServer(guard).connect(opened as ServerTransport);
    }
    await transport.handleRequest(req, res, body);
  }, guard);
  const server: Server = createServer((req, res) => void handler(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

async function connectInMemory(guard: AttestationGuard, attested: boolean): Promise<Client> {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  await buildServer(guard).connect(serverSide);
  const client = newClient();
  const { audience } = authority;
  await client.connect(attested ? attestTransport(clientSide, { agent, audience }) : clientSide);
  return client;
}

async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "served",
    (error: unknown) => attestationErrorOf(error)?.reason ?? error,
  );
}

describe("in-memory, credentials in the message", () => {
  it("verifies every message and hands the identity to handlers", async () => {
    const client = await connectInMemory(guardWith(), true);
    const { content } = await client.callTool({ name: "protected", arguments: { n: 7 } });
    expect(content).toEqual([{ type: "text", text: "7 spiffe://example.com/model/example-1" }]);
  });

  it("refuses an unattested client at initialize under required", async () => {
    expect(await refusalOf(connectInMemory(guardWith(), false))).toBe("attestation_required");
  });

  it("serves an unattested client under optional, but not what demands attestation (T23)", async () => {
    const client = await connectInMemory(guardWith("optional"), false);
    expect(await client.callTool({ name: "whoami" })).toMatchObject({ content: [{ text: "nobody" }] });
    const call = client.callTool({ name: "protected", arguments: { n: 1 } });
    expect(await refusalOf(call)).toBe("attestation_required");
  });

  it("delivers a tool's refusal as a JSON-RPC error, not as text (M8)", async () => {
    const client = await connectInMemory(guardWith(), true);
    expect(await refusalOf(client.callTool({ name: "elsewhere", arguments: {} }))).toBe(
      "attestation_claims_insufficient",
    );
  });

  it("tells the client how its attestation was taken", async () => {
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await buildServer(guardWith()).connect(serverSide);
    const transport = attestTransport(clientSide, { agent, audience: authority.audience });
    await newClient().connect(transport);
    expect(transport.attestation).toEqual({ status: "verified", trustLevel: "provider", policy: "required" });
  });

  it("says that a server without attestation does not support it", async () => {
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await new McpServer({ name: "plain", version: "1.0.0" }).connect(serverSide);
    const transport = attestTransport(clientSide, { agent, audience: authority.audience });
    await newClient().connect(transport);
    expect(transport.attestation.status).toBe("unsupported");
  });

  it("corrects a wrong clock by the server's time and goes on", async () => {
    const slow = new AttestingAgent({
      source: localSource(authority.provider, authority.identity),
      clock: () => Math.floor(Date.now() / 1000) - 1000,
    });
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await buildServer(guardWith()).connect(serverSide);
    const client = newClient();
    await client.connect(attestTransport(clientSide, { agent: slow, audience: authority.audience }));
    expect(await client.callTool({ name: "whoami" })).toMatchObject({
      content: [{ text: expect.stringContaining("spiffe:") }],
    });
  });

  it("refuses everything in a wrapped handler whose server has no guard", async () => {
    const server = new McpServer({ name: "unguarded", version: "1.0.0" });
    server.registerTool(
      "protected",
      {},
      requireAttestation({}, () => ({ content: [] })),
    );
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await server.connect(serverSide);
    const client = newClient();
    await client.connect(clientSide);
    const result = await client.callTool({ name: "protected" });
    expect(JSON.stringify(result)).toContain("no guard");
  });

  it("keeps 1,000 interleaved calls of 20 agents apart (M4)", async () => {
    const guard = guardWith();
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const identity = { ...authority.identity, modelVersion: `agent-${i}` };
        const own = new AttestingAgent({ source: localSource(authority.provider, identity) });
        const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
        await buildServer(guard).connect(serverSide);
        const client = newClient();
        await client.connect(attestTransport(clientSide, { agent: own, audience: authority.audience }));
        return client;
      }),
    );
    const calls = Array.from({ length: 1000 }, async (_, n) => {
      const client = clients[n % 20] as Client;
      const { content } = await client.callTool({ name: "protected", arguments: { n } });
      return (content as { text: string }[])[0]?.text;
    });
    const expected = Array.from({ length: 1000 }, (_, n) => `${n} spiffe://example.com/model/agent-${n % 20}`);
    expect(await Promise.all(calls)).toEqual(expected);
  });
});

describe("a server built for each request from one guard", () => {
  /** A stateless server over real HTTP: a server and transport for each request, one guard for all. */
  async function listenStateless(guard: AttestationGuard): Promise<URL> {
    const handler = attestNodeHandler(async (req, res, body) => {
      const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
      await buildServer(guard).connect(transport as ServerTransport);
      await transport.handleRequest(req, res, body);
    }, guard);
    const server = createServer((req, res) => void handler(req, res));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  }

  const body = JSON.stringify({
    jsonrpc: "2.0",
    id: 9,
    method: "tools/call",
    params: { name: "whoami", arguments: {} },
  });
  const post = async (url: URL, fields: Record<string, string>, content = body) => {
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...fields };
    const response = await globalThis.fetch(url, { method: "POST", headers, body: content });
    return { status: response.status, answer: JSON.parse(await response.text()) };
  };
  const honest = async () => {
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, {
      kind: "http",
      method: "POST",
      body: new TextEncoder().encode(body),
    });
    return { "Agent-Attestation": attestation, "Agent-Attestation-Proof": proof };
  };

  it("accepts a proof once (M9, R3)", async () => {
    const url = await listenStateless(guardWith());
    const fields = await honest();
    expect((await post(url, fields)).answer).toMatchObject({ id: 9, result: { content: [{ type: "text" }] } });
    expect((await post(url, fields)).answer).toMatchObject({
      id: 9,
      error: { data: { reason: "attestation_replay" } },
    });
  });

  it("survives garbage in the attestation's place, and serves the next honest client", async () => {
    const url = await listenStateless(guardWith());
    for (const garbage of ["x", "{}", "a.b.c", ".".repeat(5000), "\u00ff\u00fe", "[]"]) {
      const { answer } = await post(url, { "Agent-Attestation": garbage, "Agent-Attestation-Proof": garbage });
      expect(answer.error.data.reason).toBe("attestation_invalid");
    }
    const flood = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "x", params: { p: "x".repeat(10_000_000) } });
    expect((await post(url, {}, flood)).status).toBe(413);
    expect((await post(url, await honest())).answer).toMatchObject({ id: 9, result: {} });
  });
});

describe("Streamable HTTP, credentials in fields", () => {
  async function connect(url: URL): Promise<{ client: Client; fetch: ReturnType<typeof attestFetch> }> {
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: url });
    const client = newClient();
    await client.connect(new StreamableHTTPClientTransport(url, { fetch }) as ClientTransport);
    return { client, fetch };
  }

  it("verifies every request of a session and hands the identity to handlers", async () => {
    const { client, fetch } = await connect(await listen(guardWith()));
    const { content } = await client.callTool({ name: "protected", arguments: { n: 3 } });
    expect(content).toEqual([{ type: "text", text: "3 spiffe://example.com/model/example-1" }]);
    expect(fetch.attestation).toEqual({ status: "verified", trustLevel: "provider" });
  });

  it("delivers a tool's refusal as a JSON-RPC error (M8)", async () => {
    const { client } = await connect(await listen(guardWith()));
    expect(await refusalOf(client.callTool({ name: "elsewhere", arguments: {} }))).toBe(
      "attestation_claims_insufficient",
    );
  });

  it("refuses an unattested client with HTTP 200 and a reason", async () => {
    const client = newClient();
    const transport = new StreamableHTTPClientTransport(await listen(guardWith())) as ClientTransport;
    expect(await refusalOf(client.connect(transport))).toBe("attestation_required");
  });

  it("refuses GET and DELETE of a session to who only knows its id (M1)", async () => {
    const url = await listen(guardWith());
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: url });
    const transport = new StreamableHTTPClientTransport(url, { fetch });
    await newClient().connect(transport as ClientTransport);
    const headers = { "Mcp-Session-Id": transport.sessionId ?? "", Accept: "text/event-stream" };
    for (const method of ["GET", "DELETE"]) {
      const response = await globalThis.fetch(url, { method, headers });
      expect(response.status).toBe(403);
      expect(response.headers.get("Agent-Attestation-Error")).toBe("attestation_required");
    }
    await transport.terminateSession();
  });

  it("never attests a request to another address (M10)", async () => {
    const seen: Headers[] = [];
    const spy = async (_: string | URL, init?: RequestInit) => {
      seen.push(new Headers(init?.headers));
      return new Response("{}");
    };
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: "https://mcp.example/mcp", fetch: spy });
    await fetch("https://mcp.example/.well-known/oauth-protected-resource");
    await fetch("https://other.example/mcp", { method: "POST", body: "{}" });
    await fetch("https://mcp.example/mcp", { method: "POST", body: "{}" });
    expect(seen.map((headers) => headers.has("Agent-Attestation"))).toEqual([false, false, true]);
  });

  it.each([
    ["bad UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), 400],
    ["a byte-order mark", new TextEncoder().encode('\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}'), 400],
    ["a batch", new TextEncoder().encode('[{"jsonrpc":"2.0","id":1,"method":"ping"}]'), 400],
    ["no JSON", new TextEncoder().encode("hello"), 400],
  ])("refuses %s before the transport reads it (M2)", async (_, body, status) => {
    const url = await listen(guardWith("optional"));
    const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
    expect((await globalThis.fetch(url, { method: "POST", headers, body })).status).toBe(status);
  });
});
