import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { isOfTrustDomain, trustDomainOption, vetSpiffeRule } from "./spiffe-rule.ts";
import { refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `spiffeEvidence`. Either `bundle` or `jwks` is given. */
export interface SpiffeEvidenceOptions extends Omit<TokenOptions, "jwksUri"> {
  /** The trust domain whose workloads are admitted, without `spiffe://`. */
  readonly trustDomain: string;
  /** The address of the trust bundle (endpoint profile `https_web`). `jwks` takes the bundle itself. */
  readonly bundle?: string;
}

/**
 * JWT-SVIDs of one trust domain, with the keys of its bundle that are for them (`use: "jwt-svid"`).
 *
 * A rule names a workload or a path below the trust domain, never another one. A workload asks the Workload API for any audience,
 * so `keyBound` works.
 *
 * Source: SPIFFE JWT-SVID and SPIFFE Trust Domain and Bundle.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function spiffeEvidence(options: SpiffeEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["trustDomain", "bundle"], "SPIFFE", ["jwksUri"]);
  const { bundle, ...token } = options;
  const trustDomain = trustDomainOption(options.trustDomain);
  if ((bundle === undefined) === (token.jwks === undefined)) {
    throw optionError("bundle", "or jwks must be given, and not both: the bundle's address or the bundle itself");
  }
  const platform = {
    kind: "spiffe",
    // JWT-SVIDs need no `iss`: who they are of is in `sub`.
    issuer: ({ sub }: Readonly<Record<string, unknown>>) => isOfTrustDomain(sub, trustDomain),
    algorithms: ["RS256", "PS256", "ES256", "ES384", "ES512"],
    types: ["JWT", "JOSE"],
    withoutIat: true,
    keyUse: "jwt-svid",
    vetRule: (checks: RuleChecks) => vetSpiffeRule(checks, trustDomain),
  } as const;
  return tokenEvidence(platform, { ...token, ...(bundle !== undefined && { jwksUri: bundle }) });
}
