import { type DelegationClaims, readDelegationClaims } from "../claims/delegation-claims.ts";
import { AttestationError } from "../errors.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { readCompactJws } from "../jose/strict-jws.ts";
import { decodeAttestation, type UnverifiedAttestation } from "./decode-attestation.ts";

/** What one link of a chain says, not verified in any part. */
export interface UnverifiedLink {
  /** The JOSE header of the link, as it was written. */
  readonly header: UnverifiedAttestation["header"];
  /** Every claim of the link as it was written, by wire name. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Its claims, if they are well-formed. */
  readonly claims?: DelegationClaims;
  /** What is wrong with them, if they are not. */
  readonly problem?: string;
}

/** What a chain says, not verified in any part. For display and diagnosis only. */
export interface UnverifiedChain {
  /** Always `false`: nothing of it was verified. */
  readonly verified: false;
  /** The attestation that the chain begins with. */
  readonly root: UnverifiedAttestation;
  /** From the attested agent's own sub-agent to the one that presents it. */
  readonly links: readonly UnverifiedLink[];
}

/**
 * Takes a chain of delegations apart without verifying anything. Do not decide anything by it. An attestation alone is a chain without
 * links.
 *
 * @throws AttestationError as `decodeAttestation` for the root; `ERR_DELEGATION_FORMAT` for a link that cannot be read.
 */
export function decodeChain(chain: string): UnverifiedChain {
  const [root = "", ...links] = String(chain).split("~");
  return { verified: false, root: decodeAttestation(root), links: links.map(decodeLink) };
}

function decodeLink(text: string): UnverifiedLink {
  const jws = readCompactJws(text, ATTESTATION_LIMITS);
  if (typeof jws === "string") throw new AttestationError("ERR_DELEGATION_FORMAT", "A link is not a readable JWS");
  const { header, payload } = jws;
  const { claims, problem } = readDelegationClaims(payload);
  return { header, payload, ...(problem === undefined ? { claims } : { problem }) };
}
