import type { Attack, AttackResult, AttackTarget } from "@attest/attacks";
import { type AttestationErrorCode, reasonOf, toSpiffeId } from "@attest/core";
import type { LogLine } from "demo-mcp-server";
import { IDENTITY } from "./authority.ts";

/** A server's log, as it is written. */
export interface WatchedLog {
  /** Calls the watcher with every line from now on, until the returned function is called. */
  watch(watcher: (line: LogLine) => void): () => void;
}

/** The log is another pipe than the answer, and may come this many milliseconds later. */
const LOG_DEADLINE_MS = 2000;

/**
 * Runs an attack with its control, and looks up in the server's log what stopped it.
 *
 * @returns What came of it, with the precise `code` of the refusal, which no answer over a wire tells.
 */
export async function runAttack(attack: Attack, target: AttackTarget, log: WatchedLog): Promise<AttackResult> {
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
    if (result.outcome !== "blocked" || result.reason === undefined) return result;
    const { reason, exchanges } = result;
    // All exchanges but the control: were one's line left in the pipe, it would be taken for the next attack's.
    const attempts = exchanges.length - 1;
    const deadline = AbortSignal.timeout(LOG_DEADLINE_MS);
    for (;;) {
      const code = refusals.findLast((candidate) => reasonOf(candidate) === reason);
      if (deadline.aborted || (code !== undefined && refusals.length >= attempts)) {
        return code === undefined ? result : { ...result, code };
      }
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
