/**
 * Reads a stream of bytes to its end, unless it is longer than that: then the rest is cancelled, unread (T17).
 *
 * @param body The body of a request or a response. None is an empty one.
 * @param maxBytes The most bytes that are taken.
 * @param signal Ends the reading.
 * @returns `undefined` if the stream is longer.
 * @throws What the stream fails with; the signal's reason.
 */
export async function readAtMost(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const reader = body?.getReader();
  // Not awaited: cancelling an endless stream may never end either.
  const stop = () => void reader?.cancel().catch(() => {});
  signal?.addEventListener("abort", stop, { once: true });
  // A `fetch` that ignores the signal may answer after the work was given up.
  if (signal?.aborted) stop();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done = true, value } = (await reader?.read()) ?? {};
      if (done || value === undefined) break;
      length += value.byteLength;
      if (length > maxBytes) {
        stop();
        return undefined;
      }
      chunks.push(value);
    }
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  // A reader that was cancelled says "done", of a body that is not whole.
  signal?.throwIfAborted();
  return concat(chunks, length);
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
