import { isJsonObject } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { Exchange } from "../guard/exchange.ts";
import { type JsonRpcId, objectAt } from "../guard/json-rpc.ts";
import type { Refused } from "../guard/refusals.ts";
import { listeningDemand } from "./neighbours.ts";
import type { PendingRequests } from "./pending-requests.ts";

/** Where MCP 2026-07-28 names the request whose stream a notification belongs to. */
const SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId";
const OPENED = "notifications/subscriptions/acknowledged";

/**
 * The streams of updates on one wire. `serveStdio` of the v2 SDK opens them without asking a server, and makes its server
 * when the first message has come, which may be the one that asks for a stream. So a stream is judged again when it opens:
 * by then it is known what the resources' handlers demand.
 */
export class WireStreams {
  readonly #guard: AttestationGuard;
  readonly #pending: PendingRequests;
  /** Streams whose agent must not have them, or of which it is not known yet. */
  readonly #withheld = new Set<JsonRpcId>();

  constructor(guard: AttestationGuard, pending: PendingRequests) {
    this.#guard = guard;
    this.#pending = pending;
  }

  /** Begins a request, which may ask for a stream under the id of an earlier one. */
  begin(id: JsonRpcId): void {
    this.#withheld.delete(id);
  }

  /** The stream that a message from the server belongs to; `undefined` for all others. */
  static of(message: unknown): JsonRpcId | undefined {
    if (!isJsonObject(message) || !isJsonObject(message["params"])) return undefined;
    const id = objectAt(message["params"], "_meta")[SUBSCRIPTION];
    return typeof id === "string" || typeof id === "number" ? id : undefined;
  }

  /**
   * Decides about a message of a stream.
   *
   * @param refuse Called for a stream that its agent must not have, once, when it opens.
   * @returns Whether the message may be sent.
   */
  mayPass(
    id: JsonRpcId,
    message: object,
    refuse: (asked: Exchange, problem: Refused) => void,
  ): boolean | Promise<boolean> {
    if (this.#withheld.has(id)) return false;
    const asked = (message as { method?: unknown }).method === OPENED ? this.#pending.pending(id) : undefined;
    if (!asked) return true;
    const demanded = listeningDemand(this.#guard, asked.message, asked);
    if (demanded === undefined) return true;
    this.#withheld.add(id);
    return Promise.resolve(demanded).then((code) => {
      if (code) refuse(asked, { code, demanded: true });
      else this.#withheld.delete(id);
      return code === undefined;
    });
  }
}
