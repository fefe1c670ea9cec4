import { decodeAttestation } from "@attest/core";
import { type Evidence, EvidenceError } from "../evidence/evidence.ts";
import { Problem } from "../problem.ts";
import type { Rule } from "./rule.ts";

/**
 * What a rule embeds of the evidence: the provider's attestation that was verified, if the rule says so (SPEC-20.9).
 *
 * @throws EvidenceError `claims` if there is none that any verifier would interpret; Problem `invalid_request` if its audiences are not
 * those that are asked for: every server would refuse the two together (SPEC-20.3).
 */
export function nestedAttestation(
  { attest }: Rule,
  { attestation }: Evidence,
  audience: string | undefined,
): string | undefined {
  if (attest.nest !== true) return undefined;
  if (attestation === undefined) {
    throw new EvidenceError("claims", "The rule embeds a provider's attestation, and the evidence is something else");
  }
  const { aud } = decodeAttestation(attestation).claims ?? {};
  if (aud === undefined || (audience !== undefined && [aud].flat().includes(audience))) return attestation;
  throw new Problem(
    "invalid_request",
    "The attestation that is to be embedded is for other servers than the one that is asked for: obtain it without an audience",
  );
}
