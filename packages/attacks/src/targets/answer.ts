import type { AttestationErrorCode, Reason } from "@attest/core";

/** What a target answered to one exchange. */
export interface Answer {
  /**
   * `served`: a result, or the acceptance of a message that has none. `refused`: an error of JSON-RPC or HTTP. `lost`: no
   * answer: the connection ended, or the time ran out.
   */
  readonly outcome: "served" | "refused" | "lost";
  /** With `lost`: the server's process did not survive the exchange. */
  readonly ended?: boolean;
  /** HTTP status. */
  readonly status?: number;
  /** The attestation reason, where there is one. */
  readonly reason?: Reason;
  /** The precise code, which only a verifier in process tells. */
  readonly code?: AttestationErrorCode;
  /** The number of a JSON-RPC error. */
  readonly errorNumber?: number;
  /** Whether the target said that it verified the agent; absent where it says nothing of it. */
  readonly verified?: boolean;
  /** The highest trust level that the target said it gives the agent; absent where it says nothing of it. */
  readonly trustLevel?: string;
  /** The ticket that came with the answer, as it is on the wire: of any form. */
  readonly grant?: unknown;
  /** The `Mcp-Session-Id` that was assigned. */
  readonly sessionId?: string;
  /** The JSON-RPC message that came back. */
  readonly message?: Readonly<Record<string, unknown>>;
  /** Everything that came back, as text. */
  readonly text: string;
}
