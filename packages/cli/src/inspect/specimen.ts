import type { AttestationClaims } from "@attest/core";
import type { JsonObject } from "./read-leniently.ts";
import type { Remark } from "./remark.ts";

/** What a text was seen to be, not verified in any part. */
export interface Inspection {
  readonly verified: false;
  readonly kind: "bound attestation" | "bearer attestation" | "SPIFFE JWT-SVID" | "WIMSE WIT" | "proof" | "unknown";
  readonly header?: JsonObject;
  readonly payload?: JsonObject;
  /** RFC 7638 thumbprint of the key in `cnf.jwk`, if that is one. */
  readonly keyThumbprint?: string;
  /** When it was looked at; Unix seconds. */
  readonly now: number;
  /** `exp` less `now`, where there is an `exp`. */
  readonly secondsLeft?: number;
  readonly findings: readonly Remark[];
}

/** One way to look at what was read. */
export interface Specimen {
  readonly kind: Inspection["kind"];
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The claims of an attestation, if they are well-formed, and what is wrong with them if not. */
  readonly claims: AttestationClaims | undefined;
  readonly problem: string | undefined;
  readonly now: number;
}
