import type { VerificationKey } from "./verification-key.ts";

/**
 * Finds the key by which a trusted issuer signs. Asked only for issuers that the verifier trusts.
 *
 * `undefined` means "that issuer has no such key" and nothing else; a source that cannot be reached must throw an
 * `AttestationError` with `ERR_KEY_SOURCE_UNAVAILABLE` (J8). Where the issuer publishes a key under that `kid` that must not
 * be used, throw `ERR_KEY_NOT_FOUND` with a message that says why, or `ERR_KEY_DUPLICATE` if there are several: the
 * message reaches this server's operator and no peer. Whatever else it throws or returns counts as unavailable.
 */
export interface KeyResolver {
  /** The key of this issuer under this `kid`, both compared byte for byte; `undefined` if it has none of that name. */
  resolve(issuer: string, kid: string): Promise<VerificationKey | undefined> | VerificationKey | undefined;
  /** The issuers it knows, where that is a closed list; lets a verifier refuse a configuration that can never work. */
  readonly issuers?: readonly string[];
  /**
   * Whether it knows any key of an issuer, after `ready`; lets a verifier refuse to start where it could verify nothing. Absent
   * where it cannot know that.
   */
  hasKeys?(issuer: string): Promise<boolean> | boolean;
  /** Resolves once it can serve; rejects with the reason it cannot. */
  ready?(): Promise<void>;
  /** Releases what it holds. */
  close?(): Promise<void>;
}
