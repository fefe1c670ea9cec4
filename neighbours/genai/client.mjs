import { attestFetch } from "@attest/mcp-client";
import { mcpToTool } from "@google/genai";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const client = new Client({ name: "agent", version: "1.0.0" });
const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const transport = new StreamableHTTPClientTransport(new URL(endpoint), { fetch }); // @attest
await client.connect(transport);
const tool = mcpToTool(client);
await tool.tool();
await callBoth((name) => tool.callTool([{ name, args: {} }]), fetch);
await client.close();
