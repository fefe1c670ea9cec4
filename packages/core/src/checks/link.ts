import type { DelegationClaims } from "../claims/delegation-claims.ts";
import type { DelegationLink } from "../claims/delegation-link.ts";
import type { VerificationKey } from "../keys/verification-key.ts";

/** A link of which everything is known that its own text says. */
export interface Link {
  /** base64url SHA-256 of the link, and nothing before it. */
  readonly hash: string;
  readonly algorithm: string;
  readonly claims: DelegationClaims;
  readonly key: VerificationKey;
  readonly told: DelegationLink;
}
