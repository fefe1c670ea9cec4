/** The two kinds of token that this protocol issues, told apart by the JOSE `typ` (SPEC §2). */
export type AttestationKind = "attestation" | "bearer";

/** The name of a foreign format, which always has a dash in it: `wimse-wit`, `spiffe-jwt-svid`. */
export type ForeignFormatName = `${string}-${string}`;

/**
 * Whether a message is bound to its token by a proof, or the token alone was presented.
 *
 * @deprecated Since 0.3 a token has a `format` and its use a `proof`. Will be removed in the version after.
 */
export type Profile = "bound" | "bearer";

/** JOSE `typ` of this protocol's tokens (SPEC §2), of the proof that goes with an attestation, and of a link of delegation. */
export const TYP = {
  attestation: "agent-attestation+jwt",
  bearer: "JWT",
  proof: "agent-attestation-pop+jwt",
  delegation: "agent-attestation-delegation+jwt",
} as const;

/** What `attestation_metadata.attestation_version` says, by format. */
export const VERSION: Readonly<Record<AttestationKind, string>> = { attestation: "0.2.0", bearer: "0.1.0" };

/** Lifetime of an attestation unless asked otherwise, in seconds (SPEC §2). */
export const DEFAULT_LIFETIME = 300;
/** Greatest lifetime of an attestation that is issued or accepted, in seconds, by format (SPEC §2). */
export const MAX_LIFETIME: Readonly<Record<AttestationKind, number>> = { attestation: 3600, bearer: 900 };
/** Links that a chain of delegations may have at most (SPEC §21). */
export const MAX_LINKS = 4;
/** An attestation begins this many seconds before it is issued, for verifiers whose clocks are behind (SPEC-2.20). */
export const BACKDATE = 5;
