import { AttestationError, isJsonObject, type TransportLike } from "@attest/core";
import { finishAnswer } from "../guard/answers.ts";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { GuardDecision } from "../guard/decisions.ts";
import { negotiatedVersion } from "../guard/eras.ts";
import {
  type Exchange,
  exchangeIn,
  isAbout,
  markedMessage,
  STAGE,
  type Stage,
  stripped,
  unmarkedError,
} from "../guard/exchange.ts";
import type { GuardSession } from "../guard/guard-session.ts";
import { bodyOf, classify, isInitialize, type JsonRpcId, type JsonRpcMessage, methodOf } from "../guard/json-rpc.ts";
import { redeemReference } from "../guard/references.ts";
import type { Refused } from "../guard/refusals.ts";
import { warnOnce } from "../warn-once.ts";
import { guardBodiless } from "./guard-bodiless.ts";
import { httpOfExtra } from "./http-of-extra.ts";
import { listeningDemand } from "./neighbours.ts";
import { PendingRequests } from "./pending-requests.ts";
import { refuseDirect } from "./refuse-direct.ts";
import type { Surface } from "./surface.ts";
import { ownTasks, taskProblem } from "./task-owners.ts";
import { WireStreams } from "./wire-streams.ts";

/** Transports that are guarded, each with its guard and how far it brings a message. */
const guardedTransports = new WeakMap<object, { readonly guard: AttestationGuard; readonly stage: Stage }>();

/**
 * Puts the guard between a transport and the server that will connect to it. Messages are verified as they come, side by
 * side, and delivered in the order in which they came. Use it where the wire itself must be guarded, as with
 * `serveStdio(factory, { transport })`; for a server of your own, `attestServer` does it.
 *
 * @returns The transport to connect to. A server that is connected to the given one instead is refused (`ERR_OPTION`).
 * @throws AttestationError `ERR_ALREADY_ATTESTED` if the transport is guarded already.
 */
export function attestServerTransport<T extends TransportLike>(inner: T, guard: AttestationGuard): T {
  if (guardedTransports.has(inner)) throw alreadyGuarded();
  return guardTransport(inner, guard, STAGE.wire);
}

/**
 * A transport for a guarded server to connect to.
 *
 * @throws AttestationError `ERR_ALREADY_ATTESTED` if another guard lets messages through it.
 */
export function guardForServer(transport: TransportLike, guard: AttestationGuard, surface: Surface): TransportLike {
  const known = guardedTransports.get(transport);
  if (known && known.guard !== guard) throw alreadyGuarded();
  return known?.stage === STAGE.server ? transport : guardTransport(transport, guard, STAGE.server, surface);
}

function alreadyGuarded(): AttestationError {
  return new AttestationError(
    "ERR_ALREADY_ATTESTED",
    "The transport is guarded already. Guard each transport once; one guard may guard many transports",
  );
}

/**
 * @param stage How far a message has come when it comes out of this transport.
 * @param surface What the server behind it demands of those who ask about its handlers.
 */
