/** What is to happen when a signal is aborted, by one listener for each signal: Node warns of more than ten. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** The promise's outcome, or a rejection with the signal's reason as soon as that is aborted. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  const stops = stopsOf(signal);
  // By hand: a race makes several promises for each that it is given.
  return new Promise((resolve, reject) => {
    const once =
      <O>(settle: (outcome: O) => void) =>
      (outcome: O) => {
        stops.delete(stop);
        settle(outcome);
      };
    const fail = once(reject);
    const stop = () => fail(signal.reason);
    stops.add(stop);
    if (signal.aborted) stop();
    // What a source of plain JavaScript returns may be no promise.
    Promise.resolve(promise).then(once(resolve), fail);
  });
}

function stopsOf(signal: AbortSignal): Set<() => void> {
  const known = waiting.get(signal);
  if (known) return known;
  const stops = new Set<() => void>();
  waiting.set(signal, stops);
  const stopAll = () => {
    for (const stop of stops) stop();
  };
  signal.addEventListener("abort", stopAll, { once: true });
  return stops;
}
