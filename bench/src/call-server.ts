// A server to be called, in a process of its own: node call-server.js stdio|http, trusting what CALL_SERVER says.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InMemoryKeyResolver, type PublicJwk } from "@attest/core";
import { AttestationGuard, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { z } from "zod";

type Transport = Parameters<McpServer["connect"]>[0];
const { audience, issuer, jwk } = JSON.parse(process.env["CALL_SERVER"] ?? "{}") as {
  audience: string;
  issuer: string;
  jwk?: PublicJwk;
};

async function createGuard(publicJwk: PublicJwk): Promise<AttestationGuard> {
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, publicJwk);
  const trustedIssuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }] as const;
  return new AttestationGuard({ audience, trustedIssuers, keyResolver });
}

const guard = jwk && (await createGuard(jwk));

function buildServer(): McpServer {
  const server = new McpServer({ name: "called", version: "1.0.0" });
  server.registerTool("echo", { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  server.registerTool("cpu", {}, () => {
    const { user, system } = process.cpuUsage();
    return { content: [{ type: "text", text: String(user + system) }] };
  });
  return guard ? attestServer(server, guard) : server;
}

if (process.argv[2] === "stdio") await buildServer().connect(new StdioServerTransport());
else {
  const serve = async (...[req, res, body]: Parameters<StreamableHTTPServerTransport["handleRequest"]>) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await buildServer().connect(transport as Transport);
    await transport.handleRequest(req, res, body);
  };
  const handler = guard ? attestNodeHandler(serve, guard) : serve;
  const server = createServer((req, res) => void handler(req, res)).listen(0, "127.0.0.1", () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
}
