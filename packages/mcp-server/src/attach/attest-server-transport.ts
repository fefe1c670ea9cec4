import { AttestationError } from "@attest/core";
import { finishAnswer } from "../guard/answers.ts";
import type { AttestationGuard, GuardDecision } from "../guard/attestation-guard.ts";
import { type Exchange, exchangeOf, strip } from "../guard/brand.ts";
import { bodyOf } from "../guard/carriers.ts";
import { classify, isObject, type JsonRpcId, objectAt } from "../guard/json-rpc.ts";
import type { TransportLike } from "./transport-like.ts";

/** Transports that are guarded already, so that none is guarded twice, each with its guard. */
const guardedTransports = new WeakMap<object, AttestationGuard>();

/**
 * Puts the guard between a transport and the server that will connect to it. Messages are verified as they come, side by
 * side, and delivered in the order in which they came. Use it where the wire itself must be guarded, as with
 * `serveStdio(factory, { transport })`; for a server of your own, `attestServer` does it.
 *
 * @throws AttestationError `ERR_ALREADY_ATTESTED` if the transport is guarded already.
 */
export function attestServerTransport<T extends TransportLike>(inner: T, guard: AttestationGuard): T {
  if (guardedTransports.has(inner))
    throw new AttestationError("ERR_ALREADY_ATTESTED", "The transport is guarded already");
  const session = guard.createSession();
  const pending = new Map<JsonRpcId, Exchange>();
  let deliver = inner.onmessage;
  let queue: Promise<void> = Promise.resolve();

  const forward = (message: unknown, extra: unknown): void => {
    const kind = classify(message);
    const exchange = exchangeOf(objectAt(bodyOf(kind), "_meta"));
    // A brand that is delivered here must not open a second door.
    if (exchange) exchange.delivered = true;
    if (kind?.kind === "request" && exchange) pending.set(kind.id, exchange);
    if (kind?.kind === "notification" && kind.method === "notifications/cancelled") {
      pending.delete(objectAt(message, "params")["requestId"] as JsonRpcId);
    }
    // A response has no handler to read a brand, and its schema need not allow one.
    deliver?.(
      kind?.kind === "response" ? { ...(message as object), result: withoutBrand(kind.result) } : message,
      extra,
    );
  };

  const act = (decision: GuardDecision, extra: unknown): void => {
    if (decision.action === "forward") forward(decision.message, extra);
    else if (decision.action === "reply" && decision.message) {
      inner.send(decision.message).catch((error: unknown) => inner.onerror?.(error as Error));
    }
  };

  const receive = (message: unknown, extra: unknown): void => {
    // What a gate in front has checked goes on at once: behind HTTP, an answer that comes late changes its status.
    const checked = exchangeOf(objectAt(bodyOf(classify(message)), "_meta"));
    if (checked?.guard === guard && !checked.delivered) {
      forward(message, extra);
      return;
    }
    const decision = guard.check(message, session, httpOf(extra));
    queue = queue.then(async () => {
      try {
        act(await decision, extra);
      } catch (error) {
        inner.onerror?.(error as Error);
      }
    });
  };

  const send = (message: unknown, options?: unknown): Promise<void> => {
    const isAnswer = isObject(message) && ("result" in message || "error" in message);
    const id = isAnswer ? (message["id"] as JsonRpcId) : undefined;
    const exchange = id === undefined ? undefined : pending.get(id);
    if (id !== undefined) pending.delete(id);
    return inner.send(
      exchange ? finishAnswer(guard.stance, exchange, message as Record<string, unknown>) : message,
      options,
    );
  };

  const proxy = new Proxy(inner, {
    get(target, name) {
      if (name === "onmessage") return deliver;
      if (name === "send") return send;
      const value: unknown = Reflect.get(target, name, target);
      // Bound to the target, so that classes with #private members work.
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
    set(target, name, value) {
      if (name !== "onmessage") return Reflect.set(target, name, value, target);
      deliver = value;
      target.onmessage = receive;
      return true;
    },
  });
  guardedTransports.set(proxy, guard);
  return proxy;
}

function withoutBrand(result: unknown): unknown {
  const { _meta, ...rest } = strip(result);
  return isObject(_meta) && Object.keys(_meta).length > 0 ? { ...rest, _meta } : rest;
}

/** Over HTTP without a gate, an in-band proof still names the session of its request. */
function httpOf(extra: unknown): { method: string; sessionId: string } | undefined {
  const headers = objectAt(objectAt(extra, "requestInfo"), "headers");
  const sessionId = headers["mcp-session-id"];
  return typeof sessionId === "string" ? { method: "POST", sessionId } : undefined;
}

/** Whether a transport is one that `attestServerTransport` made with this guard. */
export function isGuardedBy(guard: AttestationGuard, transport: object): boolean {
  return guardedTransports.get(transport) === guard;
}
