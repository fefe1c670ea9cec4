import type { Reason } from "../errors.ts";
import type { Advice } from "./advice.ts";
import type { VerificationPolicy } from "./policy.ts";

/** `error.data` of a refusal (SPEC §7). Peers decide by `reason`. */
export interface AttestationErrorData extends Advice {
  /** The extension that refuses: `EXTENSION`, so that a client tells this error from others. */
  readonly extension: string;
  /** Why the message was refused, as coarse as a peer may learn it. */
  readonly reason: Reason;
  /** What the server demands of every message. */
  readonly policy: VerificationPolicy;
  /** Whether the same request can succeed with fresh credentials, now or a little later. */
  readonly retryable: boolean;
  /** Only of a server that lists them by its own choice. */
  readonly trustedIssuers?: readonly string[];
}

/** JSON-RPC error numbers: in the answer to `initialize` as 0.1.0 has them, everywhere else outside MCP's own range. */
const NUMBERS: Readonly<Record<Reason, readonly [initialize: number, elsewhere: number]>> = {
  attestation_required: [-32001, -31001],
  attestation_invalid: [-32002, -31002],
  attestation_expired: [-32003, -31003],
  attestation_replay: [-32004, -31004],
  attestation_issuer_untrusted: [-32005, -31005],
  attestation_claims_insufficient: [-32006, -31006],
  attestation_proof_invalid: [-32002, -31007],
  attestation_revoked: [-32002, -31008],
  attestation_challenge_required: [-31009, -31009],
  attestation_unavailable: [-32603, -31010],
  attestation_ticket_refused: [-31011, -31011],
  attestation_signature_required: [-31012, -31012],
  attestation_definition_mismatch: [-31013, -31013],
};

/** The `message` of a refusal: for people, and for frameworks that keep nothing else of it. Machines decide by `data.reason`. */
export const REFUSAL_MESSAGES: Readonly<Record<Reason, string>> = {
  attestation_required: "Attestation required but not provided",
  attestation_invalid: "Attestation invalid",
  attestation_expired: "Attestation expired",
  attestation_replay: "Attestation replay detected",
  attestation_issuer_untrusted: "Attestation issuer not trusted",
  attestation_claims_insufficient: "Attestation claims insufficient",
  attestation_proof_invalid: "Attestation proof invalid",
  attestation_revoked: "Attestation revoked",
  attestation_challenge_required: "Attestation challenge required",
  attestation_unavailable: "Attestation cannot be verified at the moment",
  attestation_ticket_refused: "Attestation ticket refused",
  attestation_signature_required: "Attestation signature required",
  attestation_definition_mismatch: "Attestation names another tool definition",
};

/** The number of MCP 2026-07-28 for a client that lacks a required extension. */
export const MISSING_EXTENSION = -32021;

/** The JSON-RPC error number of a reason, in the answer to `initialize` or anywhere else. */
export function errorNumber(reason: Reason, inInitialize: boolean): number {
  return NUMBERS[reason][inInitialize ? 0 : 1];
}

/** Whether a text is one of the wire reasons. */
export function isReason(value: unknown): value is Reason {
  return typeof value === "string" && Object.hasOwn(NUMBERS, value);
}
