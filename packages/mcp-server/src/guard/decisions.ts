import type { AttestationContext, AttestationErrorCode, TicketGrant } from "@attest/core";

/** What to do with a message. */
export type GuardDecision =
  | {
      /** Dispatch exactly this: it is what was verified. */
      readonly action: "forward";
      /** The message, marked; `undefined` for an HTTP request without one. */
      readonly message: unknown;
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
  | { readonly allowed: true; readonly attestation?: AttestationContext; readonly capability: object }
  | { readonly allowed: false; readonly code: AttestationErrorCode; readonly error: object };
