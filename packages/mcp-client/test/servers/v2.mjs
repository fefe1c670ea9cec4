// A server of the v2 SDK, for both protocol eras: node v2.mjs stdio|http-stateful|http-stateless
import { randomUUID } from "node:crypto";
import { attestHandler, attestNodeHandler, attestServer, attestServerTransport } from "@attest/mcp-server";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler, McpServer, ResourceTemplate } from "@modelcontextprotocol/server";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { listen } from "./listen.mjs";
import { guardOfEnvironment } from "./settings.mjs";
import { addSurface } from "./surface.mjs";

const guard = await guardOfEnvironment();

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

const sessions = new Map();

async function stateful(req, res, body) {
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
}

const mode = process.argv[2];
if (mode === "stdio") {
  const wire = new StdioServerTransport();
  serveStdio(buildServer, { transport: guard ? attestServerTransport(wire, guard) : wire });
} else if (mode === "http-stateful") {
  await listen(guard ? attestNodeHandler(stateful, guard) : (req, res) => stateful(req, res, undefined));
} else {
  const handler = createMcpHandler(buildServer);
  await listen(toNodeHandler(guard ? attestHandler(handler, guard) : handler));
}
