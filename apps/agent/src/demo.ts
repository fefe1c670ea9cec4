import { type Attack, type AttackResult, httpTarget, referenceAttacks } from "@attest/attacks";
import { attackOptions } from "./attack-options.ts";
import { runAttack } from "./run-attack.ts";
import { type SessionReport, scriptedSession } from "./session.ts";
import { startWorld } from "./start-world.ts";

/** What the demo showed. */
export interface DemoReport {
  readonly sessions: readonly SessionReport[];
  readonly attacks: readonly { readonly attack: Attack; readonly result: AttackResult }[];
  /** Every honest call was served, and every attack stopped by the defence that is meant for it. */
  readonly passed: boolean;
}

/** Runs honest sessions over both transports, then every attack on the live server. */
export async function runDemo(program: string): Promise<DemoReport> {
  const world = await startWorld(program);
  const { authority, source, bank, env } = world;
  try {
    const overStdio = { command: process.execPath, args: [program, "stdio"], env };
    const sessions = [await scriptedSession(overStdio, source), await scriptedSession(bank.url, source)];
    const target = httpTarget({ ...attackOptions(authority.attest, authority.signer()), url: bank.url });
    const results = [];
    for (const attack of referenceAttacks) results.push({ attack, result: await runAttack(attack, target, bank) });
    const honest = sessions.every(({ attestation }) => attestation.status === "verified");
    const stopped = results.every(({ result }) => result.outcome === "blocked" && result.intended);
    return { sessions, attacks: results, passed: honest && stopped };
  } finally {
    await world.stop();
  }
}
