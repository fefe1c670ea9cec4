import type { VerificationRequest } from "@attest/core";
import { bodyOf, type HttpRequest, type Presented } from "./carriers.ts";
import { type JsonRpcMessage, objectAt } from "./json-rpc.ts";

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACESTATE = /^[\x20-\x7e]{1,512}$/;

/** What the proof must be for: the raw HTTP request when it came in fields, else the message itself. */
export function requestOf(
  kind: Exclude<JsonRpcMessage, { kind: "error" }> | undefined,
  { carrier, proof }: Presented,
  http: HttpRequest | undefined,
): VerificationRequest {
  const request = proved(kind, carrier, http);
  if (proof !== undefined) request.proof = proof;
  if (http?.sessionId !== undefined) request.sessionId = http.sessionId;
  const { traceparent, tracestate } = objectAt(bodyOf(kind), "_meta");
  if (typeof traceparent === "string" && TRACEPARENT.test(traceparent)) request.traceparent = traceparent;
  if (typeof tracestate === "string" && TRACESTATE.test(tracestate)) request.tracestate = tracestate;
  return request;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

function proved(
  kind: Exclude<JsonRpcMessage, { kind: "error" }> | undefined,
  carrier: Presented["carrier"],
  http: HttpRequest | undefined,
): Writable<VerificationRequest> {
  if (kind === undefined || carrier === "headers") {
    const { method = "POST", body, accessToken } = http ?? {};
    const request: Writable<VerificationRequest> = body ? { kind: "http", method, body } : { kind: "http", method };
    if (accessToken !== undefined) request.accessToken = accessToken;
    return request;
  }
  return kind.kind === "response"
    ? { kind: "response", id: kind.id, result: kind.result }
    : { kind: "message", method: kind.method, params: kind.params };
}
