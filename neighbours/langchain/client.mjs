import { attestFetch } from "@attest/mcp-client";
import { loadMcpTools } from "@langchain/mcp-adapters";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const client = new Client({ name: "agent", version: "1.0.0" });
const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const transport = new StreamableHTTPClientTransport(new URL(endpoint), { fetch }); // @attest
await client.connect(transport);
const tools = await loadMcpTools("bank", client);
await callBoth((name) => tools.find((tool) => tool.name === name).invoke({}), fetch);
await client.close();
