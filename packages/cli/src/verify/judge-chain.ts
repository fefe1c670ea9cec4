import type { AttestationErrorCode, AttestationVerifier, DelegationLink, VerificationRequest } from "@attest/core";
import { decodeChain } from "@attest/core";
import { adviceOf } from "@attest/core/advice";

/** What a verifier says of one part of a chain: the attestation, or one link. */
export type PartOutcome = {
  /** 0: the attestation at the root; else the number of the link. */
  readonly link: number;
  /** What the link calls its sub-agent and lets it do. The words of a stranger: show them `printable`. */
  readonly name?: string;
  readonly allow?: DelegationLink["allow"];
} & (
  | { readonly outcome: "accepted" }
  | {
      readonly outcome: "refused";
      readonly code: AttestationErrorCode;
      readonly message: string;
      /** What to do about it, for people. */
      readonly advice: string;
    }
  /** What it hangs on was refused. */
  | { readonly outcome: "not-assessed" }
);

/** No proof. The verifier reads it once all parts of a chain have held, and not before (SPEC-21.12). */
const NO_PROOF = "no-proof";

/**
 * Says of each part of a chain whether the verifier accepts it. Asks about the chain up to each part, from the root on: the
 * refusal of the first that does not hold is about the part at its end. Whether the proof holds, and whether the chain allows the
 * message, is not asked here.
 */
export async function judgeChain(verifier: AttestationVerifier, chain: string): Promise<readonly PartOutcome[]> {
  const texts = chain.split("~");
  const request: VerificationRequest = { kind: "message", method: "ping", proof: NO_PROOF };
  const outcomes: PartOutcome[] = [];
  let isRefused = false;
  for (const [link, text] of texts.entries()) {
    const part = { link, ...(link > 0 && wordsOf(`${texts[0]}~${text}`)) };
    if (isRefused) {
      outcomes.push({ ...part, outcome: "not-assessed" });
      continue;
    }
    const result = await verifier.verify(texts.slice(0, link + 1).join("~"), request);
    if (result.outcome !== "refused" || result.code.startsWith("ERR_PROOF_")) {
      outcomes.push({ ...part, outcome: "accepted" });
      continue;
    }
    isRefused = true;
    const { code, message } = result;
    outcomes.push({ ...part, outcome: "refused", code, message, advice: adviceOf(code) });
  }
  return outcomes;
}

function wordsOf(chain: string): Pick<DelegationLink, "name" | "allow"> {
  try {
    const { name, allow } = decodeChain(chain).links[0]?.claims ?? {};
    return { ...(name !== undefined && { name }), ...(allow && { allow }) };
  } catch {
    return {};
  }
}
