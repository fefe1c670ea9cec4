import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { REQUIRABLE_CLAIMS } from "../claims/requirable-claims.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Judging } from "./statement.ts";

/** §6 step 6: every claim that this server requires is there. */
export function checkRequiredClaims({
  claims,
  configuration,
}: Judging & { readonly claims: RegisteredClaims & Partial<AttestationClaims> }): Refusal | undefined {
  const missing = configuration.requiredClaims.find((name) => REQUIRABLE_CLAIMS[name]?.(claims) === undefined);
  return missing === undefined
    ? undefined
    : refusal("ERR_CLAIM_REQUIRED", `The attestation lacks a claim that is required here: ${missing}`);
}
