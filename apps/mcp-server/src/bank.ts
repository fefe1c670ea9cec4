import { type AttestationGuard, attestationOf, attestServer, requireAttestation } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";

const accounts: Readonly<Record<string, number>> = { savings: 1200, checking: 340 };

/** A bank of two accounts: listing them is open, a balance wants a verified agent, a transfer one that a provider attests. */
export function createBank(guard: AttestationGuard): McpServer {
  const server = attestServer(new McpServer({ name: "demo-bank", version: "1.0.0" }), guard);

  server.registerTool("list_accounts", { description: "The names of the accounts" }, (extra) =>
    text(`${Object.keys(accounts).join(", ")} (for ${attestationOf(extra)?.subject ?? "somebody unverified"})`),
  );

  server.registerTool(
    "get_balance",
    { description: "The balance of an account", inputSchema: { account: z.string() } },
    requireAttestation({}, ({ account }: { account: string }) => text(String(accounts[account] ?? "no such account"))),
  );

  server.registerTool(
    "transfer",
    { description: "Moves money", inputSchema: { to: z.string(), amount: z.number().positive() } },
    requireAttestation(
      {
        minTrustLevel: "provider",
        // Beside the trust in its provider, never instead of it: an agent that runs with reduced safety moves no money.
        check: ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal",
      },
      ({ to, amount }: { to: string; amount: number }, { attestation }) =>
        text(`${amount} to ${to}, by order of ${attestation.identity.modelVersion} (${attestation.trustLevel})`),
    ),
  );
  return server;
}

function text(content: string): CallToolResult {
  return { content: [{ type: "text", text: content }] };
}
