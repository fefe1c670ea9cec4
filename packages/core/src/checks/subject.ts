import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { trustDomainOf } from "../claims/spiffe-id.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";

type Subject = { readonly claims: RegisteredClaims };
type Issued = { readonly claims: AttestationClaims; readonly issuer: ConfiguredIssuer };

/** §6 step 6: the subject is a SPIFFE ID. */
export function checkSubject({ claims }: Subject): Refusal | { trustDomain: string | undefined } {
  const trustDomain = trustDomainOf(claims.sub);
  return trustDomain === undefined ? notSpiffe() : { trustDomain };
}

/** §6 step 6: a bearer attestation's subject may be of another form, if it does not pretend to be a SPIFFE ID. */
export function checkBearerSubject({ claims }: Subject): Refusal | { trustDomain: string | undefined } {
  const trustDomain = trustDomainOf(claims.sub);
  return trustDomain === undefined && /^spiffe:/i.test(claims.sub) ? notSpiffe() : { trustDomain };
}

/** §6 step 6 of a foreign token: its subject names no workload of a trust domain. */
export function noWorkload(): Refusal {
  return refusal("ERR_ATTESTATION_SUBJECT", "The token's subject does not name a workload of a trust domain");
}

function notSpiffe(): Refusal {
  return refusal("ERR_ATTESTATION_SUBJECT", "The attestation's subject is not a SPIFFE ID");
}

/** §6 step 6, T22: the issuer speaks for the subject's trust domain. */
export function checkTrustDomain({
  trustDomain,
  issuer,
}: {
  readonly trustDomain: string | undefined;
  readonly issuer: ConfiguredIssuer;
}): Refusal | undefined {
  if (trustDomain === undefined || issuer.trustDomains.includes(trustDomain)) return undefined;
  return refusal(
    "ERR_TRUST_DOMAIN",
    `The attestation's subject is in the trust domain ${shown(trustDomain)}, and its issuer may speak for ` +
      `${shown(issuer.trustDomains)} (trustDomains)`,
  );
}

/** §6 step 6, T22: the attestation calls itself what its issuer is configured to be. */
export function checkAttestationType({ claims, issuer: { trustLevel } }: Issued): Refusal | undefined {
  const { attestationType } = claims.attestationMetadata;
  if (attestationType === trustLevel) return undefined;
  return refusal(
    "ERR_ATTESTATION_TYPE",
    `The attestation's type is ${attestationType}, and its issuer is configured as ${trustLevel} (trustLevel)`,
  );
}

/** The same of a bearer attestation: 0.1.0 enterprises also write `provider`; configuration then wins, which only ever lowers. */
export function checkBearerType(facts: Issued): Refusal | undefined {
  return facts.issuer.trustLevel === "enterprise" ? undefined : checkAttestationType(facts);
}
