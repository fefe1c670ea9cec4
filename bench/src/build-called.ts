import { type AttestationGuard, attestServer } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { AjvJsonSchemaValidator } from "@modelcontextprotocol/sdk/validation/ajv";
import { z } from "zod";

/**
 * One for all servers, which over HTTP are made for each request. One for each would be most of what such a server allocates, and would
 * cost more than the guard does.
 */
const jsonSchemaValidator = new AjvJsonSchemaValidator();

/** A server to be called: it repeats a text, and says how many microseconds of CPU its process has used. */
export function buildCalled(guard: AttestationGuard | undefined): McpServer {
  const server = new McpServer({ name: "called", version: "1.0.0" }, { jsonSchemaValidator });
  server.registerTool("echo", { inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: "text", text }],
  }));
  server.registerTool("cpu", {}, () => {
    const { user, system } = process.cpuUsage();
    return { content: [{ type: "text", text: String(user + system) }] };
  });
  return guard ? attestServer(server, guard) : server;
}
