// The SDK's own application, which checks the Host header and parses bodies before any route.
import { attestationOf, attestNodeHandler, keepRawBody } from "@attest/mcp-server";
import { createMcpExpressApp } from "@modelcontextprotocol/express";
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

const app = createMcpExpressApp();
app.all("/mcp", attestNodeHandler(handle, guard)); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
http.prependListener("request", keepRawBody); // @attest
