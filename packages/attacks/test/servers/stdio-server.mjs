// A guarded server over stdio, told whom to trust by ATTEST_SERVER. Usage: node stdio-server.mjs v1|v2
import { InMemoryKeyResolver } from "@attest/core";
import { AttestationGuard, attestServer, attestServerTransport, requireAttestation } from "@attest/mcp-server";

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
  const { McpServer } = await import("@modelcontextprotocol/sdk/server/mcp.js");
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  const server = attestServer(new McpServer({ name: "guarded", version: "1.0.0" }), guard);
  await withTool(server).connect(new StdioServerTransport());
} else {
  const { McpServer } = await import("@modelcontextprotocol/server");
  const { StdioServerTransport, serveStdio } = await import("@modelcontextprotocol/server/stdio");
  serveStdio(() => withTool(new McpServer({ name: "guarded", version: "2.0.0" })), {
    transport: attestServerTransport(new StdioServerTransport(), guard),
  });
}
