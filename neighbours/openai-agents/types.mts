import { type AttestingAgent, attestFetch } from "@attest/mcp-client";
import { MCPServerStreamableHttp } from "@openai/agents";

declare const agent: AttestingAgent;
const [audience, endpoint] = ["https://bank.example/mcp", "https://bank.example/mcp"];
const fetch = attestFetch({ agent, audience, endpoint });
export const server = new MCPServerStreamableHttp({ name: "server", url: endpoint, fetch });
