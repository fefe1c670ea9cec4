import type { Reason } from "@attest/core";

/** What a client does differently when it sends a request again. It tries each remedy once for a request. */
type Remedy = "new-credentials" | "signature";

/** The refusals that a client may answer by sending the request again, each with what it then does differently. */
const REMEDIES: Partial<Record<Reason, Remedy>> = { attestation_expired: "new-credentials" };

/**
 * The refusals of a message that was proved by a MAC after which it is sent with a signature. The last two are what a server says that
 * does not know MAC proofs; of a signed message they are final.
 */
const SIGN_AFTER: ReadonlySet<Reason> = new Set<Reason>([
  "attestation_ticket_refused",
  "attestation_signature_required",
  "attestation_proof_invalid",
  "attestation_required",
]);

/**
 * The attempts to send one request: the only place that decides whether a refused request is sent again (SPEC-7.10).
 *
 * A request that was refused for one of the reasons above was refused before anything acted on it. After every other
 * reason, `attestation_replay` among them, it is never sent again (M6).
 */
export class Attempts {
  readonly #tried = new Set<Remedy>();

  /** Whether the request must be signed from now on, with a MAC refused. */
  get mustSign(): boolean {
    return this.#tried.has("signature");
  }

  /**
   * Whether the request may be sent again after a refusal for this reason. Returns true once for each remedy.
   *
   * @param reason What the server sent.
   * @param byMac Whether the refused attempt was proved by a MAC. Default false.
   */
  permit(reason: Reason, byMac = false): boolean {
    const remedy = byMac && SIGN_AFTER.has(reason) ? "signature" : REMEDIES[reason];
    if (remedy === undefined || this.#tried.has(remedy)) return false;
    this.#tried.add(remedy);
    return true;
  }
}
