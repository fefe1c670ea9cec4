import { type AttestingAgent, attestFetch } from "@attest/mcp-client";
import { MCPClient } from "mcp-use/client";

declare const agent: AttestingAgent;
const [audience, endpoint] = ["https://bank.example/mcp", "https://bank.example/mcp"];
const fetch = attestFetch({ agent, audience, endpoint });
export const client = new MCPClient({ mcpServers: { bank: { url: endpoint, fetch } } });
