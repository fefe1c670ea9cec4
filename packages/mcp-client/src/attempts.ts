import type { Reason } from "@attest/core";

/** What a client does differently when it sends a request again. It tries each remedy once for a request. */
type Remedy = "new-credentials";

/** The refusals that a client may answer by sending the request again, each with what it then does differently. */
const REMEDIES: Partial<Record<Reason, Remedy>> = { attestation_expired: "new-credentials" };

/**
 * The attempts to send one request: the only place that decides whether a refused request is sent again (SPEC-7.10).
 *
 * A request that was refused for one of the reasons above was refused before anything acted on it. After every other
 * reason, `attestation_proof_invalid` and `attestation_replay` among them, it is never sent again (M6).
 */
export class Attempts {
  readonly #tried = new Set<Remedy>();

  /** Whether the request may be sent again after a refusal for this reason. Returns true once for each remedy. */
  permit(reason: Reason): boolean {
    const remedy = REMEDIES[reason];
    if (remedy === undefined || this.#tried.has(remedy)) return false;
    this.#tried.add(remedy);
    return true;
  }
}
