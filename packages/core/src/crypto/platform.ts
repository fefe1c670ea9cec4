import type { MaybePromise } from "../maybe-promise.ts";

// What both platforms' crypto has in common.

/** A key for HMAC-SHA256, which it holds and never shows. */
export interface MacKey {
  /** base64url HMAC of a text of visible ASCII and line feeds. */
  mac(text: string): MaybePromise<string>;
}

/** One side of an X25519 agreement. Its private half lives as long as this object. */
export interface Agreement {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 32 bytes that both sides compute; `undefined` where the platform refuses the peer's key. May be all zero. */
  agree(peer: Uint8Array): MaybePromise<Uint8Array | undefined>;
}
