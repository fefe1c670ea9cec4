/** The two kinds of credential, told apart by the JOSE `typ` (SPEC §2). */
export type Profile = "bound" | "bearer";

/** JOSE `typ` of each profile, and of the proof that goes with a bound attestation. */
export const TYP = { bound: "agent-attestation+jwt", bearer: "JWT", proof: "agent-attestation-pop+jwt" } as const;

/** What `attestation_metadata.attestation_version` says, by profile. */
export const VERSION: Readonly<Record<Profile, string>> = { bound: "0.2.0", bearer: "0.1.0" };

/** Lifetime of an attestation unless asked otherwise, in seconds (SPEC §2). */
export const DEFAULT_LIFETIME = 300;
/** Greatest lifetime of an attestation that is issued or accepted, in seconds, by profile (SPEC §2). */
export const MAX_LIFETIME: Readonly<Record<Profile, number>> = { bound: 3600, bearer: 900 };
/** An attestation begins this many seconds before it is issued, for verifiers whose clocks are behind (SPEC-2.20). */
export const BACKDATE = 5;
