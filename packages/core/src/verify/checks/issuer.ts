import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal, shown } from "../refusal.ts";
import { algorithmOf } from "./profile.ts";

/** §6 step 3: `iss` is a configured issuer, byte for byte (T14), before any key is touched. */
export function checkIssuer(assessment: Assessment): Refusal | undefined {
  const { iss } = assessment.jws.payload;
  const { issuers } = assessment.configuration;
  assessment.issuer = typeof iss === "string" ? issuers.get(iss) : undefined;
  if (assessment.issuer) return undefined;
  return refusal(
    "ERR_ISSUER_UNTRUSTED",
    `The attestation's issuer ${shown(iss)} is not trusted here (trustedIssuers: ${shown(issuers.keys())})`,
  );
}

/** §6 step 3: the issuer may sign with this algorithm. */
export function checkIssuerAlgorithm(assessment: Assessment): Refusal | undefined {
  const algorithm = algorithmOf(assessment);
  if (algorithm && assessment.trustedIssuer.algorithms.includes(algorithm)) return undefined;
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one its issuer is configured for");
}
