// A guarded server on stdio: RUNTIME mcp-stdio-server.mjs v1|v2. It loads the SDK that it serves by, and not the other one.
import { attestServer, attestServerTransport } from "@attest/mcp-server";
import { makeGuard, makeServer } from "./mcp-setup.mjs";

const guard = await makeGuard();
if (process.argv[2] === "v1") {
  const { McpServer } = await import("@modelcontextprotocol/sdk/server/mcp.js");
  const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
  await attestServer(makeServer(McpServer), guard).connect(new StdioServerTransport());
} else {
  const { McpServer } = await import("@modelcontextprotocol/server");
  const { serveStdio, StdioServerTransport } = await import("@modelcontextprotocol/server/stdio");
  serveStdio(() => makeServer(McpServer), { transport: attestServerTransport(new StdioServerTransport(), guard) });
}
