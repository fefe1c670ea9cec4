import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { AttestationErrorCode, Reason } from "../errors.ts";
import type { TrustLevel } from "./policy.ts";

/** A verified agent: who calls, by whose word, and how far that word is believed. Deeply frozen. */
export type AttestationContext = {
  readonly outcome: "verified";
  readonly verified: true;
  readonly trustLevel: Exclude<TrustLevel, "none">;
  readonly issuer: string;
  readonly subject: string;
  readonly identity: AgentIdentity;
  readonly claims: AttestationClaims;
  /** `exp` of the attestation, Unix seconds. */
  readonly expiresAt: number;
} & (
  | {
      readonly profile: "bound";
      /** RFC 7638 SHA-256 thumbprint of the agent's key. */
      readonly keyThumbprint: string;
    }
  | { readonly profile: "bearer"; readonly keyThumbprint?: never }
);

/** Nothing was presented, and the policy lets that pass. */
export interface AbsentResult {
  readonly outcome: "absent";
  readonly verified: false;
  readonly trustLevel: "none";
}

/** Something was presented that cannot be assessed, and the policy lets that pass, unverified (SPEC §5). */
export interface UnassessedResult {
  readonly outcome: "unassessed";
  readonly verified: false;
  readonly trustLevel: "none";
  readonly reason: Reason;
  readonly code: AttestationErrorCode;
}

/** The message must not be acted on. */
export interface RefusedResult {
  readonly outcome: "refused";
  readonly verified: false;
  readonly trustLevel: "none";
  /** What the peer is told. */
  readonly reason: Reason;
  /** What the operator is told. Never send it to the peer (O3). */
  readonly code: AttestationErrorCode;
  readonly message: string;
  readonly retryable: boolean;
  /** The verifier's time, Unix seconds, where the refusal was about time, so that the peer can correct its clock. */
  readonly serverTime?: number;
}

/** How a verification ended. The compiler lets nobody read an identity that was not verified. */
export type VerificationResult = AttestationContext | AbsentResult | UnassessedResult | RefusedResult;
