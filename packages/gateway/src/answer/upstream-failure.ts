import type { JsonRpcId } from "@attest/mcp-server/gate";

/** Why the server behind the gateway gave no answer that can be passed on. */
export type FailureReason =
  | "unreachable"
  | "timeout"
  | "redirect"
  | "not-json"
  | "too-large"
  | "status"
  | "broke-off"
  | "no-answer"
  | "streams"
  | "processes"
  | "busy";

/** What is reported to the operator; no part of it is a peer's text. */
export interface UpstreamFailure {
  /** Tells this report from events. */
  readonly type: "upstream-failure";
  /** Why there is no answer, from a closed list, so that it can be a label. */
  readonly reason: FailureReason;
  /** The status that the upstream answered with, if it did. */
  readonly status?: number;
  /** The system's code for what happened, such as `ECONNREFUSED`. */
  readonly code?: string;
}

const MESSAGES: Readonly<Record<FailureReason, string>> = {
  unreachable: "The server behind the gateway cannot be reached",
  timeout: "The server behind the gateway did not answer in time",
  redirect: "The server behind the gateway answered with a redirect",
  "not-json": "The server behind the gateway answered with something that is no JSON-RPC message",
  "too-large": "The answer of the server behind the gateway is larger than allowed",
  status: "The server behind the gateway answered with an error",
  "broke-off": "The answer of the server behind the gateway broke off",
  "no-answer": "The server behind the gateway ended without an answer",
  processes: "The gateway serves as many sessions as it may",
  busy: "The server behind the gateway takes no requests at present",
  streams: "The agent has as many streams open as it may",
};

/** The JSON-RPC error that a request is answered with in the place of its answer. */
export function failureMessage(id: JsonRpcId | null, reason: FailureReason): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32603, message: MESSAGES[reason] } });
}

/** The system's code for an error, if it has one. */
export function systemCode(error: unknown): string | undefined {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const found = typeof code === "string" ? code : cause?.code;
  return typeof found === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(found) ? found : undefined;
}
