import { attestFetch } from "@attest/mcp-client";
import { MCPClient } from "@mastra/mcp";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const client = new MCPClient({ servers: { bank: { url: new URL(endpoint), fetch } } }); // @attest
const tools = await client.listTools();
await callBoth((name) => tools[`bank_${name}`].execute({}, {}), fetch);
await client.disconnect();
