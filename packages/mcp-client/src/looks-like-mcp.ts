import { type FetchInput, isRequest } from "./outgoing-request.ts";

/**
 * Whether a request is one of MCP's: by a field that only MCP has, by the streams that it alone asks for, or by a JSON-RPC
 * body. `MCP-Protocol-Version` is no such field, since the SDKs send it in OAuth discovery too.
 */
export function looksLikeMcp(input: FetchInput, init: RequestInit = {}): boolean {
  const headers = new Headers(init.headers ?? (isRequest(input) ? input.headers : undefined));
  if (headers.has("mcp-session-id") || headers.has("mcp-method")) return true;
  if (headers.get("accept")?.includes("text/event-stream")) return true;
  const { body } = init;
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : body;
  return typeof text === "string" && /"jsonrpc"\s*:\s*"2\.0"/.test(text);
}
