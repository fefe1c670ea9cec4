import { NAMESPACE } from "@attest/core";

/** Whether JSON text can name this protocol; most cannot, and need not be parsed. Escapes can spell anything. */
export function mayNameProtocol(json: string): boolean {
  return json.includes(NAMESPACE) || json.includes("\\u");
}

/** Finds out whether JSON can name this protocol as it comes, in pieces of any size. */
export class NameFinder {
  #found = false;
  /** The end of the last piece: what is looked for may begin in it. */
  #tail = "";

  push(text: string): void {
    if (this.#found) return;
    this.#found = mayNameProtocol(text) || (this.#tail !== "" && mayNameProtocol(this.#tail + text.slice(0, LONGEST)));
    this.#tail = text.length < LONGEST ? (this.#tail + text).slice(-LONGEST) : text.slice(-LONGEST);
  }

  /** Whether it was found since the last call. */
  end(): boolean {
    const found = this.#found;
    this.#found = false;
    this.#tail = "";
    return found;
  }
}

const LONGEST = NAMESPACE.length;
