import { isJsonObject, META_PREFIX, NAMESPACE } from "@attest/core";

type Json = Record<string, unknown>;

/**
 * A message without this protocol's own `_meta` keys in `params` and `result`: they are for the client, and a host could
 * show them to a model or write them into a log. `_meta` is left out if nothing else was in it.
 *
 * @returns The message itself if it has none. What was received is never changed.
 */
export function withoutOwnMeta<T>(message: T): T {
  if (Array.isArray(message)) return message.map((one) => withoutOwnMeta(one)) as T;
  if (!isJsonObject(message)) return message;
  const params = stripped(message["params"]);
  const result = stripped(message["result"]);
  if (!params && !result) return message;
  return { ...message, ...(params && { params }), ...(result && { result }) };
}

/** Whether a JSON text could have such a key: written plainly, or with an escape for one of its characters. */
export function mayHoldOwnMeta(json: string): boolean {
  return json.includes(NAMESPACE) || json.includes("\\u00");
}

/** `undefined` if there is nothing to remove. */
function stripped(body: unknown): Json | undefined {
  if (!isJsonObject(body) || !isJsonObject(body["_meta"])) return undefined;
  const names = Object.keys(body["_meta"]);
  const foreign = names.filter((name) => !name.startsWith(META_PREFIX));
  if (foreign.length === names.length) return undefined;
  const { _meta, ...rest } = body as { _meta: Json };
  if (foreign.length === 0) return rest;
  // Object.fromEntries defines members, so that `__proto__` stays a name.
  return { ...body, _meta: Object.fromEntries(foreign.map((name) => [name, _meta[name]])) };
}
