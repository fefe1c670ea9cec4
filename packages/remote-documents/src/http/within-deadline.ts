import { FetchFailure } from "./fetch-failure.ts";

/** When work is given up. */
export interface Deadline {
  readonly timeoutMs: number;
  /** Gives the work up early. */
  readonly closing: AbortSignal;
}

/**
 * Does some work within a time: one deadline over connection, headers, body and whatever is done with them (J3).
 *
 * @param work Receives a signal that aborts when the work is given up, and when it is done.
 * @throws FetchFailure if it is given up; otherwise what `work` throws.
 */
export async function withinDeadline<R>(
  { timeoutMs, closing }: Deadline,
  work: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const controller = new AbortController();
  let giveUp = (_failure: FetchFailure): void => {};
  // Raced and not only signalled: a `fetch` that was passed in may ignore the signal.
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = setTimeout(() => giveUp(new FetchFailure("timeout", "did not answer in time")), timeoutMs);
  const stop = (): void => giveUp(new FetchFailure("closed", "is no longer asked"));
  closing.addEventListener("abort", stop);
  if (closing.aborted) stop();
  try {
    return await Promise.race([givenUp, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", stop);
    // Ends what was given up, and a body that is no longer wanted.
    controller.abort();
  }
}
