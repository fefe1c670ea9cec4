import {
  type AgentIdentity,
  type AgentIntegrity,
  type AttestationRequest,
  claimAt,
  type PublicJwk,
} from "@attest/core";
import { type Evidence, EvidenceError } from "../evidence/evidence.ts";
import { nestedAttestation } from "./nested-attestation.ts";
import type { Rule } from "./rule.ts";

/** What the request itself decides: the key, and the audience if the rule lets it. */
export interface AskedOf {
  readonly confirmationKey: PublicJwk;
  readonly audience: string | undefined;
}

/**
 * What is attested of a workload: the rule's statements, and the facts that the rule copies from the evidence.
 *
 * @throws EvidenceError `claims` if a fact to copy is not there or is no text; EvidenceError and Problem as `nestedAttestation`.
 */
export function attestationRequest(rule: Rule, evidence: Evidence, asked: AskedOf): AttestationRequest {
  const { attest } = rule;
  const { attestationType, safetyLevel, capabilities, subject, trustDomain, lifetime, copy = {} } = attest;
  const fact = (pointer: string | undefined): string | undefined =>
    pointer === undefined ? undefined : factAt(evidence, pointer);
  const deploymentId = fact(copy.deploymentId) ?? attest.identity.deploymentId;
  const workloadId = fact(copy.workloadId) ?? attest.identity.enterprise?.workloadId;
  const enterprise = attest.identity.enterprise;
  const identity: AgentIdentity = {
    ...attest.identity,
    ...(deploymentId !== undefined && { deploymentId }),
    ...(enterprise && workloadId !== undefined && { enterprise: { ...enterprise, workloadId } }),
  };
  const configHash = fact(copy.configHash);
  const systemPromptHash = fact(copy.systemPromptHash);
  const integrity: AgentIntegrity = {
    ...attest.integrity,
    ...(configHash !== undefined && { configHash }),
    ...(systemPromptHash !== undefined && { systemPromptHash }),
  };
  const { confirmationKey, audience } = asked;
  const nested = nestedAttestation(rule, evidence, audience);
  const { maxDelegationDepth } = attest;
  return {
    identity,
    confirmationKey,
    metadata: {
      ...(attestationType && { attestationType }),
      ...(safetyLevel && { safetyLevel }),
      ...(capabilities && { capabilitiesDeclared: capabilities }),
    },
    ...(Object.keys(integrity).length > 0 && { integrity }),
    ...(audience !== undefined && { audience }),
    ...(subject !== undefined && { subject }),
    ...(trustDomain !== undefined && { trustDomain }),
    ...(lifetime !== undefined && { lifetime }),
    ...(nested !== undefined && { nested }),
    ...(maxDelegationDepth !== undefined && { maxDelegationDepth }),
  };
}

function factAt({ claims }: Evidence, pointer: string): string {
  const value = claimAt(claims, pointer);
  if (typeof value === "string" && value !== "" && value.length <= 256) return value;
  throw new EvidenceError(
    "claims",
    `The evidence has no text of at most 256 characters at ${pointer}, which the rule copies`,
  );
}
