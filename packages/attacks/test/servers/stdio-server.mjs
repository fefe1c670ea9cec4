// A guarded server over stdio, told whom to trust by ATTEST_SERVER. Usage: node stdio-server.mjs v1|v2
import { InMemoryKeyResolver } from "@attest/core";
import { AttestationGuard, attestServer, attestServerTransport, requireAttestation } from "@attest/mcp-server";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport as StdioServerTransportV1 } from "@modelcontextprotocol/sdk/server/stdio.js";
import { McpServer } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";

const { audience, issuers } = JSON.parse(process.env.ATTEST_SERVER);
const keyResolver = new InMemoryKeyResolver();
for (const { issuer, keys } of issuers) for (const key of keys) await keyResolver.addKey(issuer, key);
const trustedIssuers = issuers.map(({ keys, ...issuer }) => issuer);
const guard = new AttestationGuard({ audience, keyResolver, trustedIssuers });

function withTool(server) {
  const check = ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal";
  const handler = () => ({ content: [{ type: "text", text: "all is well" }] });
  server.registerTool("report", {}, requireAttestation({ check }, handler));
  return server;
}

if (process.argv[2] === "v1") {
  const server = attestServer(new McpServerV1({ name: "guarded", version: "1.0.0" }), guard);
  await withTool(server).connect(new StdioServerTransportV1());
} else {
  serveStdio(() => withTool(new McpServer({ name: "guarded", version: "2.0.0" })), {
    transport: attestServerTransport(new StdioServerTransport(), guard),
  });
}
