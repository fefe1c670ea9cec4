import type { AttestationErrorCode, AttestationVerifier } from "@attest/core";
import { VECTOR_FILES } from "../vectors/vector.ts";
import { requestOf, verifierOf } from "../vectors/verifier-of.ts";
import { singleCharacterEdits } from "./single-character-edits.ts";

/** What became of the edits of one credential. */
export interface EditReport {
  readonly tried: number;
  /** Taken for the credential: must be empty. */
  readonly accepted: readonly string[];
  /** Refused only by the signature, or the MAC; all others fell to strict reading before. */
  readonly bySignature: number;
  readonly codes: ReadonlyMap<AttestationErrorCode | "none", number>;
}

/** The honest attestation of the vectors and its proof, with a verifier at their time. */
async function honest() {
  const file = VECTOR_FILES.find(({ name }) => name === "attestations.json");
  const vector = file?.vectors.find(({ id }) => id === "bound-attestation-honest");
  const presentation = vector?.presentations[0];
  const configuration = vector && file?.verifiers[vector.verifier];
  if (!presentation || !configuration) throw new Error("The vectors have no honest attestation");
  const attestation = presentation.attestation as string;
  const proof = presentation.proof as string;
  const request = requestOf(presentation) as NonNullable<ReturnType<typeof requestOf>>;
  const verifier: AttestationVerifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
  return { attestation, proof, request, verifier };
}

/** The honest MAC proof of the vectors, likewise. */
async function honestMac() {
  const file = VECTOR_FILES.find(({ name }) => name === "tickets.json");
  const vector = file?.vectors.find(({ id }) => id === "mac-proof-of-an-http-request");
  const presentation = vector?.presentations[0];
  const configuration = vector && file?.verifiers[vector.verifier];
  if (!presentation || !configuration) throw new Error("The vectors have no honest MAC proof");
  const request = requestOf(presentation) as NonNullable<ReturnType<typeof requestOf>>;
  const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
  return { attestation: presentation.attestation as string, proof: presentation.proof as string, request, verifier };
}

/** The honest chain of two links of the vectors, likewise; with the link that its end is. */
async function honestChain() {
  const file = VECTOR_FILES.find(({ name }) => name === "delegations.json");
  const vector = file?.vectors.find(({ id }) => id === "delegation-two-links");
  const presentation = vector?.presentations[0];
  const configuration = vector && file?.verifiers[vector.verifier];
  if (!presentation || !configuration) throw new Error("The vectors have no honest chain");
  const chain = presentation.attestation as string;
  const request = requestOf(presentation) as NonNullable<ReturnType<typeof requestOf>>;
  const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
  const at = chain.lastIndexOf("~") + 1;
  return { before: chain.slice(0, at), link: chain.slice(at), request, verifier };
}

/** How many edits there are of the honest attestation, of its proofs and of a link. */
export async function countEdits(): Promise<number> {
  const { attestation, proof } = await honest();
  const { proof: macProof } = await honestMac();
  const { link } = await honestChain();
  let count = 0;
  for (const text of [attestation, proof, macProof, link]) for (const _ of singleCharacterEdits(text)) count++;
  return count;
}

/**
 * Presents edits of the honest attestation, each with the proof of the original. An edit counts as accepted unless it is
 * refused for what it is itself: that the proof beside it does not fit would say nothing.
 *
 * @param every Takes one edit of so many, beginning with the first.
 */
export async function tryAttestationEdits(every = 1): Promise<EditReport> {
  const { attestation, request, verifier } = await honest();
  return attempt(attestation, every, "ERR_ATTESTATION_SIGNATURE", async (edit) => {
    const result = await verifier.verify(edit, request);
    return result.outcome === "refused" && !result.code.startsWith("ERR_PROOF_") ? result.code : undefined;
  });
}

/** Presents edits of the proof with the honest attestation. */
export async function tryProofEdits(every = 1): Promise<EditReport> {
  const { attestation, proof, request, verifier } = await honest();
  return attempt(proof, every, "ERR_PROOF_SIGNATURE", async (edit) => {
    const result = await verifier.verify(attestation, { ...request, proof: edit });
    return result.outcome === "refused" && result.code.startsWith("ERR_PROOF_") ? result.code : undefined;
  });
}

/** Presents edits of a MAC proof with the honest attestation. */
export async function tryMacProofEdits(every = 1): Promise<EditReport> {
  const { attestation, proof, request, verifier } = await honestMac();
  return attempt(proof, every, "ERR_TICKET_MAC", async (edit) => {
    const result = await verifier.verify(attestation, { ...request, proof: edit });
    return result.outcome === "refused" && /^ERR_(PROOF|TICKET)_/.test(result.code) ? result.code : undefined;
  });
}

/** Presents edits of the last link of a chain, each with the proof of the original. */
export async function tryLinkEdits(every = 1): Promise<EditReport> {
  const { before, link, request, verifier } = await honestChain();
  // What is before the link is cached from here on, as it is of an agent that calls again.
  const { verified } = await verifier.verify(before + link, request);
  if (!verified) throw new Error("The honest chain is refused");
  return attempt(link, every, "ERR_DELEGATION_SIGNATURE", async (edit) => {
    const result = await verifier.verify(before + edit, request);
    return result.outcome === "refused" && /^ERR_DELEGATION_/.test(result.code) ? result.code : undefined;
  });
}

async function attempt(
  original: string,
  every: number,
  signatureCode: AttestationErrorCode,
  refusalOf: (edit: string) => Promise<AttestationErrorCode | undefined>,
): Promise<EditReport> {
  const accepted: string[] = [];
  const codes = new Map<AttestationErrorCode | "none", number>();
  let tried = 0;
  let index = 0;
  for (const edit of singleCharacterEdits(original)) {
    if (index++ % every !== 0) continue;
    tried++;
    const code = await refusalOf(edit);
    if (code === undefined) accepted.push(edit);
    codes.set(code ?? "none", (codes.get(code ?? "none") ?? 0) + 1);
  }
  return { tried, accepted, bySignature: codes.get(signatureCode) ?? 0, codes };
}
