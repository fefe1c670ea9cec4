import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AttestationGuard,
  attestNodeHandler,
  attestServer,
  type NodeHandler,
  requireAttestation,
} from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";

/** A server over HTTP on a free loopback port. */
export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server of the first SDK with sessions, guarded: in front by `gate`, within by `attach`. */
export async function startHttpServer(
  guard: AttestationGuard,
  {
    gate = attestNodeHandler,
    attach = attestServer,
  }: { gate?: typeof attestNodeHandler; attach?: typeof attestServer } = {},
): Promise<HttpServer> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const handler: NodeHandler = async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    const transport = known ?? (await open(transports, (server) => attach(server, guard)));
    await transport.handleRequest(req, res, body);
  };
  const gated = gate(handler, guard);
  const server = createServer((req, res) => {
    gated(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, close: () => close(server) };
}

async function open(
  transports: Map<string, StreamableHTTPServerTransport>,
  guarded: (server: McpServer) => McpServer,
): Promise<StreamableHTTPServerTransport> {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => {
      transports.set(id, transport);
    },
    onsessionclosed: (id) => {
      transports.delete(id);
    },
  });
  const server = guarded(new McpServer({ name: "guarded", version: "1.0.0" }));
  server.registerTool(
    "report",
    {},
    requireAttestation({ check: ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal" }, () => ({
      content: [{ type: "text" as const, text: "all is well" }],
    })),
  );
  await server.connect(transport as Parameters<McpServer["connect"]>[0]);
  return transport;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
