#!/usr/bin/env bash
# An HTTP client of the MCP SDK that calls one tool after the other makes Node warn of a memory leak, though no call is under way
# when the next begins. The transport gives all its requests one AbortSignal, and `fetch` takes its listener off that signal
# when the request's objects are collected, not when the request ends. One would expect as many listeners as requests under way.
# With more than 1,500 requests between two collections, Node prints a line for each further one; it stops after the collection, and
# nothing leaks.
#
# Versions: @modelcontextprotocol/sdk 1.32.2 on node 20.20.2, from the npm package of that name. Seen on 2026-12-01, each time with
# other numbers:
#   20000 calls, at most 1 under way
#   MaxListenersExceededWarning: Possible EventTarget memory leak detected. … abort listeners added to [AbortSignal]. …
# Exits with 1 if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --save-exact @modelcontextprotocol/sdk@1.32.2 node@20.20.2

cat >calls.mjs <<'JS'
import { createServer } from "node:http";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const CALLS = 20_000;
const results = {
  initialize: { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } },
  "tools/call": { content: [] },
};
const server = createServer(async (req, res) => {
  let body = "";
  for await (const piece of req) body += piece;
  const { id, method } = body === "" ? {} : JSON.parse(body);
  if (id === undefined) return res.writeHead(req.method === "POST" ? 202 : 405).end();
  res.writeHead(200, { "Content-Type": "application/json" });
  res.end(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
}).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));

const warnings = [];
process.on("warning", (warning) => warnings.push(warning));
const client = new Client({ name: "c", version: "1" });
await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${server.address().port}/mcp`)));
let underWay = 0;
let most = 0;
for (let i = 0; i < CALLS; i++) {
  most = Math.max(most, ++underWay);
  await client.callTool({ name: "t", arguments: {} });
  underWay--;
}
console.log(`${CALLS} calls, at most ${most} under way`);
console.log(warnings.length === 0 ? "no warning" : `${warnings[0].name}: ${warnings[0].message}`.replace(/\d+/g, "…"));
process.exit();
JS

seen=$(node_modules/.bin/node --no-warnings calls.mjs)
printf '%s\n' "$seen"
diff - <(printf '%s\n' "$seen") <<'EXPECTED'
20000 calls, at most 1 under way
MaxListenersExceededWarning: Possible EventTarget memory leak detected. … abort listeners added to [AbortSignal]. MaxListeners is …. Use events.setMaxListeners() to increase limit
EXPECTED
