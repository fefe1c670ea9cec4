/** What can be wrong with a request, as it is reported to the caller. */
export type ProblemCode =
  | "invalid_request"
  | "unauthenticated"
  | "identity_not_registered"
  | "audience_required"
  | "audience_not_registered"
  | "key_not_accepted"
  | "challenge_unknown"
  | "possession_not_proved"
  | "too_large"
  | "too_many_requests"
  | "unavailable";

const STATUS = {
  invalid_request: 400,
  unauthenticated: 401,
  identity_not_registered: 403,
  audience_required: 400,
  audience_not_registered: 403,
  key_not_accepted: 400,
  challenge_unknown: 400,
  possession_not_proved: 403,
  too_large: 413,
  too_many_requests: 429,
  unavailable: 503,
} as const;

/** A request that is refused. Its message is shown to the caller, so it never repeats what the caller sent. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly status: (typeof STATUS)[ProblemCode];
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, message: string, retryAfter?: number) {
    super(message);
    this.name = "Problem";
    this.code = code;
    this.status = STATUS[code];
    this.retryAfter = retryAfter;
  }
}
