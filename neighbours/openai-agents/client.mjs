import { attestFetch } from "@attest/mcp-client";
import { MCPServerStreamableHttp } from "@openai/agents";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const server = new MCPServerStreamableHttp({ name: "server", url: endpoint, fetch }); // @attest
await server.connect();
await callBoth((name) => server.callTool(name, {}), fetch);
await server.close();