function guardTransport<T extends TransportLike>(
  inner: T,
  guard: AttestationGuard,
  stage: Stage,
  surface?: Surface,
): T {
  const session = guard.createSession();
  const pending = new PendingRequests();
  const streams = new WireStreams(guard, pending);
  let deliver = inner.onmessage;
  let queue: Promise<void> = Promise.resolve();

  const reply = (decision: GuardDecision): void => {
    if (decision.action !== "reply" || !decision.message) return;
    inner.send(decision.message).catch(report);
  };
  const report = (error: unknown): void => inner.onerror?.(error as Error);

  /** Refuses a request that the guard let through, by what only its connection or its server knows. */
  const refuse = (message: object, exchange: Exchange, problem: Refused): void => {
    const { code } = problem;
    exchange.refusal = new AttestationError(code, "The message is not one that this connection or server accepts");
    const decision = guard.refuse(message, problem, session);
    // The id is that of somebody else's request, who would take the answer for theirs.
    const foreign = code === "ERR_REQUEST_ID" && decision.action === "reply" && decision.message;
    reply(foreign ? { ...decision, message: { ...foreign, id: null } } : decision);
  };

  /** Delivers a message, unless it would act on what is another agent's, or the server demands more. */
  const dispatch = (message: object, rpc: JsonRpcMessage, exchange: Exchange, extra: unknown): void | Promise<void> => {
    exchange.stage = stage;
    const settle = (problem: Refused | undefined): void => {
      if (problem) refuse(message, exchange, problem);
      else deliver?.(forServer(message, rpc, exchange), extra);
    };
    const problem = requestProblem(pending, rpc, exchange) ?? taskProblem(guard, rpc, exchange);
    if (problem) return settle(problem);
    if (rpc.kind === "request") streams.begin(rpc.id);
    const demanded = surface ? surface.problem(rpc, exchange) : listeningDemand(guard, rpc, exchange);
    return demanded instanceof Promise
      ? demanded.then((code) => settle(code && { code, demanded: true }))
      : settle(demanded && { code: demanded, demanded: true });
  };

  const act = async (decision: GuardDecision, extra: unknown): Promise<void> => {
    if (decision.action !== "forward") return reply(decision);
    const rpc = classify(decision.message);
    const exchange = exchangeIn(rpc);
    if (rpc && exchange) await dispatch(decision.message as object, rpc, exchange, extra);
    else deliver?.(decision.message, extra);
  };

  const receive = (message: unknown, extra: unknown): void => {
    const rpc = classify(message);
    const marked = exchangeIn(rpc);
    const referred = marked ? undefined : redeemReference(guard, rpc);
    const exchange = marked ?? referred;
    // What a gate or a guarded wire let through goes on at once: over HTTP, an answer that comes late changes its status.
    if (rpc && exchange && exchange.guard === guard && exchange.stage < stage && isAbout(exchange, rpc)) {
      const checked = referred ? remarked(message as object, referred) : (message as object);
      const problem = ownerProblem(session, rpc, exchange, guard);
      if (problem) refuse(checked, exchange, problem);
      else dispatch(checked, rpc, exchange, extra)?.catch(report);
      return;
    }
    const http = httpOfExtra(extra);
    if (http?.ungated) warnOnce("ATTEST_GATE_MISSING", UNGATED);
    const decision = guard.check(message, session, http);
    queue = queue.then(async () => act(await decision, extra)).catch(report);
  };

  /** Ends a stream that was opened for an agent that must not have it. */
  const endStream = (id: JsonRpcId, asked: Exchange, problem: Refused): void => {
    pending.answer(id);
    deliver?.({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
    refuse({ jsonrpc: "2.0", id, method: methodOf(asked.message), params: bodyOf(asked.message) }, asked, problem);
  };
  const sendInStream = async (id: JsonRpcId, message: object, options: unknown): Promise<void> => {
    const passes = streams.mayPass(id, message, (asked, problem) => endStream(id, asked, problem));
    if (passes === true || (await passes)) await inner.send(message, options);
  };

  const send = (message: unknown, options?: unknown): Promise<void> => {
    const stream = WireStreams.of(message);
    if (stream !== undefined) return sendInStream(stream, message as object, options);
    if (!isJsonObject(message) || !("result" in message || "error" in message)) return inner.send(message, options);
    const exchange = pending.answer(message["id"] as JsonRpcId);
    if (isInitialize(exchange?.message)) session.protocolVersion = negotiatedVersion(message);
    const answer = exchange ? ownTasks(guard, exchange, message) : message;
    return inner.send(finishAnswer(guard.answerOptions, exchange, answer), options);
  };

  if (!guardedTransports.has(inner)) guardBodiless(inner, guard, session);
  // A listener that is there already is guarded from now on.
  if (deliver) inner.onmessage = receive;
  const allow = stage === STAGE.wire ? refuseDirect(inner) : () => {};
  let outward: unknown = send;
  /** Takes what is set on the guarded transport; `false` for members that are the transport's own. */
  const take = (name: PropertyKey, value: unknown): boolean => {
    if (name === "send") {
      // Instrumentation replaces `send` by a function that calls the one before it, which is this `send`. To put the
      // transport's own back means no instrumentation, and not to go around the guard.
      outward = value === Reflect.get(inner, "send", inner) ? send : value;
      return true;
    }
    if (name !== "onmessage") return false;
    deliver = value as T["onmessage"];
    allow();
    inner.onmessage = receive;
    return true;
  };
  const proxy = new Proxy(inner, {
    get(target, name) {
      if (name === "onmessage") return deliver;
      if (name === "send") return outward;
      const value: unknown = Reflect.get(target, name, target);
      // Bound to the target, so that classes with #private members work.
      return typeof value === "function" && name !== "constructor" ? value.bind(target) : value;
    },
    set: (target, name, value) => take(name, value) || Reflect.set(target, name, value, target),
    defineProperty: (target, name, descriptor) =>
      ("value" in descriptor && take(name, descriptor.value)) || Reflect.defineProperty(target, name, descriptor),
    getOwnPropertyDescriptor: (target, name) =>
      name === "send"
        ? { value: outward, writable: true, enumerable: Object.hasOwn(target, name), configurable: true }
        : Reflect.getOwnPropertyDescriptor(target, name),
  });
  guardedTransports.set(proxy, { guard, stage });
  return proxy;
}

/** A gate has verified the message; whether it comes from this connection's owner is for the connection to say (M7). */
function ownerProblem(session: GuardSession, rpc: JsonRpcMessage, { finding }: Exchange, guard: AttestationGuard) {
  if (!guard.configuration.enforce) return undefined;
  if (isInitialize(rpc) && !session.isOpen) {
    session.open(finding, guard.verifier.configuration.clock());
    return undefined;
  }
  // Pings come unverified before there is an owner, and the gate has seen to them.
  const verdict = session.judge(finding);
  return "code" in verdict ? verdict : undefined;
}

/** On a connection that several agents share, nobody cancels or takes the place of another agent's request (M12). */
function requestProblem(pending: PendingRequests, rpc: JsonRpcMessage, exchange: Exchange) {
  const cancelled = rpc.kind === "notification" && rpc.method === "notifications/cancelled";
  const free =
    rpc.kind === "request"
      ? pending.begin(rpc.id, exchange)
      : !cancelled || pending.cancel((rpc.params as { requestId: JsonRpcId } | undefined)?.requestId ?? "", exchange);
  return free ? undefined : ({ code: "ERR_REQUEST_ID" } as const);
}

/** What the server gets: no handler reads a mark on a response or an error, and their schemas need not allow one. */
function forServer(message: object, rpc: JsonRpcMessage, exchange: Exchange): object {
  if (rpc.kind === "error") return unmarkedError(message, exchange);
  if (rpc.kind !== "response") return message;
  const { _meta, ...rest } = stripped(rpc.result);
  const result = isJsonObject(_meta) && Object.keys(_meta).length > 0 ? { ...rest, _meta } : rest;
  return { ...message, result };
}

const UNGATED =
  "A message came with credentials in HTTP fields, and no gate has read them. Put attestNodeHandler or attestHandler before " +
  "the transport, with the same guard; if a framework in between parses the message again, give it reparsed: true";

/** A message that a framework parsed again, with the mark in the place of the reference. */
function remarked(message: object, exchange: Exchange): object {
  const { message: rpc } = exchange;
  return rpc.kind === "error" ? unmarkedError(message, exchange) : markedMessage(message, exchange);
}
