// Express as most servers have it: bodies are parsed for every route.
import { randomUUID } from "node:crypto";
import { attestationOf, attestNodeHandler, attestServer, keepRawBody } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();
const sessions = new Map();

async function handle(req, res, body) {
  let transport = sessions.get(req.headers["mcp-session-id"]);
  if (!transport) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => sessions.set(id, transport),
    });
    const server = new McpServer({ name: "server", version: "1.0.0" });
    server.registerTool("whoami", {}, (context) => whoami(attestationOf(context)));
    attestServer(server, guard); // @attest
    await server.connect(transport);
  }
  await transport.handleRequest(req, res, body);
}

const app = express();
app.use(express.json({ verify: keepRawBody })); // @attest
app.all("/mcp", attestNodeHandler(handle, guard)); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
