import type { StatusReference } from "../claims/status-claim.ts";
import type { MaybePromise } from "../maybe-promise.ts";

/** The status of an attestation. Every other status than 0 counts as revoked, a suspended one too. */
export type AttestationStatus = "valid" | "revoked";

/**
 * Tells by status lists whether attestations were revoked. A verifier refuses as unavailable whatever is not an answer of this
 * type. `HttpStatusSource` of `@attest/status-list` is one.
 */
export interface StatusSource {
  /**
   * The status of an attestation of this issuer. A verifier asks about lists only that it trusts this issuer with.
   *
   * @throws If it is not available: never taken for valid.
   */
  check(issuer: string, status: StatusReference): MaybePromise<AttestationStatus>;
  /** The lists it knows, by issuer, where that is closed: lets a verifier refuse a configuration that can never work. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  /** Resolves once it can serve; rejects with the reason that it cannot. */
  ready?(): Promise<void>;
  /** Releases what it holds. */
  close?(): Promise<void>;
}
