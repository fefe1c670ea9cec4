/**
 * The coarse reasons that travel on the wire (SPEC §7). A peer decides by these and learns nothing finer, so that a
 * refusal is no oracle (O3).
 */
export type Reason =
  | "attestation_required"
  | "attestation_invalid"
  | "attestation_expired"
  | "attestation_replay"
  | "attestation_issuer_untrusted"
  | "attestation_claims_insufficient"
  | "attestation_proof_invalid"
  | "attestation_revoked"
  | "attestation_challenge_required"
  | "attestation_ticket_refused"
  | "attestation_signature_required"
  | "attestation_definition_mismatch"
  | "attestation_unavailable";

/** Maps each code to the reason sent to the peer. `undefined`: a local mistake that is never sent. */
const REASON_BY_CODE = {
  // Mistakes in the program
  ERR_OPTION: undefined,
  ERR_ALREADY_ATTESTED: undefined,
  ERR_GUARD_MISSING: "attestation_unavailable",
  ERR_CLOCK: "attestation_unavailable",
  ERR_INTERNAL: "attestation_unavailable",

  // Keys
  ERR_KEY_FORMAT: "attestation_invalid",
  ERR_KEY_UNSUPPORTED: "attestation_invalid",
  ERR_KEY_PRIVATE: "attestation_invalid",
  ERR_KEY_WEAK: "attestation_invalid",
  ERR_KEY_DUPLICATE: "attestation_unavailable",
  ERR_KEY_NOT_FOUND: "attestation_invalid",
  ERR_KEY_SOURCE_UNAVAILABLE: "attestation_unavailable",

  // The attestation, in the order of the checks
  ERR_ATTESTATION_REQUIRED: "attestation_required",
  ERR_ATTESTATION_SIZE: "attestation_invalid",
  ERR_ATTESTATION_FORMAT: "attestation_invalid",
  ERR_ATTESTATION_ENCODING: "attestation_invalid",
  ERR_ATTESTATION_JSON: "attestation_invalid",
  ERR_ATTESTATION_DUPLICATE_MEMBER: "attestation_invalid",
  ERR_ATTESTATION_HEADER: "attestation_invalid",
  ERR_ATTESTATION_TYP: "attestation_invalid",
  ERR_ATTESTATION_ALG: "attestation_invalid",
  ERR_BEARER_NOT_ALLOWED: "attestation_invalid",
  ERR_ISSUER_UNTRUSTED: "attestation_issuer_untrusted",
  ERR_FORMAT_NOT_ALLOWED: "attestation_invalid",
  ERR_ATTESTATION_SIGNATURE: "attestation_invalid",
  ERR_ATTESTATION_CLAIMS: "attestation_invalid",
  ERR_ATTESTATION_VERSION: "attestation_invalid",
  ERR_BEARER_CONFIRMATION: "attestation_invalid",
  ERR_CONFIRMATION_KEY: "attestation_invalid",
  ERR_ATTESTATION_EXPIRED: "attestation_expired",
  ERR_ATTESTATION_NOT_YET_VALID: "attestation_expired",
  ERR_ATTESTATION_LIFETIME: "attestation_invalid",
  ERR_ATTESTATION_AUDIENCE: "attestation_invalid",
  ERR_ATTESTATION_AUDIENCES: "attestation_invalid",
  ERR_ATTESTATION_SUBJECT: "attestation_invalid",
  ERR_TRUST_DOMAIN: "attestation_invalid",
  ERR_ATTESTATION_TYPE: "attestation_invalid",
  ERR_NESTED_TWICE: "attestation_invalid",
  ERR_NESTED_KEY: "attestation_invalid",
  ERR_NESTED_AGENT: "attestation_invalid",
  ERR_CLAIM_REQUIRED: "attestation_claims_insufficient",
  ERR_REVOKED: "attestation_revoked",
  ERR_REVOCATION_UNAVAILABLE: "attestation_unavailable",

  // A chain of delegations
  ERR_DELEGATION_NOT_ALLOWED: "attestation_invalid",
  ERR_DELEGATION_ROOT: "attestation_invalid",
  ERR_DELEGATION_FORMAT: "attestation_invalid",
  ERR_DELEGATION_HEADER: "attestation_invalid",
  ERR_DELEGATION_CLAIMS: "attestation_invalid",
  ERR_DELEGATION_KEY: "attestation_invalid",
  ERR_DELEGATION_PARENT: "attestation_invalid",
  ERR_DELEGATION_DEPTH: "attestation_invalid",
  ERR_DELEGATION_TIMES: "attestation_invalid",
  ERR_DELEGATION_EXPIRED: "attestation_expired",
  ERR_DELEGATION_AUDIENCE: "attestation_proof_invalid",
  ERR_DELEGATION_SIGNATURE: "attestation_invalid",
  ERR_DELEGATION_SCOPE: "attestation_claims_insufficient",

  // The proof
  ERR_PROOF_REQUIRED: "attestation_proof_invalid",
  ERR_PROOF_UNEXPECTED: "attestation_proof_invalid",
  ERR_PROOF_REQUEST: "attestation_proof_invalid",
  ERR_PROOF_SIZE: "attestation_proof_invalid",
  ERR_PROOF_FORMAT: "attestation_proof_invalid",
  ERR_PROOF_ENCODING: "attestation_proof_invalid",
  ERR_PROOF_JSON: "attestation_proof_invalid",
  ERR_PROOF_DUPLICATE_MEMBER: "attestation_proof_invalid",
  ERR_PROOF_HEADER: "attestation_proof_invalid",
  ERR_PROOF_TYP: "attestation_proof_invalid",
  ERR_PROOF_ALG: "attestation_proof_invalid",
  ERR_PROOF_SIGNATURE: "attestation_proof_invalid",
  ERR_PROOF_CLAIMS: "attestation_proof_invalid",
  ERR_PROOF_CARRIER: "attestation_proof_invalid",
  ERR_PROOF_ATTESTATION: "attestation_proof_invalid",
  ERR_PROOF_AUDIENCE: "attestation_proof_invalid",
  ERR_PROOF_TIME: "attestation_expired",
  ERR_PROOF_METHOD: "attestation_proof_invalid",
  ERR_PROOF_DIGEST: "attestation_proof_invalid",
  ERR_PROOF_SESSION: "attestation_proof_invalid",
  ERR_PROOF_ACCESS_TOKEN: "attestation_proof_invalid",

  // A MAC proof and its ticket, in the order of the checks
  ERR_TICKETS_OFF: "attestation_ticket_refused",
  ERR_TICKET_UNKNOWN: "attestation_ticket_refused",
  ERR_TICKET_EXPIRED: "attestation_ticket_refused",
  ERR_TICKET_AUDIENCE: "attestation_ticket_refused",
  ERR_TICKET_HOLDER: "attestation_ticket_refused",
  ERR_TICKET_MAC: "attestation_ticket_refused",
  ERR_SIGNATURE_REQUIRED: "attestation_signature_required",

  // Replay
  ERR_REPLAY: "attestation_replay",
  ERR_REPLAY_EXPIRY: "attestation_unavailable",
  ERR_REPLAY_BEFORE_START: "attestation_expired",
  ERR_REPLAY_CACHE_FULL: "attestation_unavailable",
  ERR_REPLAY_CACHE_UNAVAILABLE: "attestation_unavailable",

  // The guard of a server
  ERR_CARRIER: "attestation_invalid",
  ERR_AUTHORIZATION: "attestation_invalid",
  ERR_REQUEST_ID: "attestation_invalid",
  ERR_TASK_OWNER: "attestation_invalid",
  ERR_GATE_MISSING: "attestation_required",
  ERR_BODY_CONSUMED: "attestation_unavailable",
  ERR_SESSION_OWNER: "attestation_invalid",
  ERR_SESSION_EXPIRED: "attestation_expired",
  ERR_DEMAND: "attestation_claims_insufficient",
  ERR_DEFINITION_REQUIRED: "attestation_claims_insufficient",
  ERR_DEFINITION_MISMATCH: "attestation_definition_mismatch",
  ERR_DEFINITION_UNAVAILABLE: "attestation_unavailable",

  // The agent's side
  ERR_SOURCE_UNAVAILABLE: "attestation_unavailable",
} as const;

