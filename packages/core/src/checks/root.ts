import { type Refusal, refusal } from "./refusal.ts";

/** §21: what a chain begins with is a bound attestation. Nothing that is presented without its key, or that others issue, is delegated. */
export function checkRoot(isAttestation: boolean): Refusal | undefined {
  return isAttestation ? undefined : refusal("ERR_DELEGATION_ROOT", "The first of a chain is not a bound attestation");
}
