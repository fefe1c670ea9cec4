/** A JSON-RPC id, as MCP has them. */
export type JsonRpcId = string | number;

/** One JSON-RPC message, told apart. */
export type JsonRpcMessage =
  | { readonly kind: "request"; readonly id: JsonRpcId; readonly method: string; readonly params: unknown }
  | { readonly kind: "notification"; readonly method: string; readonly params: unknown }
  | { readonly kind: "response"; readonly id: JsonRpcId; readonly result: unknown }
  | { readonly kind: "error" };

/**
 * Tells which one kind of message this is; `undefined` if it is none or could pass for two, which different readers
 * would take differently (M2). Batches are none.
 */
export function classify(message: unknown): JsonRpcMessage | undefined {
  if (!isObject(message) || message["jsonrpc"] !== "2.0") return undefined;
  const { id, method, params, result, error } = message;
  const identified = typeof id === "string" || (typeof id === "number" && Number.isFinite(id));
  const called = Object.hasOwn(message, "method");
  const answered = Object.hasOwn(message, "result");
  const failed = Object.hasOwn(message, "error");
  if (Number(called) + Number(answered) + Number(failed) !== 1) return undefined;
  if (called) {
    if (typeof method !== "string" || (params !== undefined && !isObject(params))) return undefined;
    if (!Object.hasOwn(message, "id")) return { kind: "notification", method, params };
    return identified ? { kind: "request", id, method, params } : undefined;
  }
  if (Object.hasOwn(message, "params")) return undefined;
  if (answered) return identified && isObject(result) ? { kind: "response", id, result } : undefined;
  return isObject(error) ? { kind: "error" } : undefined;
}

/** Whether a message is an `initialize`, which opens a session of the handshake era. */
export function isInitialize(
  message: JsonRpcMessage | undefined,
): message is Extract<JsonRpcMessage, { kind: "request" }> {
  return message?.kind === "request" && message.method === "initialize";
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object member of an object, or an empty object. */
export function objectAt(value: unknown, name: string): Record<string, unknown> {
  const member = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isObject(member) ? member : {};
}
