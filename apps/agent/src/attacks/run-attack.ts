import { type AttestationErrorCode, type Reason, reasonOf, toSpiffeId } from "@attest/core";
import type { LogLine } from "demo-mcp-server";
import type { Attack, AttackResult, AttackTarget } from "./attack.ts";
import { IDENTITY } from "./exchange.ts";

/** A server's log, as it is written. */
export interface WatchedLog {
  /** Calls the watcher with every line from now on, until the returned function is called. */
  watch(watcher: (line: LogLine) => void): () => void;
}

/** What came of an attack, and the precise code by which the server refused it, which only its log tells. */
export type AttackReport = AttackResult & { readonly code?: AttestationErrorCode };

/** The log is another pipe than the answer, and may come this many milliseconds later. */
const LOG_DEADLINE_MS = 2000;

/** Runs an attack with its control, and looks up in the server's log what stopped it. */
export async function runAttack(attack: Attack, target: AttackTarget, log: WatchedLog): Promise<AttackReport> {
  const refusals: AttestationErrorCode[] = [];
  let seen = () => {};
  const unwatch = log.watch((line) => {
    const code = refusalOfAttacker(line);
    if (code === undefined) return;
    refusals.push(code);
    seen();
  });
  try {
    const result = await attack.run(target);
    const { reason } = result;
    if (reason === undefined) return result;
    const deadline = AbortSignal.timeout(LOG_DEADLINE_MS);
    for (;;) {
      const code = refusals.findLast((candidate) => tells(candidate, reason));
      if (code !== undefined) return { ...result, code };
      if (deadline.aborted) return result;
      await new Promise<void>((resolve) => {
        seen = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  } finally {
    unwatch();
  }
}

/** The code of a refusal that can be the attacker's: others call the server too, but under names of their own. */
function refusalOfAttacker({ event }: LogLine): AttestationErrorCode | undefined {
  if (!("code" in event) || event.code === undefined) return undefined;
  const subject = "subject" in event ? event.subject : undefined;
  return subject === undefined || subject === toSpiffeId(IDENTITY) ? event.code : undefined;
}

function tells(code: AttestationErrorCode, reason: Reason): boolean {
  return reasonOf(code) === reason;
}
