// Servers of the v1 SDK: `node v1.mjs stdio` is one, `node v1.mjs http` as many as stdin asks for.
import { randomUUID } from "node:crypto";
import { attestNodeHandler, attestServer } from "@attest/mcp-server";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { serveEach } from "./listen.mjs";
import { guardOf, settingsOfEnvironment } from "./settings.mjs";
import { addSurface, noteDefinitions } from "./surface.mjs";

function buildServer(guard) {
  const server = new McpServer({ name: "v1", version: "1.0.0" });
  addSurface(server, ResourceTemplate, (shape) => shape);
  server.registerTool("confirm", {}, async () => {
    const requestedSchema = { type: "object", properties: { sure: { type: "boolean" } } };
    const { action, content } = await server.server.elicitInput({ message: "Sure?", requestedSchema });
    return { content: [{ type: "text", text: `${action} ${content?.sure}` }] };
  });
  return guard ? attestServer(server, guard) : server;
}

function stateful(guard) {
  const sessions = new Map();
  return async (req, res, body) => {
    let transport = sessions.get(req.headers["mcp-session-id"]);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      });
      await buildServer(guard).connect(transport);
    }
    await transport.handleRequest(req, res, body);
  };
}

function stateless(guard) {
  return async (req, res, body) => {
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await buildServer(guard).connect(transport);
    await transport.handleRequest(req, res, body);
  };
}

await noteDefinitions(buildServer());
if (process.argv[2] === "stdio") {
  await buildServer(await guardOf(settingsOfEnvironment())).connect(new StdioServerTransport());
} else {
  await serveEach(async (wire, settings) => {
    const guard = await guardOf(settings);
    const handler = (wire === "http-stateful" ? stateful : stateless)(guard);
    return guard ? attestNodeHandler(handler, guard) : (req, res) => handler(req, res, undefined);
  });
}
