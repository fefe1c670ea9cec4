import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6 step 6, T20: made out to this server, exactly, and to no other unless that is allowed. The bound profile may leave it open. */
export function checkAudience(assessment: Assessment): Refusal | undefined {
  const { claims, configuration, profile } = assessment;
  if (claims.aud === undefined) {
    if (profile === "bound") return undefined;
    return refusal("ERR_ATTESTATION_AUDIENCE", "A bearer attestation must be made out to an audience");
  }
  const audiences = typeof claims.aud === "string" ? [claims.aud] : claims.aud;
  if (audiences.length > 1 && !configuration.allowMultipleAudiences) {
    return refusal(
      "ERR_ATTESTATION_AUDIENCES",
      "The attestation is made out to several audiences (allowMultipleAudiences)",
    );
  }
  // In the token's order, so that instances that list their names differently agree on the one that is used up.
  const own = audiences.find((audience) => configuration.audiences.includes(audience));
  if (own === undefined) return refusal("ERR_ATTESTATION_AUDIENCE", "The attestation is made out to another audience");
  assessment.audience = own;
  return undefined;
}
