import { MAX_LINKS } from "./attestation-kinds.ts";
import type { ClaimReader, Writable } from "./claim-reader.ts";

/** What the authority says about the attestation itself. Statements, not permissions: never authorize by `safetyLevel`. */
export interface AttestationMetadata {
  /** The version of the attestation's format: `0.2.0`, or `0.1.0` of a bearer attestation. */
  readonly attestationVersion: string;
  /** Which kind of authority signed it. A verifier refuses it unless it equals the trust level configured for the issuer. */
  readonly attestationType: "provider" | "enterprise";
  /** The level of safety measures that the authority reports. A statement of the authority only. */
  readonly safetyLevel: "standard" | "enhanced" | "minimal";
  /** What the agent is declared to be able to do: at most 64 texts, in words of the authority. Grants nothing. */
  readonly capabilitiesDeclared: readonly string[];
  /**
   * Another authority's attestation of the same agent and key (SPEC §20). A verifier interprets it only for issuers that it
   * trusts with `nested`.
   */
  readonly nestedAttestation?: string;
  /** How many links of delegation may follow this attestation, 0–4; 0 forbids delegation (SPEC §21). Absent: 4. */
  readonly maxDelegationDepth?: number;
}

const ATTESTATION_TYPES = ["provider", "enterprise"] as const;
const SAFETY_LEVELS = ["standard", "enhanced", "minimal"] as const;
const COMPACT_JWS = /^[A-Za-z0-9_.-]{1,4096}$/;

export function readAttestationMetadata(reader: ClaimReader): AttestationMetadata {
  const metadata = reader.object("attestation_metadata");
  const nestedAttestation = metadata.optionalText("nested_attestation", COMPACT_JWS);
  const maxDelegationDepth = metadata.optionalIndex("max_delegation_depth", MAX_LINKS);
  const read: Writable<AttestationMetadata> = {
    attestationVersion: metadata.text("attestation_version"),
    attestationType: metadata.oneOf("attestation_type", ATTESTATION_TYPES),
    safetyLevel: metadata.oneOf("safety_level", SAFETY_LEVELS),
    capabilitiesDeclared: metadata.texts("capabilities_declared"),
  };
  if (nestedAttestation !== undefined) read.nestedAttestation = nestedAttestation;
  if (maxDelegationDepth !== undefined) read.maxDelegationDepth = maxDelegationDepth;
  return Object.freeze(read);
}

export function writeAttestationMetadata(metadata: AttestationMetadata): Record<string, unknown> {
  return {
    attestation_version: metadata.attestationVersion,
    attestation_type: metadata.attestationType,
    safety_level: metadata.safetyLevel,
    capabilities_declared: metadata.capabilitiesDeclared,
    nested_attestation: metadata.nestedAttestation,
    max_delegation_depth: metadata.maxDelegationDepth,
  };
}
