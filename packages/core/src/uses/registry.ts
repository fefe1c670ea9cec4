import { isMacProof } from "../tickets/mac-form.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ProofKind } from "../wire/proof-kinds.ts";
import { bearer } from "./bearer.ts";
import { mac } from "./mac.ts";
import { proof } from "./proof.ts";
import type { Use } from "./use.ts";

/** Every use, by the name that contexts, events and labels have for it (`proof`). */
export const USES: Readonly<Record<ProofKind, Use>> = { signature: proof, mac, none: bearer };

/** As what a proof next to a token of this format is read. The forms have nothing in common, and neither is tried as the other (T2). */
export function proofKindOf(format: TokenFormat, presented: unknown): ProofKind {
  return format.proof === "signature" && isMacProof(presented) ? "mac" : format.proof;
}
