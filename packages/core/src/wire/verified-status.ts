import { ISSUER_TRUST_LEVELS, type VerifiedTrustLevel } from "./policy.ts";

const PREFIX = "verified;trust=";

/** What the field `HTTP_FIELDS.status` says of a verified agent (SPEC §7). */
export function verifiedStatus(trustLevel: VerifiedTrustLevel): string {
  return `${PREFIX}${trustLevel}`;
}

/**
 * The trust level that a field `HTTP_FIELDS.status` tells.
 *
 * @param status The field's value; `null` where there is none.
 * @returns `undefined` if it says anything but that the agent was verified.
 */
export function trustLevelOfStatus(status: string | null): VerifiedTrustLevel | undefined {
  return ISSUER_TRUST_LEVELS.find((level) => status === `${PREFIX}${level}`);
}
