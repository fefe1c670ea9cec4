// FastMCP connects to a transport of one's own. Its tools do not see `_meta`: they know the caller as their session.
import { createServer } from "node:http";
import { attestationOf, attestNodeHandler, attestServerTransport } from "@attest/mcp-server";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { FastMCP } from "fastmcp";
import { makeGuard } from "neighbour-kit/guard";
import { ready, whoami } from "neighbour-kit/server";

const guard = await makeGuard();

const server = new FastMCP({ name: "server", version: "1.0.0" });
server.addTool({
  name: "whoami",
  description: "Says who calls",
  execute: async (_args, { session }) => whoami(session),
});

async function handle(req, res, body) {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  const guarded = attestServerTransport(transport, guard); // @attest
  void server.connect(guarded, attestationOf(body?.params ?? {})); // @attest
  await transport.handleRequest(req, res, body);
}

const gate = attestNodeHandler(handle, guard); // @attest
const http = createServer(gate).listen(0, "127.0.0.1", () => ready(http));
