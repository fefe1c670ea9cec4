import { HTTP_FIELDS, isReason, trustLevelOfStatus } from "@attest/core";
import { type AttestationState, OPEN_METHODS } from "./attestation-state.ts";

/**
 * Learns from the head of an HTTP response how the server took the credentials of its request.
 *
 * @param body What was sent.
 */
export function noteResponse(state: AttestationState, response: Response, body: Uint8Array): void {
  const trustLevel = trustLevelOfStatus(response.headers.get(HTTP_FIELDS.status));
  if (trustLevel) {
    // The guard's own word on this request, whatever a handler of its server refused.
    state.status = "verified";
    state.trustLevel = trustLevel;
  } else if (isReason(response.headers.get(HTTP_FIELDS.error))) {
    state.status = "failed";
    delete state.trustLevel;
  } else if (state.status === "pending" || state.status === "unattested") {
    state.status = saysNothing(response) && isGuarded(body) ? "unsupported" : "pending";
  }
}

/**
 * Whether a response without a field of ours shows that the server knows none. An error may come from a proxy, from OAuth
 * or from a server that did not get as far, and a browser hides the fields of another origin.
 */
function saysNothing({ ok, type }: Response): boolean {
  return ok && type !== "cors";
}

/**
 * Whether a guard answers this body with the field for verified agents (SPEC-7.8). It does so for every message of a POST
 * except the open methods; GET and DELETE have no body.
 */
function isGuarded(body: Uint8Array): boolean {
  try {
    const message = JSON.parse(new TextDecoder().decode(body));
    return typeof message === "object" && message !== null && !OPEN_METHODS.has(message.method);
  } catch {
    return false;
  }
}
