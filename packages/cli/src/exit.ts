/** What a command's exit status says. */
export const EXIT = {
  /** It did what was asked, and the answer is a good one. */
  good: 0,
  /** It did what was asked, and the answer is a bad one: refused, breached, malformed. */
  refused: 1,
  /** It could not do what was asked: wrong usage, a file that cannot be read, a key that is not usable. */
  usage: 2,
} as const;

/** What the user can put right: told without a stack, with status 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a command was to judge is malformed, so that there is no other answer: told without a stack, with status 1. */
export class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** Notes that the answer is a bad one; the command goes on to say why. */
export function answerIsBad(): void {
  process.exitCode = EXIT.refused;
}
