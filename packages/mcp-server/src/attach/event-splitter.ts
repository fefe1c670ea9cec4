/** Where the next of either line end is from an offset on, or -1. */
type Search = (end: "\n" | "\r", from: number) => number;

/**
 * Finds where the events of an event stream end, in pieces of any size (HTML Living Standard, §9.2.5): a line ends with
 * CR LF, LF or CR, wherever the stream is cut, and a blank line ends an event. Looks at each byte once.
 */
export class EventSplitter {
  /** Nothing has come on the current line. */
  #lineIsEmpty = true;
  /** The last byte was CR: an LF now is the second half of the same line end. */
  #afterCr = false;

  /**
   * The offsets in this piece at which an event has ended.
   *
   * @param text The same, decoded: where it has a character for each byte it is searched faster.
   */
  push(piece: Uint8Array, text: string): number[] {
    const next: Search =
      text.length === piece.length
        ? (end, from) => text.indexOf(end, from)
        : (end, from) => piece.indexOf(end === "\n" ? 10 : 13, from);
    const ends: number[] = [];
    let nextLf = next("\n", 0);
    let nextCr = next("\r", 0);
    let lineStart = 0;
    if (this.#afterCr && nextLf === 0) {
      lineStart = 1;
      nextLf = next("\n", 1);
    }
    if (piece.length > 0) this.#afterCr = false;
    while (nextLf >= 0 || nextCr >= 0) {
      const isCr = nextCr >= 0 && (nextLf < 0 || nextCr < nextLf);
      const at = isCr ? nextCr : nextLf;
      let after = at + 1;
      if (isCr) {
        // An LF that belongs to this CR goes with it if it is there already.
        if (nextLf === after) nextLf = next("\n", ++after);
        else this.#afterCr = after === piece.length;
        nextCr = next("\r", after);
      } else nextLf = next("\n", after);
      if (at === lineStart && this.#lineIsEmpty) ends.push(after);
      this.#lineIsEmpty = true;
      lineStart = after;
    }
    if (lineStart < piece.length) this.#lineIsEmpty = false;
    return ends;
  }
}

/**
 * The fields of an event, in their order: its data as one text, and every other line as it is.
 *
 * @param isFirst Whether it begins the stream, where a byte-order mark is no part of it.
 */
export function readEvent(
  event: string,
  isFirst: boolean,
): { readonly data: string | undefined; readonly others: readonly string[] } {
  const data: string[] = [];
  const others: string[] = [];
  for (const line of (isFirst ? event.replace(/^\ufeff/, "") : event).split(/\r\n|\r|\n/)) {
    if (line === "data") data.push("");
    else if (line.startsWith("data:")) data.push(line.startsWith("data: ") ? line.slice(6) : line.slice(5));
    else if (line !== "") others.push(line);
  }
  return { data: data.length === 0 ? undefined : data.join("\n"), others };
}
