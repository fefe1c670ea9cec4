import type { Allow, ProofKind, Reason } from "@attest/core";

/** What each wire reason means, for somebody who has never heard of it. */
const REASONS: Readonly<Record<Reason, string>> = {
  attestation_required: "no ID was shown",
  attestation_invalid: "the ID is not genuine, or not for here",
  attestation_expired: "the ID or its proof is out of date",
  attestation_replay: "this proof was used before",
  attestation_issuer_untrusted: "the ID comes from an issuer the bank does not know",
  attestation_claims_insufficient: "the ID is genuine, but not enough for this tool",
  attestation_proof_invalid: "the caller could not prove that the ID is its own, for this request",
  attestation_revoked: "the ID was revoked",
  attestation_challenge_required: "the bank wants a fresh challenge answered",
  attestation_unavailable: "the bank could not check, so it did not let it pass",
  attestation_ticket_refused: "the bank wants this request signed, since it does not know its ticket",
  attestation_signature_required: "the bank wants this request signed",
  attestation_definition_mismatch: "the caller decided by another description of the tool than the bank's own",
};

export function reasonInWords(reason: Reason): string {
  return REASONS[reason];
}

/** The last part of a SPIFFE ID, by which people recognise it. */
export function shortSubject(subject: string): string {
  return subject.split("/").at(-1) ?? subject;
}

/** The host of an issuer's name, by which people recognise it. */
export function shortIssuer(issuer: string): string {
  return URL.canParse(issuer) ? new URL(issuer).host : issuer;
}

/** What each kind of proof is, for a person who points at it. */
export const PROOFS: Readonly<Record<ProofKind, string>> = {
  signature: "Signed with the agent's own key: everybody can see who sent it",
  mac: "A MAC under a ticket's key: it shows the bank alone who sent it",
  none: "Without a proof: anyone who holds a copy could have sent it",
};

/** What a link of a chain opens, a line for each kind of thing. */
export function allowInWords(allow: Allow | undefined): readonly string[] {
  if (allow === undefined) return ["whatever the one before it may"];
  const kinds = [
    ["use", allow.tools],
    ["read", allow.resources],
    ["get the prompt", allow.prompts],
  ] as const;
  const opened = kinds.flatMap(([verb, entries]) => (entries?.length ? [`${verb} ${entries.join(", ")}`] : []));
  return opened.length > 0 ? opened : ["nothing but look at lists"];
}

/** A time of day, of milliseconds since 1970. */
export function clockTime(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB");
}

/** A duration in milliseconds, in the unit that reads best. */
export function duration(ms: number): string {
  return ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}
