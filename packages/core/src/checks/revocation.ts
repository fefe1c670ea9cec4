import type { DelegationLink } from "../claims/delegation-link.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { isPending, type MaybePromise } from "../maybe-promise.ts";
import { withinDeadline } from "./deadline.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Judging, Statement } from "./statement.ts";

/** §6 step 6: not revoked; a list that cannot say refuses. */
export function checkRevocation({
  claims,
  configuration,
  chained,
}: Judging & { readonly claims: RegisteredClaims }): MaybePromise<Refusal | undefined> {
  return chained ? undefined : askWhetherRevoked(configuration, claims, {});
}

/** The same of a remembered attestation (T21). */
export function recheckRevocation({
  statement: { claims },
  configuration,
  chained,
}: Judging & { readonly statement: Statement }): MaybePromise<Refusal | undefined> {
  return chained ? undefined : askWhetherRevoked(configuration, claims, {});
}

/** Asks the server's own list. */
export function askWhetherRevoked(
  { isRevoked }: Judging["configuration"],
  claims: RegisteredClaims,
  about: { readonly delegation?: readonly DelegationLink[] },
): MaybePromise<Refusal | undefined> {
  if (!isRevoked) return undefined;
  try {
    const answer = isRevoked(claims, about);
    return isPending(answer) ? withinDeadline(answer).then(judge).catch(revocationUnavailable) : judge(answer);
  } catch {
    return revocationUnavailable();
  }
}

function judge(revoked: boolean): Refusal | undefined {
  if (revoked === false) return undefined;
  return revoked === true ? refusal("ERR_REVOKED", "The attestation was revoked") : revocationUnavailable();
}

function revocationUnavailable(): Refusal {
  return refusal(
    "ERR_REVOCATION_UNAVAILABLE",
    "Whether the attestation was revoked cannot be determined at the moment",
  );
}
