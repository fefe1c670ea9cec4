import { optionError } from "@attest/core";
import { EVIDENCE_ALGORITHMS, type EvidenceAlgorithm, isEvidenceAlgorithm } from "../crypto/evidence-algorithms.ts";
import type { EvidenceVerifier } from "./evidence.ts";
import { issuerOption, refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `oidcEvidence`. */
export interface OidcEvidenceOptions extends TokenOptions {
  /** `iss`, compared byte for byte. */
  readonly issuer: string;
  /** Default `["RS256", "ES256"]`. */
  readonly algorithms?: readonly EvidenceAlgorithm[];
}

/**
 * Tokens of any OpenID Connect issuer, and JWT access tokens (RFC 9068). It knows no traps of the platform behind it: prefer
 * that platform's own module where there is one.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function oidcEvidence(options: OidcEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["issuer", "algorithms"], "OIDC");
  const { algorithms = ["RS256", "ES256"] } = options;
  if (!Array.isArray(algorithms) || algorithms.length === 0 || !algorithms.every(isEvidenceAlgorithm)) {
    throw optionError("algorithms", `must be a list of ${Object.keys(EVIDENCE_ALGORITHMS).join(", ")}`);
  }
  const issuer = issuerOption(options.issuer);
  return tokenEvidence({ kind: "oidc", issuer, algorithms: [...algorithms], types: ["JWT", "at+jwt"] }, options);
}
