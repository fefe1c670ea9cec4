import { type AttestationClaims, readAttestationClaims } from "../claims/attestation-claims.ts";
import { type Profile, TYP } from "../claims/profile.ts";
import { AttestationError } from "../errors.ts";
import { readCompactJws } from "../jose/strict-jws.ts";

/** What an attestation says, believed in no part. For display and diagnosis only. */
export interface UnverifiedAttestation {
  readonly verified: false;
  /** By its `typ`; absent if that is no attestation's. */
  readonly profile?: Profile;
  readonly header: { readonly typ: string; readonly alg: string; readonly kid?: string };
  readonly payload: Readonly<Record<string, unknown>>;
  /** The claims, if they are well-formed. */
  readonly claims?: AttestationClaims;
  /** What is wrong with the claims, if they are not. */
  readonly problem?: string;
}

/**
 * Takes an attestation apart without verifying anything. Do not decide anything by it.
 *
 * @throws AttestationError `ERR_ATTESTATION_SIZE`, `_FORMAT`, `_ENCODING`, `_JSON`, `_DUPLICATE_MEMBER` or `_HEADER`.
 */
export function decodeAttestation(token: string): UnverifiedAttestation {
  const jws = readCompactJws(token, "ATTESTATION");
  if (typeof jws === "string")
    throw new AttestationError(`ERR_ATTESTATION_${jws}`, "The text is not a readable attestation");
  const { header, payload } = jws;
  const profile = (["bound", "bearer"] as const).find((name) => TYP[name] === header.typ);
  const { claims, problem } = readAttestationClaims(payload);
  return {
    verified: false,
    ...(profile && { profile }),
    header,
    payload,
    ...(problem === undefined ? { claims } : { problem }),
  };
}
