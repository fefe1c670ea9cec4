import type { AttestationClaims } from "./attestation-claims.ts";
import type { RegisteredClaims } from "./registered-claims.ts";

/** The claims that a server can require, by wire name. A foreign token has only the registered ones. */
export const REQUIRABLE_CLAIMS: Readonly<
  Record<string, (claims: RegisteredClaims & Partial<AttestationClaims>) => unknown>
> = {
  aud: (claims) => claims.aud,
  nbf: (claims) => claims.nbf,
  cnf: (claims) => claims.cnf,
  agent_identity: (claims) => claims.agentIdentity,
  "agent_identity.deployment_id": (claims) => claims.agentIdentity?.deploymentId,
  "agent_identity.enterprise": (claims) => claims.agentIdentity?.enterprise,
  agent_integrity: (claims) => claims.agentIntegrity,
  "agent_integrity.config_hash": (claims) => claims.agentIntegrity?.configHash,
  "agent_integrity.system_prompt_hash": (claims) => claims.agentIntegrity?.systemPromptHash,
  attestation_metadata: (claims) => claims.attestationMetadata,
};
