import {
  type AbsentResult,
  type AttestationContext,
  type AttestationError,
  isJsonObject,
  META_PREFIX,
  type Observer,
  type TicketGrant,
  type UnassessedResult,
} from "@attest/core";
import { bodyOf, isSameJson, type JsonRpcId, type JsonRpcMessage, methodOf, objectAt } from "./json-rpc.ts";

/** Where in `_meta` the guard puts its mark. Only marks that it made itself count there (M3). */
const MARK_KEY = `${META_PREFIX}context`;

/** What the guard knows of a message that it let through. */
export type Finding = AttestationContext | AbsentResult | UnassessedResult;

/**
 * How far a message has come: through a gate, through a guarded wire, to a guarded server. A mark is taken once at each
 * of these, in this order, so that a handler that passes its message on opens no second door (M9).
 */
export const STAGE = { gate: 0, wire: 1, server: 2 } as const;
export type Stage = (typeof STAGE)[keyof typeof STAGE];

/** One message on its way through a server. */
export interface Exchange {
  /** Who the guard found to be calling. */
  readonly finding: Finding;
  /** What the guard verified, without any key of this protocol. The mark is for this message and no other. */
  readonly message: JsonRpcMessage;
  /** Whether it came in the stateless form of MCP 2026-07-28. */
  readonly stateless: boolean;
  /** The guard that let it through: a mark of another guard does not count. */
  readonly guard: object;
  /** Notified of handlers' demands; `undefined` where nobody is. */
  readonly observer: Observer | undefined;
  /** The ticket that goes with the result, where the message carried its credentials itself and asked for one. */
  readonly ticket: TicketGrant | undefined;
  /** Has the guard demand a signature for messages such as this one from now on. */
  demandSignature(): void;
  /** How far the message has come. */
  stage: Stage;
  /** A handler's refusal, which the answer must become: SDKs turn what a tool throws into a text (M8). */
  refusal?: AttestationError;
}

/** A mark shows nothing and is left out of JSON: a handler that serializes its parameters tells nobody who called. */
class Mark {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    Object.freeze(this);
  }

  static exchangeOf(value: object): Exchange | undefined {
    return #exchange in value ? value.#exchange : undefined;
  }

  toJSON(): undefined {
    return undefined;
  }
}

const MARKS = Symbol.for("@attest/mcp-server/marks/2");
const shared = globalThis as { [MARKS]?: { readonly Mark: typeof Mark; readonly errors: WeakMap<object, Exchange> } };
/**
 * What marks are in this process, also for another copy of this package: bundlers make copies, and a tool in one must find
 * what the gate in another marked. Nothing that came over the wire can pass for one.
 */
shared[MARKS] ??= { Mark, errors: new WeakMap() };
const marks = shared[MARKS];

/** A copy of a request, a notification or a result that carries a mark, and no other key of this protocol. */
export function markedMessage(message: object, exchange: Exchange): object {
  const { message: about } = exchange;
  if (about.kind === "error") return markedError(message, about.error, exchange);
  const body = withMeta(bodyOf(about), { [MARK_KEY]: new marks.Mark(exchange) });
  return about.kind === "response" ? { ...message, result: body } : { ...message, params: body };
}

/** A message as it was classified, without any key of this protocol. @param body Its `params` or `result`. */
export function strippedMessage(message: JsonRpcMessage, body: unknown): JsonRpcMessage {
  if (message.kind === "error") return message;
  return message.kind === "response" ? { ...message, result: stripped(body) } : { ...message, params: stripped(body) };
}

/** A copy of `params` or `result` without any key of this protocol in its `_meta`. */
export function stripped(body: unknown): Record<string, unknown> {
  return withMeta(body, {});
}

/**
 * A copy of an error response that carries a mark. Schemas admit no other place for it than `data`, so a copy of the data
 * is the mark; a text or a number there gives way to one until a guarded server has read it.
 */
function markedError(message: object, error: Record<string, unknown>, exchange: Exchange): object {
  const { data } = error;
  const mark = Object.freeze(Array.isArray(data) ? [...data] : isJsonObject(data) ? { ...data } : {});
  marks.errors.set(mark, exchange);
  return { ...message, error: { ...error, data: mark } };
}

/** A marked error response as it was before. */
export function unmarkedError(message: object, { message: original }: Exchange): object {
  return original.kind === "error" ? { ...message, error: original.error } : message;
}

/** The exchange whose mark a message carries. */
export function exchangeIn(message: JsonRpcMessage | undefined): Exchange | undefined {
  if (message?.kind !== "error") return exchangeOf(objectAt(bodyOf(message), "_meta"));
  return marks.errors.get(message.error["data"] as object);
}

/** The exchange whose mark a `_meta` carries. */
export function exchangeOf(meta: unknown): Exchange | undefined {
  const mark = isJsonObject(meta) && Object.hasOwn(meta, MARK_KEY) ? meta[MARK_KEY] : undefined;
  return isJsonObject(mark) ? marks.Mark.exchangeOf(mark) : undefined;
}

/** The verified agent whose mark a `_meta` carries. */
export function contextOf(meta: unknown): AttestationContext | undefined {
  const finding = exchangeOf(meta)?.finding;
  return finding?.verified ? finding : undefined;
}

/** Whether a message is the one that an exchange is about: kind, id, method and content. */
export function isAbout(exchange: Exchange, message: JsonRpcMessage): boolean {
  const own = exchange.message;
  if (own.kind !== message.kind || methodOf(own) !== methodOf(message) || idOf(own) !== idOf(message)) return false;
  if (own.kind === "error" || message.kind === "error") return true;
  return isSameJson(withoutEmptyMeta(bodyOf(own)), withoutEmptyMeta(stripped(bodyOf(message))));
}

/** Whether two findings are of one agent. Agents that were not verified cannot be told apart. */
export function isSameAgent(a: Finding, b: Finding): boolean {
  if (!a.verified || !b.verified) return a.verified === b.verified;
  return a.issuer === b.issuer && a.subject === b.subject && a.keyThumbprint === b.keyThumbprint;
}

function idOf(message: JsonRpcMessage): JsonRpcId | undefined {
  return "id" in message ? message.id : undefined;
}

function withoutEmptyMeta(body: unknown): unknown {
  if (!isJsonObject(body)) return {};
  const { _meta, ...rest } = body;
  return isJsonObject(_meta) && Object.keys(_meta).length > 0 ? body : rest;
}

function withMeta(body: unknown, added: object): Record<string, unknown> {
  const kept = Object.entries(objectAt(body, "_meta")).filter(([name]) => !name.startsWith(META_PREFIX));
  // Object.fromEntries defines members, so that `__proto__` stays a name.
  const _meta = kept.length === 0 ? added : { ...Object.fromEntries(kept), ...added };
  // To add a member to a copy costs V8 fifty times as much as to make the copy with it.
  return isJsonObject(body) ? Object.assign({ _meta, ...body }, { _meta }) : { _meta };
}
