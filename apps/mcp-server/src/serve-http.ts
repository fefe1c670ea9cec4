import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type AttestationGuard, attestNodeHandler } from "@attest/mcp-server";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createBank } from "./bank.ts";

/** Serves the bank over Streamable HTTP on a free loopback port: a server and transport for each session, one guard for all. */
export async function serveHttp(guard: AttestationGuard): Promise<number> {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const handler = attestNodeHandler(async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    const transport = known ?? (await open(transports, guard));
    await transport.handleRequest(req, res, body);
  }, guard);
  const server = createServer((req, res) => {
    handler(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

async function open(
  transports: Map<string, StreamableHTTPServerTransport>,
  guard: AttestationGuard,
): Promise<StreamableHTTPServerTransport> {
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
  // The SDK's own types disagree on optional members under exactOptionalPropertyTypes.
  await createBank(guard).connect(transport as Parameters<ReturnType<typeof createBank>["connect"]>[0]);
  return transport;
}
