// The SDK's own application, which checks the Host header and parses bodies before any route.
import { attestationOf, attestNodeHandler, attestServer, keepRawBody } from "@attest/mcp-server";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
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

const app = createMcpExpressApp();
app.all("/mcp", attestNodeHandler(handle, guard)); // @attest
const http = app.listen(0, "127.0.0.1", () => ready(http));
http.prependListener("request", keepRawBody); // @attest
