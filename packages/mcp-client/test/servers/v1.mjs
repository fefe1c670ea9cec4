// A server of the v1 SDK: node v1.mjs stdio|http-stateful|http-stateless
import { randomUUID } from "node:crypto";
import { attestNodeHandler, attestServer } from "@attest/mcp-server";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { listen } from "./listen.mjs";
import { guardOfEnvironment } from "./settings.mjs";
import { addSurface } from "./surface.mjs";

const guard = await guardOfEnvironment();

function buildServer() {
  const server = new McpServer({ name: "v1", version: "1.0.0" });
  addSurface(server, ResourceTemplate, (shape) => shape);
  server.registerTool("confirm", {}, async () => {
    const requestedSchema = { type: "object", properties: { sure: { type: "boolean" } } };
    const { action, content } = await server.server.elicitInput({ message: "Sure?", requestedSchema });
    return { content: [{ type: "text", text: `${action} ${content?.sure}` }] };
  });
  return guard ? attestServer(server, guard) : server;
}

const sessions = new Map();

async function stateful(req, res, body) {
  let transport = sessions.get(req.headers["mcp-session-id"]);
  if (!transport) {
    transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await buildServer().connect(transport);
  }
  await transport.handleRequest(req, res, body);
}

async function stateless(req, res, body) {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await buildServer().connect(transport);
  await transport.handleRequest(req, res, body);
}

const mode = process.argv[2];
if (mode === "stdio") await buildServer().connect(new StdioServerTransport());
else {
  const handler = mode === "http-stateful" ? stateful : stateless;
  await listen(guard ? attestNodeHandler(handler, guard) : (req, res) => handler(req, res, undefined));
}
