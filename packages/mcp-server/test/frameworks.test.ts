import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  attestFastify,
  attestHandler,
  attestNodeHandler,
  attestServer,
  keepRawBody,
  type NodeHandler,
} from "@attest/mcp-server";
import { serve } from "@hono/node-server";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { localhostHostValidation } from "@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import fastify from "fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createScene, reasonOf, request, type Scene, strange } from "./support.ts";

const opening = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1" } };
const list = request(1, "tools/list");

/** Starts a server on a free port, and says where its MCP endpoint is. */
type Start = (scene: Scene) => Promise<string>;

/** A v1 server with one session, as SDK v1's own examples build it, and the gate in front of it. */
async function sessionful(scene: Scene) {
  const guard = scene.guard();
  const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard);
  server.registerTool("whoami", {}, () => ({ content: [] }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => "s-1", enableJsonResponse: true });
  await server.connect(transport as never);
  onTestFinished(() => server.close());
  const handle: NodeHandler = (req, res, body) => transport.handleRequest(req, res, body);
  return { guard, handle };
}

async function listening(app: express.Express, first?: typeof keepRawBody): Promise<string> {
  const server = app.listen(0, "127.0.0.1");
  if (first) server.prependListener("request", first);
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

const LAYOUTS: [string, Start][] = [
  [
    "Express, app.use before a parser",
    async (scene) => {
      const { guard, handle } = await sessionful(scene);
      const app = express();
      app.use("/mcp", attestNodeHandler(handle, guard));
      app.use(express.json());
      return listening(app);
    },
  ],
  [
    "Express, app.all after a parser that keeps the bytes",
    async (scene) => {
      const { guard, handle } = await sessionful(scene);
      const app = express();
      app.use(express.json({ verify: keepRawBody }));
      app.all("/mcp", attestNodeHandler(handle, guard));
      return listening(app);
    },
  ],
  [
    "createMcpExpressApp, mounted in an app of its own with the Host check kept",
    async (scene) => {
      const { guard, handle } = await sessionful(scene);
      const app = express();
      app.use("/mcp", localhostHostValidation(), attestNodeHandler(handle, guard));
      app.use(createMcpExpressApp());
      return listening(app);
    },
  ],
  [
    "createMcpExpressApp, whose server keeps the bytes",
    async (scene) => {
      const { guard, handle } = await sessionful(scene);
      const app = createMcpExpressApp();
      app.all("/mcp", attestNodeHandler(handle, guard));
      return listening(app, keepRawBody);
    },
  ],
  [
    "Fastify",
    async (scene) => {
      const { guard, handle } = await sessionful(scene);
      const app = fastify({ forceCloseConnections: true });
      app.post("/other", async (req) => ({ parsed: req.body }));
      app.register(attestFastify(handle, guard), { prefix: "/mcp" });
      const address = await app.listen({ port: 0, host: "127.0.0.1" });
      onTestFinished(() => app.close());
      const other = await fetch(`${address}/other`, strange({ a: 1 }));
      expect(await other.json()).toEqual({ parsed: { a: 1 } });
      return `${address}/mcp`;
    },
  ],
];

describe.each(LAYOUTS)("%s", (_, start) => {
  it("serves the owner of a session, and refuses everybody else's POST, GET and DELETE (M1, SPEC-4.15)", async () => {
    const scene = await createScene();
    const { alice, mallory } = scene;
    const url = await start(scene);
    expect(reasonOf(await (await fetch(url, strange(request(0, "initialize", opening)))).json())).toBe(
      "attestation_required",
    );
    const opened = await fetch(url, await alice.post(request(0, "initialize", opening)));
    expect([opened.status, opened.headers.get("mcp-session-id")]).toEqual([200, "s-1"]);
    const answer = await fetch(url, await alice.post(list, { sessionId: "s-1" }));
    expect(answer.headers.get("agent-attestation-status")).toBe("verified;trust=provider");
    expect(await answer.json()).toMatchObject({ result: { tools: [{ name: "whoami" }] } });
    for (const method of ["GET", "DELETE"] as const) {
      const bare = { method, headers: { Accept: "text/event-stream", "Mcp-Session-Id": "s-1" } };
      expect((await fetch(url, bare)).status).toBe(403);
      expect((await fetch(url, await mallory.bodiless(method, "s-1"))).status).toBe(403);
    }
    const stream = await fetch(url, await alice.bodiless("GET", "s-1"));
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    expect((await fetch(url, await alice.bodiless("DELETE", "s-1"))).status).toBe(200);
  });
});

it("createMcpExpressApp parses bodies before the gate, which says so and what to do", async () => {
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const scene = await createScene();
  const { guard, handle } = await sessionful(scene);
  const app = createMcpExpressApp();
  app.all("/mcp", attestNodeHandler(handle, guard));
  const answer = await fetch(await listening(app), await scene.alice.post(list));
  expect(answer.status).toBe(500);
  expect(await answer.json()).toMatchObject({
    error: { message: expect.stringContaining("body parser read it first") },
  });
});

it("behind @hono/node-server a body that is too large is told so, and the connection serves on (SPEC-4.18)", async () => {
  const { guard, alice } = await createScene();
  const gate = attestHandler(async (req: Request) => new Response(await req.text()), guard());
  const server = serve({ fetch: (req) => gate(req), port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  for (let round = 0; round < 3; round++) {
    const large = await fetch(url, { method: "POST", body: Buffer.alloc(5 * 1024 * 1024, "x") });
    expect(large.status).toBe(413);
    expect(await (await fetch(url, await alice.post(list))).json()).toEqual(list);
  }
});
