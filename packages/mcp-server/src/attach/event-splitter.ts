/**
 * Cuts the text of an event stream into whole events, each with the blank line that ends it (HTML Living Standard, §9.2.5:
 * a line ends with CR LF, LF or CR, wherever the pieces of the stream are cut). Looks at each character once.
 */
export class EventSplitter {
  #pieces: string[] = [];
  #length = 0;
  /** Nothing has come on the current line. */
  #lineIsEmpty = true;
  /** The last character was CR: an LF now is the second half of the same line end. */
  #afterCr = false;

  /** Characters of the event that has not ended yet. */
  get pending(): number {
    return this.#length;
  }

  /** Takes a piece of the stream and returns the events that end in it. */
  push(text: string): string[] {
    const events: string[] = [];
    const lineEnd = /[\r\n]/g;
    let from = 0;
    let lineStart = 0;
    for (let match = lineEnd.exec(text); match; match = lineEnd.exec(text)) {
      const { index } = match;
      if (index > lineStart) this.#lineIsEmpty = false;
      else if (this.#afterCr && text[index] === "\n") {
        this.#afterCr = false;
        lineStart = index + 1;
        continue;
      }
      this.#afterCr = text[index] === "\r";
      lineStart = index + 1;
      if (!this.#lineIsEmpty) {
        this.#lineIsEmpty = true;
        continue;
      }
      // A blank line ends the event. An LF that belongs to its CR goes with it if it is there already.
      const end = this.#afterCr && text[lineStart] === "\n" ? lineStart + 1 : lineStart;
      events.push(this.#take(text.slice(from, end)));
      from = end;
    }
    if (lineStart < text.length) {
      this.#lineIsEmpty = false;
      this.#afterCr = false;
    }
    if (from < text.length) {
      this.#pieces.push(text.slice(from));
      this.#length += text.length - from;
    }
    return events;
  }

  /** What came after the last whole event. */
  end(): string {
    return this.#take("");
  }

  #take(last: string): string {
    this.#pieces.push(last);
    const event = this.#pieces.join("");
    this.#pieces = [];
    this.#length = 0;
    return event;
  }
}

/** The fields of an event, in their order: its data as one text, and every other line as it is. */
export function readEvent(event: string): { readonly data: string | undefined; readonly others: readonly string[] } {
  const data: string[] = [];
  const others: string[] = [];
  for (const line of event.split(/\r\n|\r|\n/)) {
    if (line === "data") data.push("");
    else if (line.startsWith("data:")) data.push(line.startsWith("data: ") ? line.slice(6) : line.slice(5));
    else if (line !== "") others.push(line);
  }
  return { data: data.length === 0 ? undefined : data.join("\n"), others };
}
