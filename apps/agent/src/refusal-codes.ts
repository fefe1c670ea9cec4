import type { AttestationErrorCode, Reason } from "@attest/core";
import type { WatchedLog } from "./run-attack.ts";

/** The log is another pipe than the answer, and may come this many milliseconds later. */
const LOG_DEADLINE_MS = 2000;

/** The codes of refusals that a bank logs from now on: of its guard, and of its tools' demands. */
export function refusalCodes(log: WatchedLog) {
  const seen: { reason: Reason; code: AttestationErrorCode }[] = [];
  let arrived = () => {};
  const stop = log.watch(({ event }) => {
    if (event.type !== "verification" && event.type !== "demand") return;
    if (event.outcome !== "refused" || !event.reason || !event.code) return;
    seen.push({ reason: event.reason, code: event.code });
    arrived();
  });
  /** The code of a refusal for a reason, as soon as it is logged; `undefined` if it is not. */
  const next = async (reason: Reason): Promise<AttestationErrorCode | undefined> => {
    const deadline = AbortSignal.timeout(LOG_DEADLINE_MS);
    for (;;) {
      const found = seen.find((one) => one.reason === reason);
      if (found || deadline.aborted) return found?.code;
      await new Promise<void>((resolve) => {
        arrived = resolve;
        deadline.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  };
  return { next, stop };
}
