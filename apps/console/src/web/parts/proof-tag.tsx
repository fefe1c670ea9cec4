import type { ProofKind } from "@attest/core";
import type { JSX } from "preact";
import { PROOFS } from "../words.ts";

/** What bound a message to its attestation. */
export function ProofTag({ proof }: { proof: ProofKind }): JSX.Element {
  return (
    <span class={`proof ${proof}`} data-proof={proof} title={PROOFS[proof]}>
      {proof === "none" ? "no proof" : proof}
    </span>
  );
}
