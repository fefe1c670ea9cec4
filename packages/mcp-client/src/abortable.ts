/** What is to happen when a signal is aborted, by one listener for each signal: Node warns of more than ten. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** The promise's outcome, or a rejection with the signal's reason as soon as that is aborted. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return promise;
  const stops = stopsOf(signal);
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  if (signal.aborted) stop();
  stops.add(stop);
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    stops.delete(stop);
  }
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
