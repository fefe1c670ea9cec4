import { AttestationError } from "../errors.ts";
import type { ReplayUse } from "./replay-cache.ts";

/**
 * The check that every replay cache begins with (R13).
 *
 * @throws AttestationError `ERR_REPLAY_EXPIRY` unless both times are safe integers and the expiry is in the future.
 */
export function assertExpiry({ now, expiresAt }: ReplayUse): void {
  if (!Number.isSafeInteger(now) || !Number.isSafeInteger(expiresAt) || expiresAt <= now) {
    throw new AttestationError("ERR_REPLAY_EXPIRY", "A use needs safe-integer times and an expiry in the future");
  }
}
