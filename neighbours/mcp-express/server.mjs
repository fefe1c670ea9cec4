// The SDK's own application, which checks the Host header and parses bodies: MCP is served by an application around it.
import { attestationOf, attestHandler } from "@attest/mcp-server";
import { createMcpExpressApp, localhostHostValidation } from "@modelcontextprotocol/express";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
  return server;
});

const app = express();
const handle = toNodeHandler(attestHandler(handler, guard)); // @attest
app.all("/mcp", localhostHostValidation(), (req, res) => handle(req, res)); // @attest
app.use(createMcpExpressApp()); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
