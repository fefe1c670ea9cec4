import type { TrustLevel, VerificationPolicy } from "@attest/core";

/** What a client knows of how its server took its attestation. */
export interface AttestationState {
  /**
   * `pending` until the server has answered; `verified`; `failed` when it refused, or passed the client unverified;
   * `not_provided` when it says that nothing reached it; `unsupported` when it knows nothing of attestation.
   */
  status: "pending" | "verified" | "failed" | "not_provided" | "unsupported";
  /** How far the server trusts the agent's issuer; only with `verified`. */
  trustLevel?: TrustLevel;
  /** What the server demands, where it has said so. */
  policy?: VerificationPolicy;
}
