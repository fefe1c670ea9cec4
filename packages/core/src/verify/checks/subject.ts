import { trustDomainOf } from "../../claims/spiffe-id.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal, shown } from "../refusal.ts";

/** §6 step 6: the subject is a SPIFFE ID; a bearer attestation's may be of another form, if it does not pretend to be one. */
export function checkSubject(assessment: Assessment): Refusal | undefined {
  const { claims, profile } = assessment;
  assessment.trustDomain = trustDomainOf(claims.sub);
  if (assessment.trustDomain !== undefined) return undefined;
  if (profile === "bearer" && !/^spiffe:/i.test(claims.sub)) return undefined;
  return refusal("ERR_ATTESTATION_SUBJECT", "The attestation's subject is not a SPIFFE ID");
}

/** §6 step 6, T22: the issuer speaks for the subject's trust domain. */
export function checkTrustDomain({ trustDomain, trustedIssuer }: Assessment): Refusal | undefined {
  if (trustDomain === undefined || trustedIssuer.trustDomains.includes(trustDomain)) return undefined;
  return refusal(
    "ERR_TRUST_DOMAIN",
    `The attestation's subject is in the trust domain ${shown(trustDomain)}, and its issuer may speak for ` +
      `${shown(trustedIssuer.trustDomains)} (trustDomains)`,
  );
}

/**
 * §6 step 6, T22: the attestation calls itself what its issuer is configured to be. 0.1.0 enterprises also write `provider`;
 * configuration then wins, which only ever lowers.
 */
export function checkAttestationType({
  claims,
  profile,
  trustedIssuer: { trustLevel },
}: Assessment): Refusal | undefined {
  const { attestationType } = claims.attestationMetadata;
  if (attestationType === trustLevel) return undefined;
  if (profile === "bearer" && trustLevel === "enterprise") return undefined;
  return refusal(
    "ERR_ATTESTATION_TYPE",
    `The attestation's type is ${attestationType}, and its issuer is configured as ${trustLevel} (trustLevel)`,
  );
}
