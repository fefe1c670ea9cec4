import type { AttestationClaims } from "../../claims/attestation-claims.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6 step 6, T19: not expired, and not dated ahead, by more than clocks may differ. Holds for cached attestations too (T21). */
export function checkTimes({ claims, configuration, now }: Assessment): Refusal | undefined {
  const { exp, iat, nbf = iat }: AttestationClaims = claims;
  const { clockTolerance } = configuration;
  if (now >= exp + clockTolerance) {
    return refusal(
      "ERR_ATTESTATION_EXPIRED",
      `The attestation expired ${now - exp} s ago (clockTolerance ${clockTolerance})`,
    );
  }
  const begin = Math.max(iat, nbf);
  if (begin > now + clockTolerance) {
    return refusal(
      "ERR_ATTESTATION_NOT_YET_VALID",
      `The attestation is valid in ${begin - now} s only (clockTolerance ${clockTolerance}): a clock is wrong, here or at its issuer`,
    );
  }
  return undefined;
}

/** §6 step 6, T18: it lives for some time, and not for longer than its profile may. */
export function checkLifetime({ claims, configuration, profile = "bearer" }: Assessment): Refusal | undefined {
  const lifetime = claims.exp - claims.iat;
  if (lifetime > 0 && lifetime <= configuration.maxLifetime[profile]) return undefined;
  return refusal("ERR_ATTESTATION_LIFETIME", "The attestation's lifetime is not within the limit of its profile");
}
