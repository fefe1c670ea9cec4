/** Every trust level, from the least to the greatest. */
export const TRUST_LEVELS = ["none", "enterprise", "provider"] as const;

/** How far an agent is trusted: from the verifier's own configuration of the issuer, never from the token (T22). */
export type TrustLevel = (typeof TRUST_LEVELS)[number];

/** How far a verified agent is trusted. */
export type VerifiedTrustLevel = Exclude<TrustLevel, "none">;

/** The trust levels that an issuer can be configured with. */
export const ISSUER_TRUST_LEVELS: readonly VerifiedTrustLevel[] = ["enterprise", "provider"];

/** Every policy, from the strictest to the laxest. */
export const POLICIES = ["required", "preferred", "optional"] as const;

/** What happens to a message without a valid attestation (SPEC §5). */
export type VerificationPolicy = (typeof POLICIES)[number];

/** Whether `level` is at least `demanded`: none < enterprise < provider. */
export function meetsTrustLevel(level: TrustLevel, demanded: TrustLevel): boolean {
  const least = TRUST_LEVELS.indexOf(demanded);
  return least !== -1 && TRUST_LEVELS.indexOf(level) >= least;
}
