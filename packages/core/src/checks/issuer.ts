import type { CompactJws } from "../jose/strict-jws.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";
import type { Attributed, Recognised } from "./statement.ts";
import { noWorkload } from "./subject.ts";

/** §6 step 3: `iss` is a configured issuer, byte for byte (T14), before any key is touched. */
export function findIssuer({
  jws,
  configuration: { issuers },
}: Recognised & { readonly jws: CompactJws }): Refusal | { issuer: ConfiguredIssuer } {
  const { iss } = jws.payload;
  const issuer = typeof iss === "string" ? issuers.get(iss) : undefined;
  if (issuer) return { issuer };
  return refusal(
    "ERR_ISSUER_UNTRUSTED",
    `The attestation's issuer ${shown(iss)} is not trusted here (trustedIssuers: ${shown(issuers.keys())})`,
  );
}

/** The same of a foreign token without `iss`: the one issuer of a trust domain. */
export function issuerOf(
  trustDomain: string | undefined,
  { issuersByTrustDomain }: Recognised["configuration"],
): Refusal | { issuer: ConfiguredIssuer; trustDomain: string } {
  if (trustDomain === undefined) return noWorkload();
  const issuer = issuersByTrustDomain.get(trustDomain);
  if (issuer) return { issuer, trustDomain };
  return refusal(
    "ERR_ISSUER_UNTRUSTED",
    `No issuer of the trust domain ${shown(trustDomain)} is trusted here (trustedIssuers.trustDomains: ` +
      `${shown(issuersByTrustDomain.keys())})`,
  );
}

/** §6 step 3: the issuer may issue tokens of this format. */
export function checkIssuerFormat({ issuer, format }: Omit<Attributed, "kid" | "algorithm">): Refusal | undefined {
  if (issuer.formats.includes(format)) return undefined;
  return refusal(
    "ERR_FORMAT_NOT_ALLOWED",
    `The token's format ${format.name} is not one that its issuer is configured for (trustedIssuers.formats)`,
  );
}

/** §6 step 3: the issuer may sign with this algorithm. */
export function checkIssuerAlgorithm({ issuer, format, algorithm }: Omit<Attributed, "kid">): Refusal | undefined {
  if ((issuer.algorithms ?? format.usualAlgorithms).includes(algorithm)) return undefined;
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one its issuer is configured for");
}
