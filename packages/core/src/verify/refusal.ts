import type { AttestationErrorCode } from "../errors.ts";

/** Why a check did not pass. The message names the rule, and repeats nothing of what the peer sent. */
export interface Refusal {
  readonly code: AttestationErrorCode;
  readonly message: string;
}

export function refusal(code: AttestationErrorCode, message: string): Refusal {
  return { code, message };
}