/** A precise, stable, local code. Match on it, never on a class or a message. */
export type AttestationErrorCode = keyof typeof REASON_BY_CODE;

/** The wire reason of a local code; `undefined` for a mistake on our own side, which no peer should ever see. */
export function reasonOf(code: AttestationErrorCode): Reason | undefined {
  return REASON_BY_CODE[code];
}

/** The reason that is sent to the peer; a mistake of our own, which has none, is sent as unavailable. */
export function wireReason(code: AttestationErrorCode): Reason {
  return reasonOf(code) ?? "attestation_unavailable";
}

const RETRYABLE: ReadonlySet<Reason | undefined> = new Set<Reason>([
  "attestation_required",
  "attestation_expired",
  "attestation_challenge_required",
  "attestation_ticket_refused",
  "attestation_signature_required",
  "attestation_unavailable",
]);

/** Whether the same operation can succeed with fresh credentials, now or a little later. */
export function isRetryable(reason: Reason | undefined): boolean {
  return RETRYABLE.has(reason);
}

/** The one error of every `@attest` package. Its message, cause and properties never hold a token, proof or key (O1). */
export class AttestationError extends Error {
  /** What went wrong, from a closed list. Match on this, never on the message. */
  readonly code: AttestationErrorCode;
  /** What would be sent to a peer; absent for mistakes on our own side. */
  readonly reason?: Reason;
  /** Whether the same operation can succeed with fresh credentials, now or a little later. */
  readonly retryable: boolean;

  constructor(code: AttestationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AttestationError";
    this.code = code;
    const reason = reasonOf(code);
    if (reason !== undefined) this.reason = reason;
    this.retryable = isRetryable(reason);
  }
}

/** An option that makes no sense: thrown at construction, naming the option. */
export function optionError(option: string, problem: string): AttestationError {
  return new AttestationError("ERR_OPTION", `${option} ${problem}`);
}
