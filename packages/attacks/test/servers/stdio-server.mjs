// A guarded server over stdio, told by ATTEST_SERVER whom to trust, and which of its defences is lost. Usage: node stdio-server.mjs v1|v2
import { InMemoryKeyResolver } from "@attest/core";
import { AttestationGuard, attestServer, attestServerTransport, requireAttestation } from "@attest/mcp-server";
import { z } from "zod";
import { addLab } from "./lab.mjs";

const { audience, issuers, lost } = JSON.parse(process.env.ATTEST_SERVER);
const keyResolver = new InMemoryKeyResolver();
for (const { issuer, keys } of issuers) for (const key of keys) await keyResolver.addKey(issuer, key);
const trustedIssuers = issuers.map(({ keys, ...issuer }) => issuer);
const guard = new AttestationGuard({ audience, keyResolver, trustedIssuers, maxDelegationDepth: 4 });

const { any, string } = z;

function withTools(server, sdk) {
  const check = ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal";
  const demand = (handler, more) => requireAttestation({ check, ...more }, handler);
  server.registerTool(
    "report",
    {},
    demand(() => ({ content: [{ type: "text", text: "all is well" }] })),
  );
  addLab(server, { demand, any, string, ...sdk });
  return server;
}

if (process.argv[2] === "v1") {
  const { completable } = await import("@modelcontextprotocol/sdk/server/completable.js");
  const { McpServer, ResourceTemplate } = await import("@modelcontextprotocol/sdk/server/mcp.js");
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  const { SubscribeRequestSchema: subscribe } = await import("@modelcontextprotocol/sdk/types.js");
  const server = attestServer(new McpServer({ name: "guarded", version: "1.0.0" }), guard);
  withTools(server, { completable, ResourceTemplate, subscribe, schema: (shape) => shape });
  await server.connect(new StdioServerTransport());
} else {
  const { completable, McpServer, ResourceTemplate } = await import("@modelcontextprotocol/server");
  const { StdioServerTransport, serveStdio } = await import("@modelcontextprotocol/server/stdio");
  const sdk = { completable, ResourceTemplate, subscribe: "resources/subscribe", schema: (shape) => z.object(shape) };
  // Both ways of guarding: the wire alone knows nothing of what handlers demand.
  const attach = lost ? (server) => server : attestServer;
  const build = () => withTools(attach(new McpServer({ name: "guarded", version: "2.0.0" }), guard), sdk);
  const wire = new StdioServerTransport();
  const transport = attestServerTransport(wire, guard);
  serveStdio(build, { transport });
  if (lost) lose(lost, wire, transport);
}

/** Lets some messages go around the guard on a wire: a sabotage. */
function lose(defence, wire, transport) {
  const [receive, deliver] = [wire.onmessage, transport.onmessage];
  const ids = new Set();
  wire.onmessage = (message, extra) => {
    const around =
      defence === "cancellations"
        ? message.method === "notifications/cancelled"
        : message.id !== undefined && ids.size === ids.add(message.id).size;
    (around ? deliver : receive)(message, extra);
  };
}
