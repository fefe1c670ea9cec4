import type { AttestationContext } from "@attest/core";
import { attestationOf, type HandlerContext, listedTools, requireAttestation } from "@attest/mcp-server";
import { z } from "zod";
import { type Audit, audited } from "./audit.ts";
import type { ToolTexts } from "./tool-texts.ts";

/** The part of both SDKs' `McpServer` that the bank uses. */
export interface ToolServer {
  // biome-ignore lint/suspicious/noExplicitAny: the SDKs' own configuration and handler types differ
  registerTool(name: string, config: any, handler: any): unknown;
}

/** What a bank is made with, on either SDK. */
export interface BankParts {
  /** Makes an input schema as the SDK takes it: v1 the shape itself, v2 `z.object`. */
  readonly schema: (shape: z.ZodRawShape) => unknown;
  readonly audit: Audit;
  /** What tools say of themselves, in the place of the words here. */
  readonly texts: ToolTexts;
  /** Makes another bank with the texts of now, unguarded and unconnected: it is asked what it lists, and serves nobody. */
  readonly twin: () => Parameters<typeof listedTools>[0];
}

/** A handler of a tool with arguments, as either SDK calls it. */
type Handler<A> = (args: A, context: HandlerContext) => Text;
interface Text {
  readonly content: readonly { readonly type: "text"; readonly text: string }[];
}

const accounts: Readonly<Record<string, number>> = { savings: 1200, checking: 340 };

/**
 * Adds the bank's tools to a server of either SDK: listing the accounts is for anyone the server lets in, a balance for
 * agents that at least an enterprise attests, a transfer for those that a model provider does. Sub-agents may use what their
 * chain allows, where the server accepts chains at all. An account is closed only by who has read what closing it means.
 */
export function addBank(server: ToolServer, { schema, audit, texts, twin }: BankParts): void {
  const add = (
    name: string,
    config: { description: string; inputSchema?: unknown },
    handler: (...args: never[]) => unknown,
  ): void => {
    const description = texts[name] ?? config.description;
    server.registerTool(name, { ...config, description }, audited(name, audit, handler));
  };

  add("list_accounts", { description: "The names of the accounts" }, (context: HandlerContext) =>
    text(`${Object.keys(accounts).join(", ")} (for ${attestationOf(context)?.subject ?? "somebody unverified"})`),
  );

  add(
    "get_balance",
    { description: "The balance of an account", inputSchema: schema({ account: z.string() }) },
    requireAttestation<Handler<{ account: string }>>({ minTrustLevel: "enterprise", delegated: true }, ({ account }) =>
      text(Object.hasOwn(accounts, account) ? String(accounts[account]) : "no such account"),
    ),
  );

  add(
    "transfer",
    { description: "Moves money", inputSchema: schema({ to: z.string(), amount: z.number().positive() }) },
    requireAttestation<Handler<{ to: string; amount: number }>>(
      {
        minTrustLevel: "provider",
        delegated: true,
        // In addition to the trust in its provider, never instead of it: an agent that runs with reduced safety moves no money.
        check: ({ claims }) =>
          claims.attestationMetadata !== undefined && claims.attestationMetadata.safetyLevel !== "minimal",
      },
      ({ to, amount }, { attestation }) =>
        text(
          `${amount} to ${to}, by order of ${attestation.identity?.modelVersion} (${attestation.trustLevel})${through(attestation)}`,
        ),
    ),
  );

  add(
    "close_account",
    { description: "Closes an account for good", inputSchema: schema({ account: z.string() }) },
    requireAttestation<Handler<{ account: string }>>(
      // Asked with every call: what the bank lists at that moment is what the agent must have read.
      { minTrustLevel: "provider", definition: async () => (await listedTools(twin())).get("close_account") },
      ({ account }, { attestation }) => text(`${account} closed, by order of ${attestation.identity?.modelVersion}`),
    ),
  );
}

/** The sub-agent that called, by what its parent calls it: for people, as nothing may be decided by that. */
function through({ delegation }: Pick<AttestationContext, "delegation">): string {
  return delegation ? `, through its sub-agent ${delegation.at(-1)?.name ?? "without a name"}` : "";
}

function text(content: string): Text {
  return { content: [{ type: "text", text: content }] };
}
