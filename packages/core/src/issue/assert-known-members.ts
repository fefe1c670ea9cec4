import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AgentIntegrity } from "../claims/agent-integrity.ts";
import type { AttestationMetadata } from "../claims/attestation-metadata.ts";
import type { StatusReference } from "../claims/status-claim.ts";
import { optionError } from "../errors.ts";
import type { OptionNames } from "../options.ts";
import type { AttestationRequest } from "./attestation-request.ts";

const IDENTITY: OptionNames<AgentIdentity> = {
  modelFamily: true,
  modelVersion: true,
  provider: true,
  deploymentId: true,
  enterprise: true,
};
const ENTERPRISE: OptionNames<NonNullable<AgentIdentity["enterprise"]>> = {
  orgId: true,
  workloadId: true,
  deploymentEnv: true,
};
const INTEGRITY: OptionNames<AgentIntegrity> = { configHash: true, systemPromptHash: true };
const METADATA: OptionNames<AttestationMetadata> = {
  attestationVersion: true,
  attestationType: true,
  safetyLevel: true,
  capabilitiesDeclared: true,
  nestedAttestation: true,
  maxDelegationDepth: true,
};
const STATUS: OptionNames<StatusReference> = { uri: true, idx: true };

/**
 * Refuses what is to be attested if a member of it is not known: a misspelt one would be left out, and the attestation
 * would say less than was asked for.
 *
 * @throws AttestationError `ERR_OPTION`, naming the member.
 */
export function assertKnownMembers({ identity, integrity, metadata, status }: AttestationRequest): void {
  check("identity", identity, IDENTITY);
  if (identity.enterprise !== undefined) check("identity.enterprise", identity.enterprise, ENTERPRISE);
  if (integrity !== undefined) check("integrity", integrity, INTEGRITY);
  if (metadata !== undefined) check("metadata", metadata, METADATA);
  if (status !== undefined) check("status", status, STATUS);
}

function check(path: string, value: object, members: Readonly<Record<string, true>>): void {
  if (typeof value !== "object" || value === null) throw optionError(path, "must be an object");
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(members, name));
  if (unknown !== undefined) throw optionError(`${path}.${unknown}`, "is not a member that is known");
}
