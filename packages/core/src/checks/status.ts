import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { StatusReference } from "../claims/status-claim.ts";
import { isPending, type MaybePromise } from "../maybe-promise.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { withinDeadline } from "./deadline.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";
import type { Judging, Statement } from "./statement.ts";

/** Where the status is asked again; `undefined` where there is nothing to ask. */
type FoundStatus = { status: StatusReference | undefined };

/** §6 step 6: a status list of its issuer says that it is valid; one that cannot say refuses. */
export function checkStatus({
  claims,
  issuer,
  configuration,
}: Judging & { readonly issuer: ConfiguredIssuer; readonly claims: RegisteredClaims }): MaybePromise<
  Refusal | FoundStatus
> {
  if (issuer.statusLists === undefined) return { status: undefined };
  const status = claims.status?.statusList;
  if (!status) return issuer.statusOptional ? { status } : lacksStatus();
  // What no configuration names is never fetched, and not excused by `statusOptional`: it says that it can be revoked.
  if (!issuer.statusLists.includes(status.uri)) return foreignList(status, issuer.statusLists);
  return ask(configuration, issuer, status, { status });
}

/** The same of a remembered attestation (T21). */
export function recheckStatus({
  statement: { issuer, status },
  configuration,
}: Judging & { readonly statement: Statement }): MaybePromise<Refusal | undefined> {
  return status && ask(configuration, issuer, status, undefined);
}

/** Asks the source; `valid` is answered where the status is. */
function ask<Valid>(
  { statusSource }: Judging["configuration"],
  { issuer }: ConfiguredIssuer,
  status: StatusReference,
  valid: Valid,
): MaybePromise<Refusal | Valid> {
  const judge = (answer: unknown): Refusal | Valid => {
    if (answer === "valid") return valid;
    return answer === "revoked"
      ? refusal("ERR_REVOKED", "The attestation was revoked by status list")
      : listUnavailable();
  };
  try {
    const answer: unknown = statusSource?.check(issuer, status);
    return isPending(answer) ? withinDeadline(answer).then(judge).catch(listUnavailable) : judge(answer);
  } catch {
    return listUnavailable();
  }
}

function lacksStatus(): Refusal {
  return refusal(
    "ERR_CLAIM_REQUIRED",
    "The attestation lacks a status, though its issuer has status lists here (trustedIssuers.statusLists)",
  );
}

function foreignList({ uri }: StatusReference, known: readonly string[]): Refusal {
  return refusal(
    "ERR_CLAIM_REQUIRED",
    `The attestation's status is in the list ${shown(uri)}, which is not one of its issuer here ` +
      `(trustedIssuers.statusLists: ${shown(known)})`,
  );
}

function listUnavailable(): Refusal {
  return refusal("ERR_REVOCATION_UNAVAILABLE", "The status list cannot tell at the moment whether it was revoked");
}
