import { ANSWER_FIELDS, type Problem } from "../problem.ts";
import type { AuthorityAnswer } from "./plain.ts";

/**
 * A refusal as problem details (RFC 9457). `error` repeats the code for clients of 0.2.0.
 */
export function problemAnswer({ code, message, status, retryAfter }: Problem): AuthorityAnswer {
  const body = {
    type: `urn:attest:problem:${code}`,
    title: code.replaceAll("_", " "),
    status,
    detail: message,
    error: code,
  };
  const headers = {
    ...ANSWER_FIELDS,
    "Content-Type": "application/problem+json",
    ...(status === 405 && { Allow: "POST" }),
    ...(status === 401 && { "WWW-Authenticate": "Bearer" }),
    ...(retryAfter !== undefined && { "Retry-After": String(retryAfter) }),
  };
  return { status, headers, body: JSON.stringify(body) };
}
