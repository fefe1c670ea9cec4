import type { AttestationProvider, Reason } from "@attest/core";

/** What an attack is aimed at, and what the honest agent that it imitates has. */
export interface AttackTarget {
  readonly server: URL;
  readonly provider: AttestationProvider;
  readonly enterprise: AttestationProvider;
}

/** What came of an attack. */
export interface AttackResult {
  /** `inconclusive`: the same exchange done honestly did not succeed, so that a refusal proves nothing. */
  readonly outcome: "blocked" | "breached" | "inconclusive";
  /** What the server told the attacker. */
  readonly reason?: Reason;
  /** Why it was breached or inconclusive. */
  readonly evidence?: string;
}

/** One attack, with its honest control inside. */
export interface Attack {
  readonly id: string;
  readonly name: string;
  readonly category: "forgery" | "replay" | "downgrade" | "confusion";
  /** The row of the threat catalogue. */
  readonly threat: string;
  readonly description: string;
  /** What stops it. */
  readonly defence: string;
  /** The reason that must come back. */
  readonly expected: Reason;
  run(target: AttackTarget): Promise<AttackResult>;
}
