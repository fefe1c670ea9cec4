// Fastify parses bodies unless a part of the application says otherwise.
import { attestationOf, attestHandler } from "@attest/mcp-server";
import { createMcpFastifyApp } from "@modelcontextprotocol/fastify";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  return server;
});

const app = createMcpFastifyApp();
const handle = toNodeHandler(attestHandler(handler, guard)); // @attest
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
