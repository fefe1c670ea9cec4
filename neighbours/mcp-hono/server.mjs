// The parser of the SDK's application reads a copy of the request, so that the gate still finds the original body.
import { attestationOf, attestHandler } from "@attest/mcp-server";
import { serve } from "@hono/node-server";
import { createMcpHonoApp } from "@modelcontextprotocol/hono";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  return server;
});

const app = createMcpHonoApp();
const guarded = attestHandler(handler, guard); // @attest
app.all("/mcp", (c) => guarded.fetch(c.req.raw)); // @attest
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => ready(port));
