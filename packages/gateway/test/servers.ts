import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { InMemoryEventStore } from "@modelcontextprotocol/sdk/examples/shared/inMemoryEventStore.js";
import { McpServer as V1Server } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer as V2Server } from "@modelcontextprotocol/server";
import { z } from "zod";
import { listen } from "./scene.ts";

/** Servers that know nothing of attestation, and what they run on. */
export const PLAIN_SERVERS = {
  "v1 stateful": () => listen(stateful(v1, StreamableHTTPServerTransport, { eventStore: new InMemoryEventStore() })),
  "v1 stateless": () => listen(stateless),
  "v2 stateful": () => listen(stateful(v2, NodeStreamableHTTPServerTransport, {})),
  "v2 stateless": () => {
    const handle = toNodeHandler(createMcpHandler(v2));
    return listen((req, res) => void handle(req as never, res));
  },
} as const;

const text = (said: string) => ({ content: [{ type: "text" as const, text: said }] });

function v1(): V1Server {
  const server = new V1Server({ name: "v1", version: "1.0.0" }, { capabilities: { logging: {} } });
  server.registerTool("add", { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) => text(String(a + b)));
  server.registerTool("admin", {}, () => text("done"));
  server.registerTool("report", {}, () => text("all is well"));
  server.registerTool("echo", { inputSchema: { n: z.number() } }, ({ n }) => text(String(n)));
  server.registerTool("slow", {}, () => new Promise((resolve) => setTimeout(resolve, 500, text("slow"))));
  server.registerTool("confirm", {}, async () => {
    const requestedSchema = { type: "object" as const, properties: { sure: { type: "boolean" as const } } };
    const { action } = await server.server.elicitInput({ message: "Sure?", requestedSchema });
    return text(action);
  });
  server.registerTool("count", {}, async ({ _meta, sendNotification }) => {
    const progressToken = _meta?.progressToken ?? 0;
    for (const progress of [1, 2, 3])
      await sendNotification({ method: "notifications/progress", params: { progressToken, progress } });
    return text("counted");
  });
  server.registerTool("log-later", {}, async () => {
    await server.server.sendLoggingMessage({ level: "info", data: "on the stream of the session" });
    return text("logged");
  });
  server.registerTool(
    "wait",
    {},
    ({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(text("aborted")))),
  );
  server.registerResource("vault", "bank://vault", {}, (uri) => ({ contents: [{ uri: uri.href, text: "gold" }] }));
  server.registerPrompt("greeting", {}, () => ({ messages: [] }));
  return server;
}

function v2(): V2Server {
  const server = new V2Server({ name: "v2", version: "1.0.0" });
  const inputSchema = z.object({ a: z.number(), b: z.number() });
  server.registerTool("add", { inputSchema }, ({ a, b }) => text(String(a + b)));
  server.registerTool("admin", {}, () => text("done"));
  server.registerTool("report", {}, () => text("all is well"));
  server.registerTool("echo", { inputSchema: z.object({ n: z.number() }) }, ({ n }) => text(String(n)));
  server.registerTool("slow", {}, () => new Promise((resolve) => setTimeout(resolve, 500, text("slow"))));
  server.registerResource("vault", "bank://vault", {}, (uri) => ({ contents: [{ uri: uri.href, text: "gold" }] }));
  server.registerPrompt("greeting", {}, () => ({ messages: [] }));
  return server;
}

/** Each session has a transport and a server of its own. */
// biome-ignore lint/suspicious/noExplicitAny: the transports of both SDKs
function stateful(build: () => { connect(transport: any): Promise<void> }, Transport: any, options: object) {
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const sessions = new Map<unknown, any>();
  return async (req: IncomingMessage, res: ServerResponse) => {
    let transport = sessions.get(req.headers["mcp-session-id"]);
    if (!transport && req.headers["mcp-session-id"] !== undefined) {
      res.writeHead(404).end();
      return;
    }
    if (!transport) {
      transport = new Transport({
        ...options,
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id: string) => void sessions.set(id, transport),
        onsessionclosed: (id: string) => void sessions.delete(id),
      });
      await build().connect(transport);
    }
    await transport.handleRequest(req, res);
  };
}

async function stateless(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const transport = new StreamableHTTPServerTransport({});
  await v1().connect(transport as never);
  await transport.handleRequest(req, res);
}
