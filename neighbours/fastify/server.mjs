// Fastify parses bodies; the plugin leaves them as they are in its own scope.
import { attestationOf, attestFastify, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import fastify from "fastify";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

async function handle(req, res, body) {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  attestServer(server, guard); // @attest
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, body);
}

const app = fastify();
app.register(attestFastify(handle, guard), { prefix: "/mcp" }); // @attest
await app.listen({ port: 0, host: "127.0.0.1" });
ready(app.server);
