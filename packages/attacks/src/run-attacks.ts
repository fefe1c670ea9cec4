import { type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import type { Attack, AttackResult } from "./attack.ts";
import { attacks as all } from "./catalogue/attacks.ts";
import type { AttackTarget } from "./targets/attack-target.ts";

/** What came of a run. */
export interface AttackReport {
  /** What was attacked, in words. */
  readonly target: string;
  /** When it began, ISO 8601. */
  readonly startedAt: string;
  /** Seconds. */
  readonly duration: number;
  /** The attacks that ran, in their order, each with what came of it. */
  readonly results: readonly { readonly attack: Attack; readonly result: AttackResult }[];
  /** The attacks that were left out, and why. */
  readonly notRun: readonly { readonly attack: Attack; readonly why: string }[];
  /** How many the target stopped. */
  readonly blocked: number;
  /** How many succeeded: each is a hole in the target. */
  readonly breached: number;
  /** How many showed nothing, as the honest control failed or the target refused for another reason. */
  readonly inconclusive: number;
}

/** Which attacks are run, for how long, and who is notified. */
export interface RunOptions {
  /** Which attacks. Default: all of them. */
  readonly attacks?: readonly Attack[];
  /** After how many seconds no further attack is begun. Default 600. */
  readonly maxDuration?: number;
  /** Called before each attack. */
  onAttack?(attack: Attack, index: number, total: number): void;
  /** Called with what came of it. */
  onResult?(attack: Attack, result: AttackResult): void;
}

const OPTIONS: OptionNames<RunOptions> = { attacks: true, maxDuration: true, onAttack: true, onResult: true };

/**
 * Runs attacks on a target, one after the other. Those that need what the target does not offer are left out and listed.
 * The target is closed at the end.
 *
 * @throws AttestationError `ERR_OPTION`; and what `attest` fails with, if the honest agent's credentials cannot be made. A
 * target that cannot be reached is no error: its attacks are inconclusive.
 */
export async function runAttacks(target: AttackTarget, options: RunOptions = {}): Promise<AttackReport> {
  refuseUnknownOptions(options, OPTIONS, "a run");
  const { attacks = all, maxDuration = 600, onAttack, onResult } = options;
  if (!(attacks?.length > 0)) throw optionError("attacks", "must list at least one attack");
  if (!(Number.isFinite(maxDuration) && maxDuration > 0)) throw optionError("maxDuration", "must be above 0 seconds");
  const startedAt = new Date().toISOString();
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  try {
    const offers = await target.offers();
    const results: { attack: Attack; result: AttackResult }[] = [];
    const notRun: { attack: Attack; why: string }[] = [];
    for (const [index, attack] of attacks.entries()) {
      const lacking = attack.needs.filter((need) => !offers.has(need));
      if (lacking.length > 0) notRun.push({ attack, why: `needs ${lacking.join(", ")}` });
      else if (elapsed() >= maxDuration) notRun.push({ attack, why: "no time was left" });
      else {
        onAttack?.(attack, index, attacks.length);
        const result = await attack.run(target);
        results.push({ attack, result });
        onResult?.(attack, result);
      }
    }
    const count = (outcome: AttackResult["outcome"]) =>
      results.filter(({ result }) => result.outcome === outcome).length;
    return {
      target: target.name,
      startedAt,
      duration: elapsed(),
      results,
      notRun,
      blocked: count("blocked"),
      breached: count("breached"),
      inconclusive: count("inconclusive"),
    };
  } finally {
    await target.close();
  }
}
