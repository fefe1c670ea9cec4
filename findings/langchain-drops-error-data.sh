#!/usr/bin/env bash
# LangChain's MCP adapters keep neither `data` nor a cause of a JSON-RPC error that a tool call is answered with. What is left of
# it is the number and the message, inside of another message. One would expect the SDK's McpError as the cause, since its `data`
# is where MCP servers say in a machine-readable form why they refused.
#
# Versions: @langchain/mcp-adapters 1.1.4, @langchain/core 1.4.0. Seen on 2026-11-29:
#   {"name":"ToolException","message":"Error calling tool t: McpError: MCP error -31006: Refused by policy"}
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --ignore-scripts --no-audit --no-fund --silent @langchain/mcp-adapters@1.1.4 @langchain/core@1.4.0

cat >server.mjs <<'JS'
import { createInterface } from "node:readline";
createInterface(process.stdin).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const answers = {
    initialize: { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } } },
    "tools/list": { result: { tools: [{ name: "t", inputSchema: { type: "object", properties: {} } }] } },
    "tools/call": { error: { code: -31006, message: "Refused by policy", data: { reason: "not_allowed", retryable: false } } },
  };
  console.log(JSON.stringify({ jsonrpc: "2.0", id, ...(answers[method] ?? { result: {} }) }));
});
JS
cat >client.mjs <<'JS'
import { MultiServerMCPClient } from "@langchain/mcp-adapters";
const client = new MultiServerMCPClient({ mcpServers: { s: { command: process.execPath, args: ["server.mjs"] } } });
const [tool] = await client.getTools();
const error = await tool.invoke({}).catch((error) => error);
const { name, message, data, cause } = error;
console.log(JSON.stringify({ name, message, data, cause }));
await client.close();
JS

seen=$(node client.mjs)
printf '%s\n' "$seen"
[ "$seen" = '{"name":"ToolException","message":"Error calling tool t: McpError: MCP error -31006: Refused by policy"}' ]
