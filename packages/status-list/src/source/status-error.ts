import { AttestationError } from "@attest/core";

/**
 * Why a status is not available.
 *
 * `foreign-list`: the list is not configured. `other-issuer`: it is configured for another issuer. `out-of-range`: the list has no such
 * index. `unavailable`: there is no current list; `cause` says why.
 */
export type StatusProblem = "foreign-list" | "other-issuer" | "out-of-range" | "unavailable";

const MESSAGES: Readonly<Record<StatusProblem, string>> = {
  "foreign-list": "The attestation names a status list that is not configured",
  "other-issuer": "The attestation names a status list of another issuer",
  "out-of-range": "The attestation names an index that its status list does not have",
  unavailable: "The status list cannot be fetched",
};

/** A status that is not available. The code is `ERR_REVOCATION_UNAVAILABLE`; a verifier refuses the attestation as unavailable. */
export class StatusError extends AttestationError {
  /** Why it is not available. */
  readonly problem: StatusProblem;

  constructor(problem: StatusProblem, options?: ErrorOptions) {
    super("ERR_REVOCATION_UNAVAILABLE", MESSAGES[problem], options);
    this.name = "StatusError";
    this.problem = problem;
  }
}
