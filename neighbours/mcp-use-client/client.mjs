import { attestFetch } from "@attest/mcp-client";
import { MCPClient } from "mcp-use/client";
import { agent, audience, callBoth, endpoint } from "neighbour-kit/agent";

const fetch = attestFetch({ agent, audience, endpoint }); // @attest
const client = new MCPClient({ mcpServers: { bank: { url: endpoint, fetch } } }); // @attest
const session = await client.createSession("bank");
await callBoth((name) => session.callTool(name, {}), fetch);
await client.closeAllSessions();
