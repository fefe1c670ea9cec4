import { AttestationError } from "@attest/core";

/** The first words of Redis's error replies that tell an operator what is wrong. No other word of it is repeated (O1). */
const KNOWN_WORDS: ReadonlySet<string> = new Set([
  ...["READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "ASK", "TRYAGAIN", "CROSSSLOT"],
  ...["NOREPLICAS", "MISCONF", "NOAUTH", "WRONGPASS", "NOPERM", "WRONGTYPE", "BUSY", "UNBLOCKED", "ERR"],
]);

/** The word that an error reply begins with, if it is a known one. */
export function failureWord(error: unknown): string | undefined {
  const [word] = /^[A-Z]+(?= |$)/.exec(error instanceof Error ? error.message : "") ?? [];
  return word === "OOM" || (word !== undefined && KNOWN_WORDS.has(word)) ? word : undefined;
}

/**
 * What went wrong, typed. The cause is left out: ioredis hangs the command with its arguments, passwords included, on its
 * errors.
 */
export function redisFailure(error: unknown): AttestationError {
  if (error instanceof AttestationError) return error;
  const word = failureWord(error);
  if (word === "OOM") return new AttestationError("ERR_REPLAY_CACHE_FULL", "Redis has no memory for another use (OOM)");
  return redisError(word ? `Redis refused a command (${word})` : "The connection to Redis failed");
}

export function redisError(problem: string): AttestationError {
  return new AttestationError("ERR_REPLAY_CACHE_UNAVAILABLE", problem);
}
