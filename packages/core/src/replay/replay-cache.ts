/** One use of a single-use credential: of a proof, or of a bearer attestation. */
export interface ReplayUse {
  /** What must not be used twice: 22 base64url characters from the verifier. Compare it exactly, store it as it is. */
  readonly key: string;
  /** The verifier's time, Unix seconds. */
  readonly now: number;
  /** `iat` of what is used, Unix seconds: lets a backend that lost its memory refuse what was issued before (R9). */
  readonly issuedAt: number;
  /** Until when the use must be remembered, Unix seconds. Computed from the credential's own times, never from now (R4). */
  readonly expiresAt: number;
  /**
   * For stores that a restart empties: when the use can have been made at the earliest, Unix seconds. Present where the
   * credential came over HTTP, so that somebody may have seen it before this process started: a store of scope `process`
   * refuses it unless it is after the whole second in which the store was made (R17). Absent over stdio and in memory,
   * where the peer that owns the pipe started the process. Stores of scope `shared` ignore it.
   */
  readonly notBefore?: number;
  /** The verifier's `clockTolerance`, seconds: how far ahead of `now` `issuedAt` may be. */
  readonly clockTolerance: number;
  /** The verifier's `nodeSkew`, seconds: how far the clocks of the instances that share a store may differ. */
  readonly nodeSkew: number;
  /**
   * Whose use it is: issuer and subject, which the authority gives, so that an agent that has many keys attested is still
   * one. Lets a bounded cache limit one agent's share (R7).
   */
  readonly holder?: string;
  /** RFC 7638 thumbprint of the attested key, where a proof was used: limits what one stolen key takes of its agent's share. */
  readonly holderKey?: string;
}

/**
 * Remembers uses until they expire. The one seam to implement for another backend; `@attest/replay-cache-contract`
 * tells whether an implementation holds.
 */
export interface ReplayCache {
  /**
   * Records a use, atomically: of any number of calls with one key, in any number of processes, exactly one is answered
   * `true` (R3).
   *
   * @returns `true` for the first use, `false` for a repetition. Anything else counts as unavailable, and so does a
   * throw: the verifier then refuses (R15).
   * @throws AttestationError `ERR_REPLAY_EXPIRY` unless `now` and `expiresAt` are safe integers and `expiresAt > now`
   * (R13); `ERR_REPLAY_BEFORE_START` by `notBefore` (R17); `ERR_REPLAY_CACHE_FULL`, `ERR_REPLAY_CACHE_UNAVAILABLE` when
   * it cannot know.
   */
  consume(use: ReplayUse): Promise<boolean> | boolean;
  /** Whether other processes see what this one recorded. */
  readonly scope: "process" | "shared";
  /** Resolves once it can serve; rejects with the reason it cannot. */
  ready?(): Promise<void>;
  /** Releases what it holds. */
  close?(): Promise<void>;
}
