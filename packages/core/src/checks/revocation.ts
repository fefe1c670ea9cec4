import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { isPending, type MaybePromise } from "../maybe-promise.ts";
import { withinDeadline } from "./deadline.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Judging, Statement } from "./statement.ts";

/** §6 step 6: not revoked; a list that cannot say refuses. */
export function checkRevocation({
  claims,
  configuration,
}: Pick<Judging, "configuration"> & { readonly claims: RegisteredClaims }): MaybePromise<Refusal | undefined> {
  if (!configuration.isRevoked) return undefined;
  try {
    const answer = configuration.isRevoked(claims);
    return isPending(answer) ? withinDeadline(answer).then(judge).catch(unavailable) : judge(answer);
  } catch {
    return unavailable();
  }
}

/** The same of a remembered attestation (T21). */
export function recheckRevocation({
  statement: { claims },
  configuration,
}: Judging & { readonly statement: Statement }): MaybePromise<Refusal | undefined> {
  return checkRevocation({ configuration, claims });
}

function judge(revoked: boolean): Refusal | undefined {
  if (revoked === false) return undefined;
  return revoked === true ? refusal("ERR_REVOKED", "The attestation was revoked") : unavailable();
}

function unavailable(): Refusal {
  return refusal("ERR_REVOCATION_UNAVAILABLE", "Whether the attestation was revoked cannot be told at the moment");
}
