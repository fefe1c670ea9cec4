import { type AttestingAgent, attestFetch } from "@attest/mcp-client";
import { MCPClient } from "@mastra/mcp";

declare const agent: AttestingAgent;
const [audience, endpoint] = ["https://bank.example/mcp", "https://bank.example/mcp"];
const fetch = attestFetch({ agent, audience, endpoint });
export const client = new MCPClient({ servers: { bank: { url: new URL(endpoint), fetch } } });
