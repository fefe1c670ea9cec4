import type { AttestationErrorCode } from "@attest/core";

export type StepId =
  | "presented"
  | "readable"
  | "kind"
  | "issuer"
  | "key"
  | "signature"
  | "claims"
  | "proof"
  | "once"
  | "demand";

/** A stretch of the verification order, in words for somebody who has never heard of it. */
export interface Step {
  readonly id: StepId;
  readonly title: string;
  readonly explanation: string;
}

/** SPEC §6, in its order, and what a handler demands after it. */
export const STEPS: readonly Step[] = [
  {
    id: "presented",
    title: "Is there an ID at all?",
    explanation: "Nothing reaches a tool without an attestation. It must come in exactly one place.",
  },
  {
    id: "readable",
    title: "Can it be read in only one way?",
    explanation:
      "Size, spelling and structure are checked before any cryptography. Ambiguous input is never guessed at.",
  },
  {
    id: "kind",
    title: "Is it the right kind of ID?",
    explanation: "A token made for another purpose, or with another algorithm, does not count.",
  },
  {
    id: "issuer",
    title: "Do we know who issued it?",
    explanation: "The issuer's name must equal a configured one, character for character.",
  },
  {
    id: "key",
    title: "Did that issuer publish this key?",
    explanation: "Keys come from the issuer's own published set, never from the token.",
  },
  {
    id: "signature",
    title: "Is the issuer's signature genuine?",
    explanation: "If another key signed, or a single character was changed after signing, the signature does not fit.",
  },
  {
    id: "claims",
    title: "Does what it says hold?",
    explanation: "Dates, audience, and whether this issuer may speak for this agent at all.",
  },
  {
    id: "proof",
    title: "Does the caller own it?",
    explanation:
      "Every request is signed with the agent's own key, for this server and this content. A stolen ID has no key.",
  },
  {
    id: "once",
    title: "Is it the first time?",
    explanation: "Each proof works once. A recorded request is worth nothing.",
  },
  {
    id: "demand",
    title: "May this agent use this tool?",
    explanation: "Knowing who calls is not permission. Sessions and tools make demands of their own.",
  },
];

