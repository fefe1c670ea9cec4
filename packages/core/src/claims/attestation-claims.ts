import { type AgentIdentity, readAgentIdentity, writeAgentIdentity } from "./agent-identity.ts";
import { type AgentIntegrity, readAgentIntegrity, writeAgentIntegrity } from "./agent-integrity.ts";
import { type AttestationMetadata, readAttestationMetadata, writeAttestationMetadata } from "./attestation-metadata.ts";
import { ClaimReader, IDENTIFIER, LONG_IDENTIFIER, type Writable } from "./claim-reader.ts";
import { readConfirmationKey } from "./confirmation-key.ts";
import type { RegisteredClaims } from "./registered-claims.ts";
import { readStatus, writeStatus } from "./status-claim.ts";

/** The claims of an attestation: the authority's statements about an agent. Times are Unix seconds. */
export interface AttestationClaims extends RegisteredClaims {
  /** The authority that signed it. A verifier compares it byte for byte with the issuers it trusts. */
  readonly iss: string;
  /** When it was issued, Unix seconds. */
  readonly iat: number;
  /** The attestation's own identifier, unique at its issuer. */
  readonly jti: string;
  /** Which model calls, and where it was deployed. */
  readonly agentIdentity: AgentIdentity;
  /** Digests of what the agent was set up with. Absent where the authority does not state any. */
  readonly agentIntegrity?: AgentIntegrity;
  /** What the authority says about the attestation itself. */
  readonly attestationMetadata: AttestationMetadata;
}

/** The claims, or the name of the first that is not as it must be. */
export type ClaimsReading =
  | { readonly claims: AttestationClaims; readonly problem?: never }
  | { readonly claims?: never; readonly problem: string };

/**
 * Rebuilds claims from their wire form, deeply frozen and out of known members only; unknown ones are ignored. Whether
 * what they say is acceptable is for the checks that follow.
 */
export function readAttestationClaims(payload: Readonly<Record<string, unknown>>): ClaimsReading {
  const reader = new ClaimReader(payload);
  const aud = reader.optionalAudience("aud");
  const nbf = reader.optionalTime("nbf");
  const agentIntegrity = readAgentIntegrity(reader);
  const jwk = readConfirmationKey(reader);
  const status = readStatus(reader);
  const claims: Writable<AttestationClaims> = {
    iss: reader.text("iss", LONG_IDENTIFIER),
    sub: reader.text("sub", LONG_IDENTIFIER),
    iat: reader.time("iat"),
    exp: reader.time("exp"),
    jti: reader.text("jti", IDENTIFIER),
    agentIdentity: readAgentIdentity(reader),
    attestationMetadata: readAttestationMetadata(reader),
  };
  if (aud !== undefined) claims.aud = aud;
  if (nbf !== undefined) claims.nbf = nbf;
  if (agentIntegrity) claims.agentIntegrity = agentIntegrity;
  if (jwk) claims.cnf = Object.freeze({ jwk });
  if (status) claims.status = status;
  return reader.problem === undefined ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}

/** The wire form of claims; members that are `undefined` vanish when it is made into JSON. */
export function writeAttestationClaims(claims: AttestationClaims): Record<string, unknown> {
  return {
    iss: claims.iss,
    sub: claims.sub,
    aud: claims.aud,
    iat: claims.iat,
    nbf: claims.nbf,
    exp: claims.exp,
    jti: claims.jti,
    cnf: claims.cnf,
    status: claims.status && writeStatus(claims.status),
    agent_identity: writeAgentIdentity(claims.agentIdentity),
    agent_integrity: claims.agentIntegrity && writeAgentIntegrity(claims.agentIntegrity),
    attestation_metadata: writeAttestationMetadata(claims.attestationMetadata),
  };
}
