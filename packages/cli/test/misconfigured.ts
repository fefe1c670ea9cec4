import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { VerifierOptions } from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestServer, type GuardSettings, type NodeHandler } from "@attest/mcp-server";
import { createAdaptorServer } from "@hono/node-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { onTestFinished } from "vitest";

/** A handler of web-standard requests. */
export interface Fetching {
  fetch(request: Request): Promise<Response>;
}

/** What servers are put together from, rightly or wrongly. */
export interface Parts {
  readonly guard: AttestationGuard;
  /** SDK v1 as its examples have it: a server and a transport for each session, guarded by nothing. */
  readonly handle: NodeHandler;
  /** The same, each server with `attestServer`. */
  readonly handleGuarded: NodeHandler;
  /** `handle` where no gate stands before it. */
  readonly raw: RequestListener;
  /** SDK v2, stateless, guarded by nothing; and each server with `attestServer`. */
  readonly web: Fetching;
  readonly webGuarded: Fetching;
}

/** What a guard is given here, next to what every verifier needs. */
export type Settings = GuardSettings & Pick<VerifierOptions, "maxDelegationDepth">;

/** @param noSession The status for a session that is not there. SDK v1's examples answer 400. */
export function createParts(
  authority: Pick<TestAuthority, "verifierOptions">,
  settings: Settings = {},
  noSession = 400,
): Parts {
  const guard = new AttestationGuard({ ...authority.verifierOptions, ...settings });
  const handle = sessions((server) => server, noSession);
  const build = () => {
    const server = new McpServerV2({ name: "bank", version: "1" });
    server.registerTool("transfer", {}, () => ({ content: [] }));
    return server;
  };
  return {
    guard,
    handle,
    handleGuarded: sessions((server) => attestServer(server, guard), noSession),
    raw: (req, res) => void handle(req, res, undefined, () => undefined),
    web: createMcpHandler(build),
    webGuarded: createMcpHandler(() => attestServer(build(), guard)),
  };
}

function sessions(wrap: (server: McpServer) => McpServer, noSession: number): NodeHandler {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  return async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    if (known) return known.handleRequest(req, res, body);
    if (id !== undefined) return res.writeHead(noSession).end("No valid session ID provided");
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (opened) => void transports.set(opened, transport),
      onsessionclosed: (closed) => void transports.delete(closed),
    });
    const server = wrap(new McpServer({ name: "bank", version: "1" }));
    server.registerTool("transfer", {}, () => ({ content: [] }));
    await server.connect(transport as never);
    await transport.handleRequest(req, res, body);
  };
}

/** A handler of web-standard requests on Node. */
export function onNode(handler: Fetching): RequestListener {
  const server = createAdaptorServer({ fetch: (request: Request) => handler.fetch(request) }) as Server;
  return (req: IncomingMessage, res: ServerResponse) => server.emit("request", req, res);
}

/** Starts a server on a free port, until the test ends, and says where its endpoint is. */
export async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}
