// Servers of the v2 SDK, for both protocol eras: `node v2.mjs stdio` is one, `node v2.mjs http` as many as stdin asks for.
import { randomUUID } from "node:crypto";
import { attestHandler, attestNodeHandler, attestServer, attestServerTransport } from "@attest/mcp-server";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { serveEach } from "./listen.mjs";
import { guardOf, settingsOfEnvironment } from "./settings.mjs";
import { addSurface, noteDefinitions } from "./surface.mjs";

function buildServer() {
  const server = new McpServer({ name: "v2", version: "1.0.0" });
  addSurface(server, ResourceTemplate, (shape) => z.object(shape));
  server.registerTool("confirm", {}, async (context) => {
    const requestedSchema = { type: "object", properties: { sure: { type: "boolean" } } };
    const { action, content } = await context.mcpReq.elicitInput({ message: "Sure?", requestedSchema });
    return { content: [{ type: "text", text: `${action} ${content?.sure}` }] };
  });
  return server;
}

function stateful(guard) {
  const sessions = new Map();
  return async (req, res, body) => {
    let transport = sessions.get(req.headers["mcp-session-id"]);
    if (!transport) {
      transport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void sessions.set(id, transport),
      });
      const server = buildServer();
      await (guard ? attestServer(server, guard) : server).connect(transport);
    }
    await transport.handleRequest(req, res, body);
  };
}

await noteDefinitions(buildServer());
if (process.argv[2] === "stdio") {
  const guard = await guardOf(settingsOfEnvironment());
  const wire = new StdioServerTransport();
  serveStdio(buildServer, { transport: guard ? attestServerTransport(wire, guard) : wire });
} else {
  await serveEach(async (wire, settings) => {
    const guard = await guardOf(settings);
    if (wire === "http-stateful") {
      const handler = stateful(guard);
      return guard ? attestNodeHandler(handler, guard) : (req, res) => handler(req, res, undefined);
    }
    const handler = createMcpHandler(buildServer);
    return toNodeHandler(guard ? attestHandler(handler, guard) : handler);
  });
}
