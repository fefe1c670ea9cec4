import type { TokenFormat } from "./token-format.ts";

/**
 * Whether a message is bound to its token by a proof, or the token alone was presented.
 *
 * @deprecated Since 0.3 a token has a `format` and its use a `proof`. Will be removed in the version after.
 */
export type Profile = "bound" | "bearer";

/** What a format's tokens were called before 0.3. */
export function profileOf({ proof }: Pick<TokenFormat, "proof">): Profile {
  return proof === "none" ? "bearer" : "bound";
}
