// A guarded server on stdio: RUNTIME mcp-stdio-server.mjs v1|v2
import { attestServer, attestServerTransport } from "@attest/mcp-server";
import { McpServer as V1Server } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport as V1Stdio } from "@modelcontextprotocol/sdk/server/stdio.js";
import { McpServer as V2Server } from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport as V2Stdio } from "@modelcontextprotocol/server/stdio";
import { makeGuard, makeServer } from "./mcp-setup.mjs";

const guard = await makeGuard();
if (process.argv[2] === "v1") await attestServer(makeServer(V1Server), guard).connect(new V1Stdio());
else serveStdio(() => makeServer(V2Server), { transport: attestServerTransport(new V2Stdio(), guard) });
