import type { Profile } from "../claims/attestation-kinds.ts";
import type { TokenFormat } from "./token-format.ts";

/** What a format's tokens were called before 0.3. */
export function profileOf({ proof }: Pick<TokenFormat, "proof">): Profile {
  return proof === "none" ? "bearer" : "bound";
}
