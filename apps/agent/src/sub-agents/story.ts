import { setTimeout as pause } from "node:timers/promises";
import type { Allow, AttestationErrorCode } from "@attest/core";
import { AUDIENCE } from "../authority.ts";
import { refusalCodes } from "../refusal-codes.ts";
import type { World } from "../start-world.ts";
import { followSubAgents } from "./follow-sub-agents.ts";
import type { CallOutcome } from "./messages.ts";
import { startOrchestrator } from "./start-orchestrator.ts";
import type { SubAgent } from "./start-sub-agent.ts";

/** One call of a sub-agent, and what was to come of it. */
interface SubAgentCall {
  readonly by: string;
  readonly tool: string;
  /** `undefined`: it was to be served. */
  readonly expected: AttestationErrorCode | undefined;
  readonly came: CallOutcome;
  /** What the bank's log says of a refusal, which nobody else sees. */
  readonly code?: AttestationErrorCode;
  readonly asExpected: boolean;
}

/** What was done, and the calls that showed it. */
interface SubAgentScene {
  readonly what: string;
  readonly calls: readonly SubAgentCall[];
}

/** The whole story. */
export interface SubAgentStory {
  /** What the orchestrator lets each sub-agent do. */
  readonly cast: Readonly<Record<string, Allow>>;
  readonly scenes: readonly SubAgentScene[];
  readonly asExpected: boolean;
}

const CAST = { reader: { tools: ["list_accounts", "get_balance"] }, payer: { tools: ["transfer"] } } as const;
const ARGS: Readonly<Record<string, Record<string, unknown>>> = {
  get_balance: { account: "savings" },
  transfer: { to: "savings", amount: 25 },
};
/** A revocation in the status list is refused within seconds: a sub-agent that is served for so many milliseconds was not revoked. */
const REVOCATION_DEADLINE_MS = 30_000;
const BETWEEN_TRIES_MS = 100;

/**
 * An orchestrator starts two sub-agents in processes of their own and lets each do a part of what it may; then the bank refuses
 * one of them while the other goes on, and at last the orchestrator itself is revoked, and with it all that hangs on it.
 *
 * @param program The sub-agents' file.
 */
export async function playSubAgents({ source, bank, authority, refusedSubAgents }: World, program: string) {
  const orchestrator = await startOrchestrator({ source, bank: { url: bank.url, audience: AUDIENCE }, program });
  const refusals = followSubAgents(bank, refusedSubAgents);
  try {
    const [reader, payer] = [orchestrator.spawn("reader", CAST.reader), orchestrator.spawn("payer", CAST.payer)];
    const call = async (by: SubAgent, tool: string, expected?: AttestationErrorCode): Promise<SubAgentCall> => {
      const codes = refusalCodes(bank);
      try {
        const came = await by.call(tool, ARGS[tool] ?? {});
        const code = came.outcome === "refused" ? await codes.next(came.reason) : undefined;
        const asExpected = expected === undefined ? came.outcome === "served" : code === expected;
        return { by: by.name, tool, expected, came, ...(code && { code }), asExpected };
      } finally {
        codes.stop();
      }
    };
    const scenes: SubAgentScene[] = [];
    scenes.push({
      what: "Each may do what it was let, and nothing else",
      calls: [
        await call(reader, "list_accounts"),
        await call(reader, "get_balance"),
        await call(reader, "transfer", "ERR_DELEGATION_SCOPE"),
        await call(payer, "transfer"),
        await call(payer, "get_balance", "ERR_DELEGATION_SCOPE"),
      ],
    });

    orchestrator.dismiss("reader");
    await refusals.refuse("reader");
    scenes.push({
      what: "The bank refuses the reader's key, and the orchestrator delegates to it no more; the payer goes on",
      calls: [await call(reader, "get_balance", "ERR_REVOKED"), await call(payer, "transfer")],
    });

    await authority.revoke();
    const deadline = performance.now() + REVOCATION_DEADLINE_MS;
    let last = await call(payer, "transfer", "ERR_REVOKED");
    while (last.came.outcome === "served" && performance.now() < deadline) {
      await pause(BETWEEN_TRIES_MS);
      last = await call(payer, "transfer", "ERR_REVOKED");
    }
    scenes.push({ what: "The authority revokes the orchestrator: nobody acts for it any more", calls: [last] });
    const asExpected = scenes.every(({ calls }) => calls.every((one) => one.asExpected));
    return { cast: CAST, scenes, asExpected } satisfies SubAgentStory;
  } finally {
    refusals.stop();
    await orchestrator.stop();
  }
}
