import { createMCPClient } from "@ai-sdk/mcp";
import { type AttestingAgent, attestFetch } from "@attest/mcp-client";

declare const agent: AttestingAgent;
const [audience, endpoint] = ["https://bank.example/mcp", "https://bank.example/mcp"];
const fetch = attestFetch({ agent, audience, endpoint });
export const client = createMCPClient({ transport: { type: "http", url: endpoint, fetch } });
