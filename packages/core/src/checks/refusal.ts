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

/** Names as a message shows them: quoted, and no more than `SHOWN` characters. What is not printable ASCII is not shown. */
export function shown(names: unknown): string {
  let text = "";
  for (const name of isList(names) ? names : [names]) {
    if (typeof name !== "string" || !/^[\x20-\x7e]+$/.test(name)) return "(not a text of printable ASCII)";
    text += `${text && ", "}${JSON.stringify(name)}`;
    if (text.length > SHOWN) return `${text.slice(0, SHOWN - 1)}…`;
  }
  return text;
}

function isList(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