const STEP_OF: Readonly<Record<AttestationErrorCode, StepId | undefined>> = {
  ERR_OPTION: undefined,
  ERR_ALREADY_ATTESTED: undefined,
  ERR_GUARD_MISSING: undefined,
  ERR_DEFINITION_UNAVAILABLE: undefined,
  ERR_BODY_CONSUMED: undefined,
  ERR_CLOCK: undefined,
  ERR_INTERNAL: undefined,
  ERR_SOURCE_UNAVAILABLE: undefined,

  ERR_ATTESTATION_REQUIRED: "presented",
  ERR_CARRIER: "presented",
  ERR_AUTHORIZATION: "presented",
  ERR_GATE_MISSING: "presented",
  ERR_PROOF_UNEXPECTED: "presented",

  ERR_ATTESTATION_SIZE: "readable",
  ERR_ATTESTATION_FORMAT: "readable",
  ERR_ATTESTATION_ENCODING: "readable",
  ERR_ATTESTATION_JSON: "readable",
  ERR_ATTESTATION_DUPLICATE_MEMBER: "readable",
  ERR_ATTESTATION_HEADER: "readable",

  ERR_ATTESTATION_TYP: "kind",
  ERR_ATTESTATION_ALG: "kind",
  ERR_BEARER_NOT_ALLOWED: "kind",

  ERR_ISSUER_UNTRUSTED: "issuer",
  ERR_FORMAT_NOT_ALLOWED: "issuer",

  ERR_KEY_FORMAT: "key",
  ERR_KEY_UNSUPPORTED: "key",
  ERR_KEY_PRIVATE: "key",
  ERR_KEY_WEAK: "key",
  ERR_KEY_DUPLICATE: "key",
  ERR_KEY_NOT_FOUND: "key",
  ERR_KEY_SOURCE_UNAVAILABLE: "key",

  ERR_ATTESTATION_SIGNATURE: "signature",

  ERR_ATTESTATION_CLAIMS: "claims",
  ERR_ATTESTATION_VERSION: "claims",
  ERR_BEARER_CONFIRMATION: "claims",
  ERR_CONFIRMATION_KEY: "claims",
  ERR_ATTESTATION_EXPIRED: "claims",
  ERR_ATTESTATION_NOT_YET_VALID: "claims",
  ERR_ATTESTATION_LIFETIME: "claims",
  ERR_ATTESTATION_AUDIENCE: "claims",
  ERR_ATTESTATION_AUDIENCES: "claims",
  ERR_ATTESTATION_SUBJECT: "claims",
  ERR_TRUST_DOMAIN: "claims",
  ERR_ATTESTATION_TYPE: "claims",
  ERR_CLAIM_REQUIRED: "claims",
  ERR_REVOKED: "claims",
  ERR_REVOCATION_UNAVAILABLE: "claims",

  ERR_NESTED_TWICE: "claims",
  ERR_NESTED_KEY: "claims",
  ERR_NESTED_AGENT: "claims",

  ERR_DELEGATION_NOT_ALLOWED: "claims",
  ERR_DELEGATION_ROOT: "claims",
  ERR_DELEGATION_FORMAT: "claims",
  ERR_DELEGATION_HEADER: "claims",
  ERR_DELEGATION_CLAIMS: "claims",
  ERR_DELEGATION_KEY: "claims",
  ERR_DELEGATION_PARENT: "claims",
  ERR_DELEGATION_DEPTH: "claims",
  ERR_DELEGATION_TIMES: "claims",
  ERR_DELEGATION_EXPIRED: "claims",
  ERR_DELEGATION_AUDIENCE: "claims",
  ERR_DELEGATION_SIGNATURE: "signature",
  ERR_DELEGATION_SCOPE: "demand",

  ERR_PROOF_REQUIRED: "proof",
  ERR_PROOF_REQUEST: "proof",
  ERR_PROOF_SIZE: "proof",
  ERR_PROOF_FORMAT: "proof",
  ERR_PROOF_ENCODING: "proof",
  ERR_PROOF_JSON: "proof",
  ERR_PROOF_DUPLICATE_MEMBER: "proof",
  ERR_PROOF_HEADER: "proof",
  ERR_PROOF_TYP: "proof",
  ERR_PROOF_ALG: "proof",
  ERR_PROOF_SIGNATURE: "proof",
  ERR_PROOF_CLAIMS: "proof",
  ERR_PROOF_CARRIER: "proof",
  ERR_PROOF_ATTESTATION: "proof",
  ERR_PROOF_AUDIENCE: "proof",
  ERR_PROOF_TIME: "proof",
  ERR_PROOF_METHOD: "proof",
  ERR_PROOF_DIGEST: "proof",
  ERR_PROOF_SESSION: "proof",
  ERR_PROOF_ACCESS_TOKEN: "proof",
  ERR_TICKETS_OFF: "proof",
  ERR_TICKET_UNKNOWN: "proof",
  ERR_TICKET_EXPIRED: "proof",
  ERR_TICKET_AUDIENCE: "proof",
  ERR_TICKET_HOLDER: "proof",
  ERR_TICKET_MAC: "proof",
  ERR_SIGNATURE_REQUIRED: "proof",

  ERR_REPLAY: "once",
  ERR_REPLAY_EXPIRY: "once",
  ERR_REPLAY_BEFORE_START: "once",
  ERR_REPLAY_CACHE_FULL: "once",
  ERR_REPLAY_CACHE_UNAVAILABLE: "once",

  ERR_SESSION_OWNER: "demand",
  ERR_REQUEST_ID: "demand",
  ERR_TASK_OWNER: "demand",
  ERR_SESSION_EXPIRED: "demand",
  ERR_DEMAND: "demand",
  ERR_DEFINITION_REQUIRED: "demand",
  ERR_DEFINITION_MISMATCH: "demand",
};

/** The step at which a refusal with this code stopped; `undefined` for what is no step, such as a failure of the server's own. */
export function stepOf(code: AttestationErrorCode): StepId | undefined {
  return STEP_OF[code];
}
