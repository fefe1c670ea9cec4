import {
  type AttestationErrorData,
  EXTENSION,
  isReason,
  MISSING_EXTENSION,
  type Reason,
  type VerificationPolicy,
} from "@attest/core";

/** What a server said about a refusal. */
export interface RefusalInfo {
  readonly reason: Reason;
  readonly retryable: boolean;
  readonly policy?: VerificationPolicy;
  /** The server's time, Unix seconds, beside `attestation_expired`. */
  readonly serverTime?: number;
}

/** Longest text that is looked at, in characters. */
const MAX_QUOTE = 65_536;
const POLICIES: ReadonlySet<unknown> = new Set<VerificationPolicy>(["required", "preferred", "optional"]);

/**
 * Reads a refusal out of whatever an SDK threw, `McpError`, `ProtocolError` or an HTTP error that quotes the answer's
 * body, or out of a JSON-RPC `error` member.
 *
 * @returns `undefined` if it is about something else.
 */
export function attestationErrorOf(error: unknown): RefusalInfo | undefined {
  return refusalIn(error) ?? refusalIn(quotedIn(error));
}

/** The JSON-RPC error in the body that an HTTP error quotes: v2 keeps it in `data.text`, v1 in its message. */
function quotedIn(error: unknown): unknown {
  if (typeof error !== "object" || error === null) return undefined;
  const { message, data } = error as { message?: unknown; data?: { text?: unknown } };
  const text = typeof data?.text === "string" ? data.text : message;
  if (typeof text !== "string" || text.length > MAX_QUOTE || !text.includes("{")) return undefined;
  try {
    return JSON.parse(text.slice(text.indexOf("{"))).error;
  } catch {
    return undefined;
  }
}

/**
 * Reads a refusal out of a JSON-RPC `error` member alone: its text may quote anybody, and must not make a client repeat
 * what was acted on (M6).
 */
export function refusalIn(error: unknown): RefusalInfo | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, data } = error as {
    code?: unknown;
    data?: Partial<AttestationErrorData> & { requiredCapabilities?: unknown };
  };
  if (typeof data !== "object" || data === null) return undefined;
  const { extension, reason, retryable, policy, serverTime } = data;
  if (extension === EXTENSION && isReason(reason)) {
    return {
      reason,
      retryable: retryable === true,
      ...(POLICIES.has(policy) && { policy: policy as VerificationPolicy }),
      ...(Number.isSafeInteger(serverTime) && { serverTime: serverTime as number }),
    };
  }
  // v2 keeps only this of the refusal.
  const { extensions } = (data.requiredCapabilities ?? {}) as { extensions?: unknown };
  if (code === MISSING_EXTENSION && typeof extensions === "object" && extensions !== null && EXTENSION in extensions) {
    return { reason: "attestation_required", retryable: true };
  }
  return undefined;
}
