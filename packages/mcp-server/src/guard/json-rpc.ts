import { isJsonObject } from "@attest/core";
/** A JSON-RPC id, as MCP has them. */
export type JsonRpcId = string | number;

/** One JSON-RPC message, told apart. */
export type JsonRpcMessage =
  | { readonly kind: "request"; readonly id: JsonRpcId; readonly method: string; readonly params: unknown }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly result: unknown }
  | { readonly kind: "error"; readonly error: Record<string, unknown> };

/**
 * Tells which one kind of message this is. Returns `undefined` for anything that is not a message or could pass for two,
 * because different readers would take it differently (M2). A batch is not a message.
 */
export function classify(message: unknown): JsonRpcMessage | undefined {
  if (!isJsonObject(message) || message["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params, result, error } = message;
  const identified = typeof id === "string" || (typeof id === "number" && Number.isFinite(id));
  const called = Object.hasOwn(message, "method");
  const answered = Object.hasOwn(message, "result");
  const failed = Object.hasOwn(message, "error");
  if (Number(called) + Number(answered) + Number(failed) !== 1) return undefined;
  if (called) {
    if (typeof method !== "string" || (params !== undefined && !isJsonObject(params))) return undefined;
    if (!Object.hasOwn(message, "id")) return { kind: "notification", method, params };
    return identified ? { kind: "request", id, method, params } : undefined;
  }
  if (Object.hasOwn(message, "params")) return undefined;
  if (answered) return identified && isJsonObject(result) ? { kind: "response", id, result } : undefined;
  return isJsonObject(error) ? { kind: "error", error } : undefined;
}

/** Whether a message is an `initialize`, which opens a session of the handshake era. */
export function isInitialize(
  message: JsonRpcMessage | undefined,
): message is Extract<JsonRpcMessage, { kind: "request" }> {
  return message?.kind === "request" && message.method === "initialize";
}

/**
 * The id that an answer can repeat: a number beyond 2^53 was rounded when it was parsed, and an answer under the rounded
 * id would be the answer to a request that nobody sent.
 */
export function answerableId(id: JsonRpcId): JsonRpcId | null {
  return typeof id === "string" || Math.abs(id) <= Number.MAX_SAFE_INTEGER ? id : null;
}

/** The method of a request or notification. */
export function methodOf(message: JsonRpcMessage | undefined): string | undefined {
  return message && "method" in message ? message.method : undefined;
}

/** The part of a message that has a `_meta`: `params` or `result`. */
export function bodyOf(message: JsonRpcMessage | undefined): unknown {
  if (message === undefined || message.kind === "error") return undefined;
  return message.kind === "response" ? message.result : message.params;
}

/**
 * What a message is about: the name of a tool or prompt, or the URI of a resource. It is the peer's word: for demands that
 * are judged on it, and for logs, never for labels.
 */
export function targetOf(message: JsonRpcMessage | undefined): string | undefined {
  const { name, uri, ref } = (bodyOf(message) as { name?: unknown; uri?: unknown; ref?: unknown } & object) ?? {};
  const { name: refName, uri: refUri } = isJsonObject(ref) ? ref : {};
  return [name, uri, refName, refUri].find((target) => typeof target === "string");
}

/** An object member of an object, or an empty object. */
export function objectAt(value: unknown, name: string): Record<string, unknown> {
  const member = isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isJsonObject(member) ? member : {};
}

/** Whether two JSON values are equal, in whatever order their members are. Values nested too deep to compare are not. */
export function isSameJson(a: unknown, b: unknown, levels = 64): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || levels === 0) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && isSameJson(at(a, name), at(b, name), levels - 1))
  );
}

function at(value: object, name: string): unknown {
  return (value as Record<string, unknown>)[name];
}
