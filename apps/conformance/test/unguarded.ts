import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { listen } from "demo-mcp-server";
import type { Bank } from "./bank.ts";

/** A server that has the tool of the scenario and no guard. */
export async function startUnguarded(): Promise<Bank> {
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "unguarded", version: "1.0.0" });
    server.registerTool("transfer", { description: "Moves money" }, () => ({
      content: [{ type: "text", text: "moved" }],
    }));
    return server;
  });
  const server = createAdaptorServer({ fetch: (request) => handler.fetch(request) }) as Server;
  const listening = await listen(server, { host: "127.0.0.1", port: 0 });
  return { url: `http://127.0.0.1:${listening.port}/mcp`, close: () => listening.close() };
}
