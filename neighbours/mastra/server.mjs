// `startHTTP` takes what a parser left in `req.body`, which here is the verified message.
import { createServer } from "node:http";
import { attestationOf, attestNodeHandler } from "@attest/mcp-server";
import { createTool } from "@mastra/core/tools";
import { MCPServer } from "@mastra/mcp";
import { makeGuard } from "neighbour-kit/guard";
import { ready } from "neighbour-kit/server";
import { z } from "zod";

const guard = await makeGuard();

const whoami = createTool({
  id: "whoami",
  description: "Says who calls",
  inputSchema: z.object({}),
  execute: async (_input, { mcp }) => attestationOf(mcp.extra)?.subject ?? "nobody",
});
const server = new MCPServer({ id: "server", name: "server", version: "1.0.0", tools: { whoami } });

const handle = (req, res) =>
  server.startHTTP({ url: new URL(req.url, "http://127.0.0.1"), httpPath: "/mcp", req, res });
const gate = attestNodeHandler(handle, guard); // @attest
const http = createServer(gate).listen(0, "127.0.0.1", () => ready(http));
