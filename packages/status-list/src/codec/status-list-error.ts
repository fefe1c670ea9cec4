import { AttestationError } from "@attest/core";

/** A status list that cannot be used. @param problem What is wrong, as the rest of a sentence; it repeats nothing of the list. */
export function statusListError(problem: string): AttestationError {
  return new AttestationError("ERR_REVOCATION_UNAVAILABLE", `The status list ${problem}`);
}
