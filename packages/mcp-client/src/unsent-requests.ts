import { objectOf } from "./declare.ts";
import type { OutgoingRequest } from "./outgoing-request.ts";

/**
 * The requests to one endpoint that wait for their credentials, so that one which its client cancels meanwhile is never
 * sent (M6). In the handshake era a client cancels over HTTP by a POST of its own, which would overtake the request.
 *
 * Only requests with a session id can be withdrawn: without one, clients that share a `fetch` could use the same ids.
 */
export class UnsentRequests {
  readonly #unsent = new Set<OutgoingRequest>();

  /** Waits for the credentials of a request. @returns `undefined` if the request was withdrawn meanwhile. */
  async credentialed<T>(request: OutgoingRequest, credentials: Promise<T>): Promise<T | undefined> {
    this.#unsent.add(request);
    try {
      const made = await credentials;
      return this.#unsent.has(request) ? made : undefined;
    } finally {
      this.#unsent.delete(request);
    }
  }

  /** Withdraws the request that a cancellation names. @returns Whether it did; then neither is to be sent. */
  withdraw({ init, context: { sessionId } }: OutgoingRequest): boolean {
    if (this.#unsent.size === 0 || sessionId === undefined) return false;
    if (typeof init.body !== "string" || !init.body.includes("notifications/cancelled")) return false;
    const { method, params } = messageIn(init);
    const { requestId } = objectOf(params);
    if (method !== "notifications/cancelled" || requestId === undefined) return false;
    for (const unsent of this.#unsent) {
      if (unsent.context.sessionId === sessionId && messageIn(unsent.init)["id"] === requestId) {
        return this.#unsent.delete(unsent);
      }
    }
    return false;
  }
}

function messageIn({ body }: RequestInit): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(String(body)));
  } catch {
    return {};
  }
}
