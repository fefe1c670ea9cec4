import type { AttestationClaims } from "../../claims/attestation-claims.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** The claims that a server can require, by wire name. */
export const REQUIRABLE_CLAIMS: Readonly<Record<string, (claims: AttestationClaims) => unknown>> = {
  aud: (claims) => claims.aud,
  nbf: (claims) => claims.nbf,
  cnf: (claims) => claims.cnf,
  agent_identity: (claims) => claims.agentIdentity,
  "agent_identity.deployment_id": (claims) => claims.agentIdentity.deploymentId,
  "agent_identity.enterprise": (claims) => claims.agentIdentity.enterprise,
  agent_integrity: (claims) => claims.agentIntegrity,
  "agent_integrity.config_hash": (claims) => claims.agentIntegrity?.configHash,
  "agent_integrity.system_prompt_hash": (claims) => claims.agentIntegrity?.systemPromptHash,
  attestation_metadata: (claims) => claims.attestationMetadata,
};

/** §6 step 6: every claim that this server requires is there. */
export function checkRequiredClaims({ claims, configuration }: Assessment): Refusal | undefined {
  const missing = configuration.requiredClaims.find((name) => REQUIRABLE_CLAIMS[name]?.(claims) === undefined);
  return missing === undefined
    ? undefined
    : refusal("ERR_CLAIM_REQUIRED", `The attestation lacks a claim that is required here: ${missing}`);
}
