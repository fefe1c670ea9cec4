/** Which credential a compact JWS is to be read as; also the middle part of the error codes about it. */
export type Credential = "ATTESTATION" | "PROOF";

/** What a compact JWS may look like before any of it is trusted (SPEC §6 step 1). */
export interface JwsLimits {
  readonly credential: Credential;
  /** Greatest length in characters, which for these are bytes. */
  readonly length: number;
  /** Bytes that a signature may have, both included. */
  readonly signature: { readonly least: number; readonly most: number };
  /** Whether the header may do without a `typ`. */
  readonly untyped: boolean;
}

/** Bytes of a signature: the same for every algorithm of this protocol. */
export const SIGNATURE_BYTES = 64;

const SIGNATURE = { least: SIGNATURE_BYTES, most: SIGNATURE_BYTES } as const;

/** What an attestation may look like. */
export const ATTESTATION_LIMITS: JwsLimits = {
  credential: "ATTESTATION",
  length: 6 * 1024,
  signature: SIGNATURE,
  untyped: false,
};

/** Characters that an attestation and the links after it may have together (SPEC-21.2). */
export const CHAIN_LENGTH: number = ATTESTATION_LIMITS.length;

/** What a proof may look like. */
export const PROOF_LIMITS: JwsLimits = {
  credential: "PROOF",
  length: 2 * 1024,
  signature: SIGNATURE,
  untyped: false,
};

/** The narrowest limits that let pass whatever any of several let pass. */
export function widestOf(limits: readonly JwsLimits[]): JwsLimits {
  return {
    credential: "ATTESTATION",
    length: Math.max(...limits.map(({ length }) => length)),
    signature: {
      least: Math.min(...limits.map(({ signature }) => signature.least)),
      most: Math.max(...limits.map(({ signature }) => signature.most)),
    },
    untyped: limits.some(({ untyped }) => untyped),
  };
}
