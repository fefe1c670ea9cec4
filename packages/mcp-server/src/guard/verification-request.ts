import type { VerificationRequest } from "@attest/core";
import type { HttpRequest, Presented } from "./carriers.ts";
import type { GuardSession } from "./guard-session.ts";
import { bodyOf, type JsonRpcMessage, objectAt } from "./json-rpc.ts";
import { observedMessage } from "./observed-message.ts";

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Where a message came from, as far as a proof covers it. */
export interface Origin {
  readonly http: HttpRequest | undefined;
  /** The credential of the request's `Authorization` field. */
  readonly accessToken: string | undefined;
  /** Whether the message must be signed. */
  readonly signature: boolean;
  /** Which of the server's names the message came to, where the guard answers to one of several. */
  readonly audience: string | undefined;
  /** The session that it came by. */
  readonly session?: GuardSession | undefined;
  /** Whether anything observes its verification. Default false. */
  readonly observed?: boolean;
}

/** What the proof must be for: the raw HTTP request when it came in fields, else the message itself. */
export function requestOf(
  message: JsonRpcMessage | undefined,
  { carrier, proof }: Presented,
  origin: Origin,
): VerificationRequest {
  const { http, audience } = origin;
  const request = proved(message, carrier, origin);
  if (proof !== undefined) request.proof = proof;
  if (audience !== undefined) request.audience = audience;
  if (origin.signature) request.signature = true;
  if (http) request.overHttp = true;
  if (http?.sessionId !== undefined) request.sessionId = http.sessionId;
  const { traceparent, tracestate } = objectAt(bodyOf(message), "_meta");
  if (typeof traceparent === "string" && TRACEPARENT.test(traceparent)) request.traceparent = traceparent;
  if (typeof tracestate === "string" && TRACESTATE.test(tracestate)) request.tracestate = tracestate;
  if (origin.observed) request.observed = observedMessage(message, http, origin.session?.protocolVersion);
  return request;
}

/** What the server will act on: the very object that the guard forwards, not another reading of the body. */
function dispatchedBy(message: JsonRpcMessage): NonNullable<VerificationRequest["dispatched"]> {
  return "method" in message ? { method: message.method, params: message.params } : "response";
}

function proved(
  message: JsonRpcMessage | undefined,
  carrier: Presented["carrier"],
  { http, accessToken }: Origin,
): Writable<VerificationRequest> {
  // An error response has no place for a proof of its own, so it is proved by the request that brings it.
  if (message === undefined || carrier === "headers" || message.kind === "error") {
    const { method = "POST", body } = http ?? {};
    const request: Writable<VerificationRequest> = body ? { kind: "http", method, body } : { kind: "http", method };
    if (message) request.dispatched = dispatchedBy(message);
    if (accessToken !== undefined) request.accessToken = accessToken;
    return request;
  }
  return message.kind === "response"
    ? { kind: "response", id: message.id, result: message.result }
    : { kind: "message", method: message.method, params: message.params };
}
