import { type AttestationClaims, readAttestationClaims } from "../claims/attestation-claims.ts";
import { type AttestationKind, TYP } from "../claims/attestation-kinds.ts";
import { AttestationError } from "../errors.ts";
import { OWN_FORMATS } from "../formats/registry.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { readCompactJws } from "../jose/strict-jws.ts";
import type { Profile } from "../trust/profile.ts";
import { profileOf } from "../trust/profile.ts";

/** What an attestation says, believed in no part. For display and diagnosis only. */
export interface UnverifiedAttestation {
  readonly verified: false;
  /** By its `typ`; absent if that is no attestation's. */
  readonly format?: AttestationKind;
  /** @deprecated Since 0.3 `format` says this. Will be removed in the version after. */
  readonly profile?: Profile;
  readonly header: { readonly typ?: string; readonly alg: string; readonly kid?: string };
  readonly payload: Readonly<Record<string, unknown>>;
  /** The claims, if they are well-formed. */
  readonly claims?: AttestationClaims;
  /** What is wrong with the claims, if they are not. */
  readonly problem?: string;
}

const KINDS = ["attestation", "bearer"] as const;

/**
 * Takes an attestation apart without verifying anything. Do not decide anything by it.
 *
 * @throws AttestationError `ERR_ATTESTATION_SIZE`, `_FORMAT`, `_ENCODING`, `_JSON`, `_DUPLICATE_MEMBER` or `_HEADER`.
 */
export function decodeAttestation(token: string): UnverifiedAttestation {
  const jws = readCompactJws(token, ATTESTATION_LIMITS);
  if (typeof jws === "string")
    throw new AttestationError(`ERR_ATTESTATION_${jws}`, "The text is not a readable attestation");
  const { header, payload } = jws;
  const format = KINDS.find((kind) => TYP[kind] === header.typ);
  const { claims, problem } = readAttestationClaims(payload);
  return {
    verified: false,
    ...(format && { format, profile: profileOf(OWN_FORMATS[format]) }),
    header,
    payload,
    ...(problem === undefined ? { claims } : { problem }),
  };
}
