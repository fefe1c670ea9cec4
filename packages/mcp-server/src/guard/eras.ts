import { EXTENSION, MCP_CLIENT_CAPABILITIES, MCP_PROTOCOL_VERSION } from "@attest/core";
import { type JsonRpcMessage, objectAt } from "./json-rpc.ts";

/** MCP's `_meta` key by which a client of the stateless era names itself. */
const MCP_CLIENT_INFO = "io.modelcontextprotocol/clientInfo";

/** Whether a request is of the stateless era (MCP 2026-07-28), where each names its protocol version. */
export function isStateless(params: unknown): boolean {
  return typeof objectAt(params, "_meta")[MCP_PROTOCOL_VERSION] === "string";
}

/** Whether a stateless request declares this protocol's extension (SPEC-4.25). */
export function declaresExtension(params: unknown): boolean {
  const capabilities = objectAt(objectAt(params, "_meta"), MCP_CLIENT_CAPABILITIES);
  return Object.hasOwn(objectAt(capabilities, "extensions"), EXTENSION);
}

/** What a client calls itself, where a message says so: at `initialize`, and in each stateless request. */
export function clientNameIn(message: JsonRpcMessage | undefined): string | undefined {
  if (message?.kind !== "request") return undefined;
  const { params } = message;
  const info =
    message.method === "initialize"
      ? objectAt(params, "clientInfo")
      : objectAt(objectAt(params, "_meta"), MCP_CLIENT_INFO);
  const { name } = info;
  return typeof name === "string" ? name : undefined;
}

/** The version of MCP that the answer to an `initialize` names. */
export function negotiatedVersion(answer: unknown): string | undefined {
  const { protocolVersion } = objectAt(answer, "result");
  return typeof protocolVersion === "string" ? protocolVersion : undefined;
}
