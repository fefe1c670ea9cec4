/**
 * The `version` in declarations of clients and servers, by the kind of attestation that the client presents (SPEC-4.32). It
 * is a value of its own: what attestations say of themselves, `attestation_version`, may stay when this changes.
 */
export const DECLARED_VERSION = { attestation: "0.2.0", bearer: "0.1.0" } as const;

/**
 * A part of the protocol that a client or server uses, as it declares it in `features` (SPEC-4.33). Informative: no peer may
 * decide anything by it (SPEC-4.34).
 */
export type Feature = "tickets" | "delegation" | "nested" | "status";
