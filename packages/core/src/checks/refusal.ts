import type { AttestationErrorCode } from "../errors.ts";

/**
 * Why a check did not pass. The message is for the server's operator and names the rule; where a name does not match, it
 * shows the name that was found and those that are configured. It never goes to a peer, into an event or into a metric.
 */
export class Refusal {
  readonly code: AttestationErrorCode;
  readonly message: string;

  constructor(code: AttestationErrorCode, message: string) {
    this.code = code;
    this.message = message;
  }
}

export function refusal(code: AttestationErrorCode, message: string): Refusal {
  return new Refusal(code, message);
}

/** Characters of names that a message shows, at most. */
const SHOWN = 200;

/** Printable ASCII in which nothing needs an escape. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;

/** Names as a message shows them: quoted, and no more than `SHOWN` characters. What is not printable ASCII is not shown. */
export function shown(names: unknown): string {
  if (typeof names === "string") return cut(quoted(names));
  if (!isList(names)) return UNSHOWN;
  let text = "";
  for (const name of names) {
    const word = typeof name === "string" ? quoted(name) : UNSHOWN;
    if (word === UNSHOWN) return UNSHOWN;
    text = text === "" ? word : `${text}, ${word}`;
    if (text.length > SHOWN) break;
  }
  return cut(text);
}

const UNSHOWN = "(not a text of printable ASCII)";

function quoted(name: string): string {
  if (PLAIN.test(name)) return `"${name}"`;
  return /^[\x20-\x7e]+$/.test(name) ? JSON.stringify(name) : UNSHOWN;
}

function cut(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
