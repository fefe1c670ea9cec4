import type { AttestationContext, AttestationErrorCode, TicketGrant } from "@attest/core";

/** What to do with a message. */
export type GuardDecision =
  | {
      /** Dispatch exactly this: it is what was verified. */
      readonly action: "forward";
      /** The message, marked; `undefined` for an HTTP request without one. */
      readonly message: unknown;
      /** The agent behind it. Absent if none was verified. */
      readonly attestation?: AttestationContext;
      /** The ticket to send in the field `HTTP_FIELDS.ticket` with the head of the answer, where the request asked in HTTP fields. */
      readonly ticket?: TicketGrant;
    }
  | {
      /** Answer with this and dispatch nothing. */
      readonly action: "reply";
      /** HTTP status. */
      readonly status: number;
      /** HTTP fields. */
      readonly headers: Readonly<Record<string, string>>;
      /** The JSON-RPC answer; `undefined` where nothing is to be answered. */
      readonly message: object | undefined;
    }
  | {
      /** Dispatch nothing and answer nothing: it was not a request. */
      readonly action: "drop";
    };

/** The outcome of `processInitialize`. */
export type InitializeDecision =
  | {
      /** The session may begin. */
      readonly allowed: true;
      /** The agent that begins it. Absent if none was verified. */
      readonly attestation?: AttestationContext;
      /** For `capabilities.experimental["security.attestation"]` of the answer. */
      readonly capability: object;
    }
  | {
      /** The session may not begin. */
      readonly allowed: false;
      /** For the operator: why. Never send it to the peer (O3). */
      readonly code: AttestationErrorCode;
      /** The JSON-RPC error to answer with. */
      readonly error: object;
    };
