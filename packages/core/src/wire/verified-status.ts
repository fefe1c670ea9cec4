import type { TrustLevel } from "../verify/policy.ts";

/** How far a verified agent is trusted. */
type VerifiedLevel = Exclude<TrustLevel, "none">;

/** What the field `HTTP_FIELDS.status` says of a verified agent (SPEC §7). */
export function verifiedStatus(trustLevel: VerifiedLevel): string {
  return `verified;trust=${trustLevel}`;
}

/**
 * The trust level that a field `HTTP_FIELDS.status` tells.
 *
 * @param status The field's value; `null` where there is none.
 * @returns `undefined` if it says anything but that the agent was verified.
 */
export function trustLevelOfStatus(status: string | null): VerifiedLevel | undefined {
  return /^verified;trust=(enterprise|provider)$/.exec(status ?? "")?.[1] as VerifiedLevel | undefined;
}
