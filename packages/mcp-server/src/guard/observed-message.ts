import { MCP_PROTOCOL_VERSION, type ObservedMessage } from "@attest/core";
import type { HttpRequest } from "./carriers.ts";
import { bodyOf, type JsonRpcMessage, methodOf, objectAt, targetOf } from "./json-rpc.ts";
import { tellable } from "./tellable.ts";

/** A version as MCP writes them: a date, or a word such as `DRAFT-2026-v1`. */
const VERSION = /^[\w.-]{1,32}$/;

/**
 * What observers learn of a message while it is verified.
 *
 * @param message `undefined` for an HTTP request without one.
 * @param http What the HTTP request brought, where there was one.
 * @param negotiated The version of MCP that the session was opened with, for messages that name none.
 */
export function observedMessage(
  message: JsonRpcMessage | undefined,
  http: HttpRequest | undefined,
  negotiated: string | undefined,
): ObservedMessage {
  const method = tellable(methodOf(message), 64);
  const target = tellable(message?.kind === "request" ? targetOf(message) : undefined);
  const id = tellable(message && "id" in message ? String(message.id) : undefined);
  const named = http?.protocolVersion ?? objectAt(bodyOf(message), "_meta")[MCP_PROTOCOL_VERSION] ?? negotiated;
  return {
    ...(method !== undefined && { method }),
    ...(target !== undefined && { target }),
    ...(id !== undefined && { id }),
    ...(typeof named === "string" && VERSION.test(named) && { protocolVersion: named }),
    transport: http ? "tcp" : "pipe",
  };
}
