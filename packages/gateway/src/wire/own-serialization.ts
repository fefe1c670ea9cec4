import { isJsonObject } from "@attest/core";
import type { Exchange, JsonRpcMessage } from "@attest/mcp-server/gate";

/**
 * The message that was verified, written again: the members that JSON-RPC has and no other, without anything of this protocol. The
 * bytes that came are never passed on, since another reader might read them differently (G2).
 *
 * @param id Of an error response.
 * @param verified What a server without HTTP fields learns about the agent, for `_meta`.
 * @throws RangeError if it is nested deeper than can be written.
 */
export function ownSerialization({ message }: Pick<Exchange, "message">, id: unknown, verified?: object): string {
  return JSON.stringify(rewritten(message, id, verified));
}

function rewritten(message: JsonRpcMessage, id: unknown, verified: object | undefined): object {
  if (message.kind === "error") return { jsonrpc: "2.0", id, error: message.error };
  if (message.kind === "response")
    return { jsonrpc: "2.0", id: message.id, result: withMeta(message.result, verified) };
  const { method } = message;
  const params = withMeta(message.params, verified);
  const named = message.kind === "request" ? { jsonrpc: "2.0", id: message.id, method } : { jsonrpc: "2.0", method };
  return Object.keys(params).length === 0 ? named : { ...named, params };
}

function withMeta(body: unknown, verified: object | undefined): object {
  const { _meta, ...rest } = isJsonObject(body) ? body : {};
  const meta = { ...(isJsonObject(_meta) ? _meta : {}), ...verified };
  return Object.keys(meta).length === 0 ? rest : { ...rest, _meta: meta };
}
