import type { AttestationKind, ForeignFormatName } from "../claims/attestation-kinds.ts";
import type { JwsLimits } from "../jose/jws-limits.ts";
import type { Algorithm } from "../keys/foreign-algorithms.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { VerificationKey } from "../keys/verification-key.ts";

/**
 * A kind of token that identifies an agent. `attestation` and `bearer` are known to every verifier; foreign ones are values
 * to put into an issuer's `formats`, each from an entry point of its own: `@attest/core/formats/wimse-wit`.
 */
export interface TokenFormat {
  /** What contexts, events and labels call it. */
  readonly name: AttestationKind | ForeignFormatName;
  /** What binds a message to a token of this format: a proof signed by the key in it, or nothing. */
  readonly proof: "signature" | "none";
  /** Longest accepted lifetime, seconds: unless set otherwise, and at most. */
  readonly lifetime: {
    /** The longest accepted unless `maxLifetime` says otherwise. */
    readonly usual: number;
    /** What `maxLifetime` can be set to, at most. */
    readonly most: number;
  };
  /** What each value of `alg` means. A value that is not here has no meaning (T1). */
  readonly algorithms: ReadonlyMap<string, Algorithm>;
  /** What an issuer may sign with unless its `algorithms` say otherwise. */
  readonly usualAlgorithms: readonly Algorithm[];
  /** What a token may look like before any of it is trusted. */
  readonly limits: JwsLimits;
  /**
   * Vets a public JWK of an issuer and prepares it for verifying tokens of this format.
   *
   * @throws AttestationError as `importVerificationKey`.
   */
  importKey(jwk: PublicJwk): Promise<VerificationKey>;
}
