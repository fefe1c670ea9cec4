// Fastify parses bodies unless a part of the application says otherwise.
import { attestationOf, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import fastify from "fastify";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handle = attestNodeHandler(async (req, res, body) => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  attestServer(server, guard); // @attest
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(req, res, body);
}, guard);

const app = fastify();
app.register(async (mcp) => {
  mcp.removeAllContentTypeParsers(); // @attest
  mcp.addContentTypeParser("*", (_request, _body, done) => done(null)); // @attest
  mcp.all("/mcp", async (request, reply) => {
    reply.hijack();
    await handle(request.raw, reply.raw);
  });
});
await app.listen({ port: 0, host: "127.0.0.1" });
ready(app.server);
