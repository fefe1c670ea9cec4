import { AttestationError } from "./errors.ts";

/** Tells the time in whole Unix seconds. Injected wherever time matters, so that tests and clock corrections need no patching. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/** What an agent's clock says, in whole seconds. @throws AttestationError `ERR_CLOCK` if that is no time. */
export function readClock(clock: Clock): number {
  const now = Math.floor(clock());
  if (Number.isSafeInteger(now)) return now;
  throw new AttestationError("ERR_CLOCK", "The agent's clock returned an invalid time");
}
