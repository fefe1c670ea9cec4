import { optionError, type Signer } from "@attest/core";
import type { KeyPublisher, PlannedRotation } from "@attest/jwks";

/** A store of signing keys: `RotatingKeyStore` of `@attest/jwks`. */
export interface AuthorityKeyStore extends KeyPublisher {
  /** The key that signs now. */
  current(): Signer;
  /** Brings in the next key ahead of its time, and says when it signs. */
  rotate(): Promise<PlannedRotation>;
}

/** One key that signs, and others that are published next to it: none of them changes by itself. */
export function publishedKeys(current: Signer, others: readonly Signer[] = []): AuthorityKeyStore {
  return {
    current: () => current,
    jwks: () => ({ keys: [current, ...others].map((signer) => signer.toJwk()) }),
    rotate: async () => {
      throw optionError("keyStore", "is needed to rotate keys: those of this authority change by its configuration");
    },
  };
}
