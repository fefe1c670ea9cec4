import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { type AttestationGuard, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Audit } from "./audit.ts";
import { addBank } from "./bank.ts";
import { type ToolTexts, toolTextsFrom } from "./tool-texts.ts";

/** The same bank on the older SDK: sessions kept in this process, a server and a transport for each, one guard for all. */
export function createHttpServerV1(
  guard: AttestationGuard,
  audit: Audit,
  texts: () => ToolTexts = toolTextsFrom(undefined),
): Server {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const build = (): McpServer => {
    const server = new McpServer({ name: "demo-bank", version: "1.0.0" });
    addBank(server, { schema: (shape) => shape, audit, texts: texts(), twin: build });
    return server;
  };

  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: true,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
      },
      onsessionclosed: (id) => {
        transports.delete(id);
      },
    });
    const server = attestServer(build(), guard);
    // The SDK's own types disagree on optional members under exactOptionalPropertyTypes.
    await server.connect(transport as Parameters<McpServer["connect"]>[0]);
    return transport;
  };

  const handler = attestNodeHandler(async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    const transport = known ?? (await open());
    await transport.handleRequest(req, res, body);
  }, guard);
  return createServer((req, res) => {
    handler(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
}
