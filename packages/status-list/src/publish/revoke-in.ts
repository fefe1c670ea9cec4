import { type Clock, systemClock } from "@attest/core";
import type { StatusStorage } from "../storage/status-storage.ts";
import { MAX_LIST_LIFETIME } from "../token/read-status-list-token.ts";
import { timeOf } from "./publisher-options.ts";
import { RegisterJournal } from "./register-journal.ts";
import { decideReinstatement, decideRevocation, type Revocation } from "./revocation.ts";
import type { Revocable } from "./status-register.ts";

/** How a storage is worked on. */
export interface RevokeOptions {
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

/**
 * Revokes in the storage of a list, for operators' tools: every publisher on the same storage publishes it within a second.
 * As `StatusListPublisher.revoke`, without signing or publishing anything.
 *
 * @returns The indexes that verifiers refuse; empty if there are no attestations that may be valid.
 * @throws AttestationError `ERR_OPTION`; `ERR_REVOCATION_UNAVAILABLE` if the storage fails: then revoke again.
 */
export async function revokeIn(
  storage: StatusStorage,
  revocation: Revocation,
  { clock = systemClock }: RevokeOptions = {},
): Promise<readonly number[]> {
  return journalOf(storage, clock).change(decideRevocation(revocation, () => timeOf(clock)));
}

/** Lets a key or a workload be attested again. Its revoked attestations stay revoked. @throws AttestationError as `revokeIn`. */
export async function reinstateIn(
  storage: StatusStorage,
  revocable: Revocable,
  { clock = systemClock }: RevokeOptions = {},
): Promise<void> {
  await journalOf(storage, clock).change(decideReinstatement(revocable));
}

/** What a publisher's own lists need is kept, whatever their lifetime is. */
function journalOf(storage: StatusStorage, clock: Clock): RegisterJournal {
  return new RegisterJournal(storage, (register) => register.prune(timeOf(clock) - MAX_LIST_LIFETIME));
}
