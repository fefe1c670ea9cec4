// A server to be called, in a process of its own: node call-server.js stdio|http, trusting what CALL_SERVER says. It ends with its
// standard input.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InMemoryKeyResolver, type PublicJwk } from "@attest/core";
import { AttestationGuard, attestNodeHandler } from "@attest/mcp-server";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { buildCalled } from "./build-called.ts";

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

if (process.argv[2] === "stdio") await buildCalled(guard).connect(new StdioServerTransport());
else {
  const serve = async (...[req, res, body]: Parameters<StreamableHTTPServerTransport["handleRequest"]>) => {
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await buildCalled(guard).connect(transport as Transport);
    await transport.handleRequest(req, res, body);
  };
  const handler = guard ? attestNodeHandler(serve, guard) : serve;
  const server = createServer((req, res) => void handler(req, res)).listen(0, "127.0.0.1", () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
  process.stdin.once("end", () => process.exit()).resume();
}
