/** Why a text is not JSON as this protocol takes it. */
type JsonProblem = "json" | "duplicate-member";

/** JSON as read: the value, or the problem. */
export type StrictJson =
  | { readonly value: unknown; readonly problem?: never }
  | { readonly value?: never; readonly problem: JsonProblem };

/** JSON nested deeper than this is refused in tokens. */
const TOKEN_DEPTH = 16;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads UTF-8 bytes as JSON: invalid UTF-8 and a byte-order mark are refused (T12), and all that `parseStrictJson` refuses. */
export function decodeStrictJson(bytes: Uint8Array, maxDepth: number = TOKEN_DEPTH): StrictJson {
  try {
    return parseStrictJson(decoder.decode(bytes), maxDepth);
  } catch {
    return { problem: "json" };
  }
}

/**
 * Reads JSON as RFC 8259 with the limits of I-JSON (RFC 7493): no duplicate members (T10), no unpaired surrogates (T13),
 * bounded depth (T17).
 *
 * The grammar is left to `JSON.parse`. Of duplicate members it keeps the last one silently, so a scan first counts the
 * members that are written, and a walk then counts those that are there.
 */
function parseStrictJson(text: string, maxDepth: number = TOKEN_DEPTH): StrictJson {
  const written = scan(text, maxDepth);
  if (written === undefined) return { problem: "json" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: "json" };
  }
  const kept = countMembers(value, text.includes("\\u"));
  if (kept === undefined) return { problem: "json" };
  return kept === written ? { value } : { problem: "duplicate-member" };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** Counts the colons outside strings, which in valid JSON are the members; `undefined` if it nests too deep. */
function scan(text: string, maxDepth: number): number | undefined {
  let members = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE:
        i = endOfString(text, i);
        break;
      case COLON:
        members++;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > maxDepth) return undefined;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
    }
  }
  return members;
}

/** The index of the quote that ends the string which the quote at `start` begins, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = start; ; ) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return end;
  }
}

/** Counts the members of all objects within a value; `undefined` if a string in it is not well-formed Unicode. */
function countMembers(value: unknown, escaped: boolean): number | undefined {
  // Decoded UTF-8 is well-formed, so that only an escape can bring in half a surrogate pair.
  if (typeof value === "string") return escaped && !value.isWellFormed() ? undefined : 0;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const inner = countMembers(element, escaped);
      if (inner === undefined) return undefined;
      count += inner;
    }
    return count;
  }
  for (const name of Object.keys(value)) {
    if (escaped && !name.isWellFormed()) return undefined;
    const inner = countMembers((value as Record<string, unknown>)[name], escaped);
    if (inner === undefined) return undefined;
    count += 1 + inner;
  }
  return count;
}
