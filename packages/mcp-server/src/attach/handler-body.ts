import { META_PREFIX } from "@attest/core";
import type { Exchange } from "../guard/exchange.ts";
import { withReference } from "../guard/references.ts";

const decoder = new TextDecoder();

/**
 * The body that a handler finds when it reads a request that was let through: the bytes that were sent, or without the
 * credentials that they held; with a reference where a framework parses it again.
 */
export function handlerBody(
  sent: Uint8Array,
  message: unknown,
  exchange: Exchange | undefined,
  reparsed: boolean,
): Uint8Array | string {
  if (exchange && reparsed) return withReference(message as object, exchange);
  return exchange && mayHoldOwnKeys(sent) ? JSON.stringify(message) : sent;
}

/** Whether JSON can have a key of this protocol in it. Escapes can spell anything. */
function mayHoldOwnKeys(body: Uint8Array): boolean {
  const text = decoder.decode(body);
  return text.includes(META_PREFIX) || text.includes("\\u") || text.includes("\\/");
}
