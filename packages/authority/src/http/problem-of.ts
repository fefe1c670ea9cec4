import { AttestationError } from "@attest/core";
import { Problem } from "../problem.ts";

/** Seconds after which to try again what the authority could not do. */
const RETRY_AFTER = 5;

/**
 * What is sent to a caller about an error. One that is not the caller's is sent as unavailable, and nothing of it is repeated.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = "The authority is temporarily unavailable";
  // A store that is new forgets nothing older than itself: a second later it knows everything.
  const isNew = error instanceof AttestationError && error.code === "ERR_REPLAY_BEFORE_START";
  const because = error instanceof AttestationError ? `${error.code}: ${error.message}` : "An unexpected failure";
  return new Problem("unavailable", message, { retryAfter: isNew ? 1 : RETRY_AFTER, because, cause: error });
}
