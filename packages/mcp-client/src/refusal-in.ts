import {
  type Advice,
  type AttestationErrorData,
  EXTENSION,
  isReason,
  MISSING_EXTENSION,
  POLICIES,
  type Reason,
  type VerificationPolicy,
} from "@attest/core";

/** What a server said about a refusal. */
export interface RefusalInfo {
  /** Why the server refused. Decide by this. */
  readonly reason: Reason;
  /** Whether the same request can succeed with new credentials, now or a little later. */
  readonly retryable: boolean;
  /** What the server demands of all requests. */
  readonly policy?: VerificationPolicy;
  /** What the refusal brings back for the agent to act on, such as the server's time. */
  readonly advice?: Advice;
}

/**
 * Reads a refusal out of a JSON-RPC `error` member, and out of nothing else: a text in it may quote anybody, and must not
 * make a client send again what was acted on (M6).
 *
 * @returns `undefined` if the error is about something else.
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
      ...(POLICIES.includes(policy as VerificationPolicy) && { policy: policy as VerificationPolicy }),
      ...(Number.isSafeInteger(serverTime) && { advice: { serverTime: serverTime as number } }),
    };
  }
  // v2 keeps only this of the refusal.
  const { extensions } = (data.requiredCapabilities ?? {}) as { extensions?: unknown };
  if (code === MISSING_EXTENSION && typeof extensions === "object" && extensions !== null && EXTENSION in extensions) {
    return { reason: "attestation_required", retryable: true };
  }
  return undefined;
}
