/** The end of an event: that of a line, and an empty line (WHATWG HTML §9.2.6). A `\r` at the end may be half of one. */
const EVENT_END = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r)/g;
/** A line with its end. */
const LINE = /[^\r\n]*(?:\r\n|\n|\r|$)/g;

/**
 * Rewrites the data of an event stream that comes in pieces. It holds back no more than the event that is not complete,
 * and looks at each piece once.
 */
export class EventRewrite {
  readonly #rewrite: (data: string) => string;
  readonly #concerns: (events: string) => boolean;
  #parts: string[] = [];
  /** The end of what is held back, in which the end of an event may have begun. */
  #edge = "";

  /**
   * @param rewrite Gets the data of an event and returns what is to take its place. @param concerns Whether some of these
   * events could need it; otherwise they pass unchanged.
   */
  constructor(rewrite: (data: string) => string, concerns: (events: string) => boolean) {
    this.#rewrite = rewrite;
    this.#concerns = concerns;
  }

  /** Takes a piece of the stream. @returns All events that are complete with it. */
  push(text: string): string {
    const window = this.#edge + text;
    let end = 0;
    for (const match of window.matchAll(EVENT_END)) end = match.index + match[0].length;
    const cut = end - this.#edge.length;
    if (cut <= 0) {
      this.#parts.push(text);
      this.#edge = window.slice(-3);
      return "";
    }
    const complete = this.#parts.join("") + text.slice(0, cut);
    const rest = text.slice(cut);
    this.#parts = [rest];
    this.#edge = rest.slice(-3);
    return this.#events(complete);
  }

  /** Ends the stream. @returns What was held back. */
  end(): string {
    return this.#events(this.#parts.join(""));
  }

  #events(text: string): string {
    if (!this.#concerns(text)) return text;
    let event: string[] = [];
    let rewritten = "";
    for (const [line] of text.matchAll(LINE)) {
      event.push(line);
      if (!/^(?:[\r\n]|$)/.test(line)) continue;
      rewritten += this.#event(event);
      event = [];
    }
    return rewritten;
  }

  /** The lines of one event. The order of its fields means nothing, save among those of its data. */
  #event(lines: readonly string[]): string {
    const data = lines.filter(isData).map((line) => line.replace(/^data(?:: ?)?/, "").replace(/[\r\n]+$/, ""));
    const text = data.join("\n");
    const rewritten = this.#rewrite(text);
    if (rewritten === text) return lines.join("");
    return `data: ${rewritten}\n${lines.filter((line) => !isData(line)).join("")}`;
  }
}

function isData(line: string): boolean {
  return /^data(?::|[\r\n]|$)/.test(line);
}
