// The SDK's own application, which checks the Host header, also before the plugin.
import { attestationOf, attestFastify } from "@attest/mcp-server";
import { createMcpFastifyApp } from "@modelcontextprotocol/fastify";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handle = toNodeHandler(
  createMcpHandler(() => {
    const server = new McpServer({ name: "server", version: "1.0.0" });
    server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
    return server;
  }),
);

const app = createMcpFastifyApp();
app.register(attestFastify(handle, guard), { prefix: "/mcp" }); // @attest
await app.listen({ port: 0, host: "127.0.0.1" });
ready(app.server);
