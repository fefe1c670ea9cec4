import { encodeBase64url, META_PREFIX } from "@attest/core";
import { BriefMemory } from "./brief-memory.ts";
import { type Exchange, isAbout } from "./exchange.ts";
import { bodyOf, type JsonRpcMessage, objectAt } from "./json-rpc.ts";

/** Where a reference stands: in `_meta`, or in the `data` of an error response. */
const REFERENCE_KEY = `${META_PREFIX}reference`;

/** What each guard's references stand for. */
const references = new WeakMap<object, BriefMemory<Exchange>>();

/**
 * A message's JSON text for a framework that parses it again between the gate and the server, where no object of the
 * guard's making survives (SPEC-4.21). The reference in it is 128 random bits, names nobody, and counts once within five
 * seconds, at the guard that made it, for the very message that was verified.
 */
export function withReference(message: object, exchange: Exchange): string {
  const { guard, message: rpc } = exchange;
  let memory = references.get(guard);
  if (!memory) {
    memory = new BriefMemory();
    references.set(guard, memory);
  }
  const text = encodeBase64url(crypto.getRandomValues(new Uint8Array(16)));
  memory.put(text, exchange);
  const reference = { [REFERENCE_KEY]: text };
  if (rpc.kind === "error") return JSON.stringify({ ...message, error: { ...rpc.error, data: reference } });
  const body = bodyOf(rpc) as object;
  const referring = { ...body, _meta: { ...objectAt(body, "_meta"), ...reference } };
  return JSON.stringify({ ...message, [rpc.kind === "response" ? "result" : "params"]: referring });
}

/** The exchange that a message refers to, once. */
export function redeemReference(guard: object, message: JsonRpcMessage | undefined): Exchange | undefined {
  if (message === undefined) return undefined;
  const place = message.kind === "error" ? objectAt(message.error, "data") : objectAt(bodyOf(message), "_meta");
  const reference = Object.hasOwn(place, REFERENCE_KEY) ? place[REFERENCE_KEY] : undefined;
  if (typeof reference !== "string") return undefined;
  const exchange = references.get(guard)?.take(reference);
  return exchange && isAbout(exchange, message) ? exchange : undefined;
}
