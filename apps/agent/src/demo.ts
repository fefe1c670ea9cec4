import { type Attack, type AttackResult, httpTarget, referenceAttacks } from "@attest/attacks";
import { attackOptions } from "./attack-options.ts";
import { type DefinitionStory, playChangedDefinition } from "./changed-definition.ts";
import { runAttack } from "./run-attack.ts";
import { type SessionReport, scriptedSession } from "./session.ts";
import { startWorld } from "./start-world.ts";
import { playSubAgents, type SubAgentStory } from "./sub-agents/story.ts";

/** Files of what the demo starts in processes of their own. */
export interface DemoPrograms {
  readonly bank: string;
  readonly subAgent: string;
}

/** What the demo showed. */
export interface DemoReport {
  readonly sessions: readonly SessionReport[];
  readonly definition: DefinitionStory;
  readonly subAgents: SubAgentStory;
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackResult }[];
  /** Every honest call was served, every sub-agent kept within what it was let, the call by an old definition refused, and every attack stopped by the defence that is meant for it. */
  readonly passed: boolean;
}

/** Runs honest sessions over both transports, then the story of a tool that changes, then that of two sub-agents, then every attack on the live server. */
export async function runDemo(programs: DemoPrograms): Promise<DemoReport> {
  const world = await startWorld(programs.bank);
  const { authority, source, bank, env } = world;
  try {
    const overStdio = { command: process.execPath, args: [programs.bank, "stdio"], env };
    const sessions = [await scriptedSession(overStdio, source), await scriptedSession(bank.url, source)];
    const definition = await playChangedDefinition(world);
    const subAgents = await playSubAgents(world, programs.subAgent);
    const target = httpTarget({ ...attackOptions(authority.attest, authority.signer()), url: bank.url });
    const results = [];
    for (const attack of referenceAttacks) results.push({ attack, result: await runAttack(attack, target, bank) });
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(({ result }) => result.outcome === "blocked" && result.intended);
    const passed = honest && definition.asExpected && subAgents.asExpected && stopped;
    return { sessions, definition, subAgents, attacks: results, passed };
  } finally {
    await world.stop();
  }
}
