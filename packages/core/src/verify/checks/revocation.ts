import { isPending, type MaybePromise } from "../../maybe-promise.ts";
import type { Assessment } from "../assessment.ts";
import { withinDeadline } from "../deadline.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6 step 6: not revoked; a list that cannot say refuses. Holds for remembered attestations too (T21). */
export function checkRevocation({ claims, configuration }: Assessment): MaybePromise<Refusal | undefined> {
  if (!configuration.isRevoked) return undefined;
  try {
    const answer = configuration.isRevoked(claims);
    return isPending(answer) ? withinDeadline(answer).then(judge).catch(unavailable) : judge(answer);
  } catch {
    return unavailable();
  }
}

function judge(revoked: boolean): Refusal | undefined {
  if (revoked === false) return undefined;
  return revoked === true ? refusal("ERR_REVOKED", "The attestation was revoked") : unavailable();
}

function unavailable(): Refusal {
  return refusal("ERR_REVOCATION_UNAVAILABLE", "Whether the attestation was revoked cannot be told at the moment");
}
