import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal, shown } from "../refusal.ts";

/**
 * §6 step 6, T20: issued for this server, exactly, and for no other unless that is allowed. The bound profile may leave it
 * open. Which of the server's names a message may use is decided by the proof, or here where there is no proof.
 */
export function checkAudience(assessment: Assessment): Refusal | undefined {
  const { claims, configuration, profile } = assessment;
  if (claims.aud === undefined) {
    if (profile === "bound") return undefined;
    return refusal("ERR_ATTESTATION_AUDIENCE", "A bearer attestation must be issued for an audience");
  }
  const audiences = typeof claims.aud === "string" ? [claims.aud] : claims.aud;
  if (audiences.length > 1 && !configuration.allowMultipleAudiences) {
    return refusal(
      "ERR_ATTESTATION_AUDIENCES",
      "The attestation is issued for several audiences (allowMultipleAudiences)",
    );
  }
  // In the token's order, so that instances that list their names differently agree on the one that is used up.
  const names = profile === "bearer" ? assessment.audiences : configuration.audiences;
  const own = audiences.find((audience) => names.includes(audience));
  if (own === undefined) {
    return refusal(
      "ERR_ATTESTATION_AUDIENCE",
      `The attestation is issued for the audience ${shown(audiences)}; this server is ` +
        `${shown(assessment.request?.audience ?? names)} (audience)`,
    );
  }
  assessment.audience = own;
  return undefined;
}
