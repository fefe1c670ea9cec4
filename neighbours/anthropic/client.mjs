import { mcpTools } from "@anthropic-ai/sdk/helpers/beta/mcp";
import { attestFetch } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const client = new Client({ name: "agent", version: "1.0.0" });
const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const transport = new StreamableHTTPClientTransport(new URL(endpoint), { fetch }); // @attest
await client.connect(transport);
const tools = mcpTools((await client.listTools()).tools, client);
await callBoth((name) => tools.find((tool) => tool.name === name).run({}), fetch);
await client.close();
