import { AttestationError } from "@attest/core";
import type { JsonRpcId } from "@attest/mcp-server/gate";
import { systemCode } from "../answer/upstream-failure.ts";

/** A JSON-RPC error for the host in the place of an answer, which says who failed: authority or server. */
export function trouble(id: JsonRpcId, message: string): object {
  return { jsonrpc: "2.0", id, error: { code: -32603, message } };
}

/** What went wrong where a request was not answered at all. */
export function troubleOf(error: unknown): string {
  if (error instanceof AttestationError) return `attest: ${error.message}`;
  const code = systemCode(error);
  return `attest: the server cannot be reached${code === undefined ? "" : ` (${code})`}`;
}

/** What an answer means that holds no message. */
export function troubleOfStatus(status: number): string {
  if (status === 401)
    return "attest: the server demands that the user logs in (OAuth): connect the host to it over HTTP";
  if (status === 403) return "attest: the server refused this agent (403)";
  if (status === 404) return "attest: the server has nothing at this address (404)";
  if (status >= 300 && status < 400) return `attest: the server redirects (${status}), which credentials do not follow`;
  return `attest: the server answered with status ${status} and no message`;
}
