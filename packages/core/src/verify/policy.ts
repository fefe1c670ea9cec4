/** How far an agent is believed: from the verifier's own configuration of the issuer, never from the token (T22). */
export type TrustLevel = "none" | "enterprise" | "provider";

/** What happens to a message without a good attestation (SPEC §5). */
export type VerificationPolicy = "required" | "preferred" | "optional";

const RANK: Readonly<Record<TrustLevel, number>> = { none: 0, enterprise: 1, provider: 2 };

/** Whether `level` is at least `demanded`: none < enterprise < provider. */
export function meetsTrustLevel(level: TrustLevel, demanded: TrustLevel): boolean {
  return RANK[level] >= RANK[demanded];
}
