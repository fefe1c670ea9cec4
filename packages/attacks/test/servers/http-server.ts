import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
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
import { createMcpHandler, McpServer as McpServerV2 } from "@modelcontextprotocol/server";

/** A server over HTTP on a free loopback port. */
export interface HttpServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The parts that guard a server; a sabotage puts others in their place. */
export interface Defences {
  /** The gate in front. */
  readonly gate: typeof attestNodeHandler;
  /** The wrapper within. */
  readonly attach: typeof attestServer;
  /** The demand of the tool `report`: no agent with minimal safety. */
  readonly demand: typeof requireAttestation;
}

const DEFENCES: Defences = { gate: attestNodeHandler, attach: attestServer, demand: requireAttestation };
const DEMAND: Parameters<typeof requireAttestation>[0] = {
  check: ({ claims }) => claims.attestationMetadata?.safetyLevel !== "minimal",
};
const ALL_IS_WELL = { content: [{ type: "text" as const, text: "all is well" }] };

/** A server of the first SDK with sessions, guarded in front and within. */
export function startHttpServer(guard: AttestationGuard, defences: Partial<Defences> = {}): Promise<HttpServer> {
  const { gate, attach, demand } = { ...DEFENCES, ...defences };
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
      },
      onsessionclosed: (id) => {
        transports.delete(id);
      },
    });
    const server = attach(new McpServer({ name: "guarded", version: "1.0.0" }), guard);
    server.registerTool(
      "report",
      {},
      demand(DEMAND, () => ALL_IS_WELL),
    );
    await server.connect(transport as Parameters<McpServer["connect"]>[0]);
    return transport;
  };
  const handler: NodeHandler = async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    await (known ?? (await open())).handleRequest(req, res, body);
  };
  return listen(gate(handler, guard));
}

/** A server of the second SDK, without sessions, in both eras. */
export function startStatelessServer(guard: AttestationGuard, defences: Partial<Defences> = {}): Promise<HttpServer> {
  const { gate, attach, demand } = { ...DEFENCES, ...defences };
  const { fetch } = createMcpHandler(() => {
    const server = attach(new McpServerV2({ name: "guarded", version: "2.0.0" }), guard);
    server.registerTool(
      "report",
      {},
      demand(DEMAND, () => ALL_IS_WELL),
    );
    return server;
  });
  return listen(
    gate(async (req, res, parsedBody) => {
      const url = `http://127.0.0.1${req.url ?? "/"}`;
      const { method = "GET", headers } = req;
      const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
      const response = await fetch(new Request(url, { method, headers: fields }), { parsedBody });
      res.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
    }, guard),
  );
}

async function listen(handler: (req: IncomingMessage, res: ServerResponse) => Promise<void>): Promise<HttpServer> {
  const server = createServer((req, res) => {
    handler(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, close: () => close(server) };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
