import type { AttestationErrorCode, Reason } from "@attest/core";
import type { AttackTarget } from "./targets/attack-target.ts";
import type { Offer } from "./targets/offer.ts";

/** What kind of attack it is. */
export type AttackCategory =
  | "forgery"
  | "tampering"
  | "malformed"
  | "confusion"
  | "downgrade"
  | "proof"
  | "replay"
  | "session"
  | "delegation"
  | "message"
  | "disclosure";

/** One exchange with the target, told without any secret: no token, proof, key or session id is in it. */
export interface ExchangeRecord {
  /** What was tried: `control`, or the name of the variant. */
  readonly label: string;
  /** What was sent, redacted. */
  readonly request: string;
  /** What came back, redacted. */
  readonly answer: string;
}

/** What came of an attack. */
export type AttackResult = {
  /** In a person's words; for a breach, the evidence. */
  readonly evidence: string;
  /** Every exchange, redacted, the control first. */
  readonly exchanges: readonly ExchangeRecord[];
} & (
  | {
      readonly outcome: "blocked";
      /** What stopped it. */
      readonly defence: string;
      /** Whether it was stopped by the defence that is meant for it, or by another that came first. */
      readonly intended: boolean;
      /** The reason sent to the attacker. */
      readonly reason?: Reason;
      /** The precise local code, which only a verifier in process tells. */
      readonly code?: AttestationErrorCode;
    }
  | {
      /** The attacker got what it must not get. */
      readonly outcome: "breached";
    }
  | {
      /**
       * Nothing was shown: the same exchange done honestly did not succeed, or the target did not answer, or it said that it
       * was unable to decide.
       */
      readonly outcome: "inconclusive";
    }
);

/** One attack, with its honest control inside. */
export interface Attack {
  /** Stable, for machines. */
  readonly id: string;
  /** A few words for people. */
  readonly name: string;
  /** What kind of mistake it looks for. */
  readonly category: AttackCategory;
  /** The row of the threat catalogue. */
  readonly threat: string;
  /** What the attacker has to begin with. */
  readonly attacker: string;
  /** What the attacker does. */
  readonly description: string;
  /** What must stop it. */
  readonly defence: string;
  /** The reasons by which that defence is known on the wire; empty where it refuses without one. */
  readonly expected: readonly Reason[];
  /** What the target must offer for the attack to be possible at all. */
  readonly needs: readonly Offer[];
  /**
   * Runs the honest control, then the attack. A target that lacks what the attack needs makes it inconclusive; `runAttacks`
   * leaves such attacks out. Never rejects for anything the target does.
   */
  run(target: AttackTarget): Promise<AttackResult>;
}
