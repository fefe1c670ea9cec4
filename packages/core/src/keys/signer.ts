import type { SigningAlgorithm } from "./algorithms.ts";
import type { PublicJwk } from "./jwk.ts";

/** Something that signs: a `KeyPair` in memory, or a KMS or HSM that keeps the key to itself. */
export interface Signer {
  /** 1–256 visible ASCII characters; goes into the header of what is signed by an authority. */
  readonly kid: string;
  /** What it signs with; the header of each token names it as `alg`. */
  readonly algorithm: SigningAlgorithm;
  /** The 64-byte raw signature over `data` (RFC 8032, or r ‖ s for ES256). A rejection reaches the caller unchanged. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** The public half, to be published or attested. */
  toJwk(): PublicJwk;
}
