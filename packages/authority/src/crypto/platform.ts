import type { MaybePromise } from "@attest/core";

// What both platforms' crypto has in common.

/** A platform's public key as JWK, reduced to the key itself (RFC 7638 §3.2). */
export interface PlatformJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
}

/** A platform's public key for one algorithm, prepared once, so that no verification parses a key. */
export interface PlatformKey {
  /** Whether `signature` is this key's over an ASCII text. One of the wrong length is `false`. */
  verify(text: string, signature: Uint8Array): MaybePromise<boolean>;
}

/** A secret for HMAC-SHA256, which it holds and never shows. */
export interface SecretKey {
  /** The 32 bytes that authenticate a text. */
  tag(text: string): MaybePromise<Uint8Array>;
  /** Whether a tag is this secret's for a text, in a time that tells nothing of the right one. */
  isTag(text: string, tag: Uint8Array): MaybePromise<boolean>;
}
