import type { VerifierOptions } from "@attest/core";

/** Options of a verifier that asks about each attestation's revocation once, and goes by that answer ever after. */
export function askedOnce({ isRevoked }: Pick<VerifierOptions, "isRevoked">): Pick<VerifierOptions, "isRevoked"> {
  const answers = new Map<string, unknown>();
  return {
    isRevoked: (claims, about) => {
      const { jti = "" } = claims;
      if (!answers.has(jti)) answers.set(jti, isRevoked?.(claims, about));
      return answers.get(jti) as boolean;
    },
  };
}
