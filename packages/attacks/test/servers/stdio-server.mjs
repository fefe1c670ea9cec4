// A guarded server over stdio, told whom to trust by ATTEST_SERVER.
import { InMemoryKeyResolver } from "@attest/core";
import { AttestationGuard, attestServer, requireAttestation } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";

const { audience, issuers } = JSON.parse(process.env.ATTEST_SERVER);
const keyResolver = new InMemoryKeyResolver();
for (const { issuer, keys } of issuers) for (const key of keys) await keyResolver.addKey(issuer, key);
const guard = new AttestationGuard({
  audience,
  keyResolver,
  trustedIssuers: issuers.map(({ keys, ...issuer }) => issuer),
});
const server = attestServer(new McpServer({ name: "guarded", version: "1.0.0" }), guard);
server.registerTool(
  "report",
  {},
  requireAttestation({ check: ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal" }, () => ({
    content: [{ type: "text", text: "all is well" }],
  })),
);
await server.connect(new StdioServerTransport());
