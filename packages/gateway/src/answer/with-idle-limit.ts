/**
 * The pieces of a body, as long as none takes too long to come. Time in which the reader asks for nothing does not count.
 *
 * @param tooLong Called once a piece has not come in time: it must make the body end.
 */
export async function* withIdleLimit(
  body: AsyncIterable<Uint8Array>,
  milliseconds: number,
  tooLong: () => void,
): AsyncGenerator<Uint8Array> {
  let timer = setTimeout(tooLong, milliseconds);
  try {
    for await (const piece of body) {
      clearTimeout(timer);
      yield piece;
      timer = setTimeout(tooLong, milliseconds);
    }
  } finally {
    clearTimeout(timer);
  }
}
