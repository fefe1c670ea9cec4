import { EXTENSION } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { AttestationGuard, attestationOf, attestHandler } from "@attest/mcp-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerGeneration, ServerProcesses } from "./harness.ts";
import { attestedInBand, eraFields, post, RawPipe, requestOf } from "./raw-wire.ts";

let authority: TestAuthority;
let agent: AttestingAgent;
let audience: string;
let servers: ServerProcesses;

beforeAll(async () => {
  authority = await createTestAuthority();
  audience = authority.audience;
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());

/** A client that finds out by itself which era its server speaks. */
const negotiating = () => new Client({ name: "auto", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });

async function subjectSeenBy(client: Client): Promise<unknown> {
  const { content } = await client.callTool({ name: "whoami" });
  return (content[0] as { text: string }).text;
}

describe.each<ServerGeneration>(["v1", "v2"])("a client that negotiates, at a %s server", (generation) => {
  it("is attested over stdio, though it asks a process of its own first which era it is", async () => {
    const client = negotiating();
    const transport = attestTransport(new StdioClientTransport(servers.stdio(generation)), { agent, audience });
    await client.connect(transport);
    expect(await subjectSeenBy(client)).toBe("spiffe://example.com/model/example-1");
    expect(transport.attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
    await client.close();
  });

  it("is attested over HTTP", async () => {
    const url = await servers.startHttp(generation, generation === "v1" ? "http-stateful" : "http-stateless");
    const client = negotiating();
    const fetch = attestFetch({ agent, audience, endpoint: url });
    await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
    expect(await subjectSeenBy(client)).toBe("spiffe://example.com/model/example-1");
    expect(fetch.attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
    await client.close();
  });
});

describe("server/discover", () => {
  const discover = requestOf("stateless", 1, "server/discover");
  const advertised = {
    result: { capabilities: { extensions: { [EXTENSION]: { version: "0.2.0", policy: "required" } } } },
  };

  it("is open and tells the policy, over HTTP and stdio", async () => {
    const url = await servers.startHttp("v2", "http-stateless");
    expect(await post(url, discover, eraFields("stateless", discover))).toMatchObject({
      status: 200,
      message: advertised,
    });
    const pipe = new RawPipe(servers.stdio("v2"));
    expect(await pipe.ask(discover)).toMatchObject(advertised);
    pipe.close();
  });

  it("uses up no credentials that came with it (R5)", async () => {
    const pipe = new RawPipe(servers.stdio("v2"));
    const call = await attestedInBand(
      agent,
      audience,
      requestOf("stateless", 2, "tools/call", { name: "whoami", arguments: {} }),
    );
    const { _meta } = call["params"] as { _meta: object };
    expect(await pipe.ask({ ...discover, params: { _meta } })).toMatchObject(advertised);
    expect(await pipe.ask(call)).toMatchObject({
      result: { content: [{ text: "spiffe://example.com/model/example-1" }] },
    });
    pipe.close();
  });
});

describe("a guarded handler behind Hono", () => {
  it("serves an attested client and refuses a plain one", async () => {
    const guard = new AttestationGuard(authority.verifierOptions);
    const handler = createMcpHandler(() => {
      const server = new McpServer({ name: "hono", version: "1.0.0" });
      server.registerTool("whoami", {}, (context) => ({
        content: [{ type: "text", text: attestationOf(context)?.subject ?? "nobody" }],
      }));
      return server;
    });
    const guarded = attestHandler(handler, guard);
    const app = new Hono().all("/mcp", (context) => guarded.fetch(context.req.raw));
    const endpoint = new URL("https://server.example/mcp");
    const toApp = async (url: string | URL, init?: RequestInit) => app.request(String(url), init);
    const fetch = attestFetch({ agent, audience, endpoint, fetch: toApp });
    const client = negotiating();
    await client.connect(new StreamableHTTPClientTransport(endpoint, { fetch }));
    expect(await subjectSeenBy(client)).toBe("spiffe://example.com/model/example-1");
    const plain = negotiating();
    await plain.connect(new StreamableHTTPClientTransport(endpoint, { fetch: toApp }));
    await expect(plain.callTool({ name: "whoami" })).rejects.toMatchObject({ code: -32021 });
    expect(guarded.notify).toBeDefined();
    await guarded.close();
  });

  it("says so when a parser has eaten the body, and when it is guarded twice", async () => {
    const guard = new AttestationGuard(authority.verifierOptions);
    const handler = { fetch: async (_request: Request, _options?: object) => new Response() };
    const guarded = attestHandler(handler, guard);
    const request = new Request("https://server.example/mcp", { method: "POST", body: "{}" });
    const early = await guarded.fetch(request.clone(), { parsedBody: {} });
    await request.text();
    for (const answer of [early, await guarded.fetch(request)]) {
      expect(answer.status).toBe(500);
      expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("body parser") } });
    }
    expect(() => attestHandler(guarded, guard)).toThrow(expect.objectContaining({ code: "ERR_ALREADY_ATTESTED" }));
    const tooLarge = new Request("https://server.example/mcp", { method: "POST", body: "x".repeat(5 * 1024 * 1024) });
    expect((await guarded.fetch(tooLarge)).status).toBe(413);
  });
});
