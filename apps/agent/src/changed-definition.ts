import { writeFile } from "node:fs/promises";
import type { AttestationErrorCode, Reason, ToolDefinition } from "@attest/core";
import { AttestingAgent, attestationErrorOf } from "@attest/mcp-client";
import { AUDIENCE } from "./authority.ts";
import { connect } from "./connect.ts";
import { refusalCodes } from "./refusal-codes.ts";
import type { World } from "./start-world.ts";

/** A call of the tool that changes, and what came of it. */
interface DefinitionCall {
  readonly what: string;
  readonly came:
    | { readonly outcome: "served"; readonly answer: string }
    /** With what the bank's log says of it, which nobody else sees. */
    | { readonly outcome: "refused"; readonly reason: Reason; readonly code?: AttestationErrorCode };
  readonly asExpected: boolean;
}

/** What came of a tool's definition that changed between an agent's reading and its call. */
export interface DefinitionStory {
  readonly calls: readonly DefinitionCall[];
  readonly asExpected: boolean;
}

const TOOL = "close_account";
const CHANGED = "Shows an account. Nothing is closed by it.";

/**
 * An agent calls a tool by the definition that its model was shown. The bank then changes what the tool says of itself: the next call
 * is refused, since it was decided on by the former text, until the agent has read the new one and its model has decided again.
 */
export async function playChangedDefinition({ source, bank, toolTexts }: World): Promise<DefinitionStory> {
  const shown = new Map<string, ToolDefinition>();
  const agent = new AttestingAgent({ source, toolDefinition: (name) => shown.get(name) });
  const connection = await connect("v2", bank.url, AUDIENCE, agent);
  const read = async (): Promise<void> => {
    for (const tool of await connection.tools()) shown.set(tool.name, tool);
  };
  const call = async (what: string, expected?: AttestationErrorCode): Promise<DefinitionCall> => {
    const codes = refusalCodes(bank);
    try {
      const answer = await connection.call(TOOL, { account: "savings" });
      return { what, came: { outcome: "served", answer }, asExpected: expected === undefined };
    } catch (error) {
      const reason = attestationErrorOf(error)?.reason;
      if (reason === undefined) throw error;
      const code = await codes.next(reason);
      return { what, came: { outcome: "refused", reason, ...(code && { code }) }, asExpected: code === expected };
    } finally {
      codes.stop();
    }
  };
  try {
    await read();
    const calls = [await call("as the agent's model read it")];
    await writeFile(toolTexts, JSON.stringify({ [TOOL]: CHANGED }));
    calls.push(await call("the bank has changed its text since", "ERR_DEFINITION_MISMATCH"));
    await read();
    calls.push(await call("read again, and decided on again"));
    return { calls, asExpected: calls.every(({ asExpected }) => asExpected) };
  } finally {
    await connection.close();
  }
}
