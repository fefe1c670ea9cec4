import { type Attack, type AttackResult, httpTarget, referenceAttacks } from "@attest/attacks";
import { attackOptions } from "./attack-options.ts";
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
  readonly subAgents: SubAgentStory;
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackResult }[];
  /** Every honest call was served, every sub-agent kept within what it was let, and every attack stopped by the defence that is meant for it. */
  readonly passed: boolean;
}

/** Runs honest sessions over both transports, then the story of two sub-agents, then every attack on the live server. */
export async function runDemo(programs: DemoPrograms): Promise<DemoReport> {
  const world = await startWorld(programs.bank);
  const { authority, source, bank, env } = world;
  try {
    const overStdio = { command: process.execPath, args: [programs.bank, "stdio"], env };
    const sessions = [await scriptedSession(overStdio, source), await scriptedSession(bank.url, source)];
    const subAgents = await playSubAgents(world, programs.subAgent);
    const target = httpTarget({ ...attackOptions(authority.attest, authority.signer()), url: bank.url });
    const results = [];
    for (const attack of referenceAttacks) results.push({ attack, result: await runAttack(attack, target, bank) });
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(({ result }) => result.outcome === "blocked" && result.intended);
    return { sessions, subAgents, attacks: results, passed: honest && subAgents.asExpected && stopped };
  } finally {
    await world.stop();
  }
}
