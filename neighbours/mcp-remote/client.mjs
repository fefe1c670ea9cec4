import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { callBoth, companion } from "neighbour-kit/companion";

const { url, token } = companion;
const args = ["node_modules/mcp-remote/dist/proxy.js", url, "--header", `Authorization: Bearer ${token}`];
const client = new Client({ name: "host", version: "1.0.0" });
await client.connect(new StdioClientTransport({ command: process.execPath, args }));
await callBoth((name) => client.callTool({ name, arguments: {} }));
await client.close();
