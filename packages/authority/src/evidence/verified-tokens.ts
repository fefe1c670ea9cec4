import type { PlatformKey } from "../crypto/platform.ts";

/** What is known of a token whose signature was verified. */
export interface VerifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** SHA-256 of what is signed, base64url. */
  readonly handle: string;
}

/** A token that was verified. */
export interface RememberedToken {
  readonly found: VerifiedToken;
  /** The key that verified it. */
  readonly key: PlatformKey;
  /** When it did, Unix seconds. */
  readonly at: number;
}

/** Tokens that are remembered at once: as many workloads as may be between their two requests. */
const MOST = 4096;
/** Seconds for which one is: as long as a challenge can be answered. */
const LIFETIME = 60;

/**
 * Tokens whose signature was verified a moment ago. An issuance presents one twice, for the challenge and for the attestation:
 * the second time, the same bytes under the same key need no other verification. Everything else about them is checked again.
 *
 * A token is known by the SHA-256 of all of its bytes, signature included, and by the very key that verified it: under a key
 * set that was fetched again, it is verified again.
 */
export class VerifiedTokens {
  /** In the order in which they were verified. */
  readonly #known = new Map<string, RememberedToken>();

  /**
   * What was found when a token was verified, unless that is too long ago. It counts only where the same key is found again.
   *
   * @param name SHA-256 of all bytes of the token, base64url.
   */
  find(name: string, now: number): RememberedToken | undefined {
    const known = this.#known.get(name);
    // Of a clock that went back, nothing is known.
    return known && now >= known.at && now < known.at + LIFETIME ? known : undefined;
  }

  /** Remembers a token that was verified with a key, and accepted. */
  add(name: string, key: PlatformKey, found: VerifiedToken, now: number): void {
    this.#known.delete(name);
    this.#known.set(name, { found, key, at: now });
    for (const [first, { at }] of this.#known) {
      if (this.#known.size <= MOST && now >= at && now < at + LIFETIME) return;
      this.#known.delete(first);
    }
  }
}
