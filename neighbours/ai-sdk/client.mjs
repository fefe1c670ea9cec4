import { createMCPClient } from "@ai-sdk/mcp";
import { attestFetch } from "@attest/mcp-client";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const client = await createMCPClient({ transport: { type: "http", url: endpoint, fetch } }); // @attest
const tools = await client.tools();
await callBoth((name) => tools[name].execute({}, { toolCallId: name, messages: [] }), fetch);
await client.close();
