/** What can be wrong with a request, with the status that each is answered with. */
const STATUS = {
  invalid_request: 400,
  unauthenticated: 401,
  not_admitted: 403,
  revoked: 403,
  rule_required: 400,
  evidence_used: 403,
  evidence_for_another_key: 403,
  identity_not_registered: 403,
  audience_required: 400,
  audience_not_registered: 403,
  key_not_accepted: 400,
  challenge_unknown: 400,
  possession_not_proved: 403,
  not_found: 404,
  method_not_allowed: 405,
  too_large: 413,
  too_many_requests: 429,
  unavailable: 503,
} as const;

/** Why an authority refuses a request, as it is sent to the caller. */
export type ProblemCode = keyof typeof STATUS;

/** A request that is refused. Its message is shown to the caller, so it never repeats what the caller sent. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: ProblemCode;
  readonly status: number;
  /** Seconds after which to try again. */
  readonly retryAfter: number | undefined;
  /** For the operator, not sent to the caller. Holds no secret. */
  readonly because: string | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    more: { retryAfter?: number; because?: string; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.code = code;
    this.status = STATUS[code];
    this.retryAfter = more.retryAfter;
    this.because = more.because;
  }
}

/** What every answer of an authority carries. */
export const ANSWER_FIELDS = { "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff" } as const;
