// The SDK's own application, which checks the Host header and parses bodies: MCP is served by an application around it.
import { attestationOf, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { localhostHostValidation } from "@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
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

const app = express();
app.all("/mcp", localhostHostValidation(), attestNodeHandler(handle, guard)); // @attest
app.use(createMcpExpressApp()); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
