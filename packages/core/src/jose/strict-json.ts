/** Why a text is not JSON as this protocol takes it. */
type JsonProblem = "json" | "duplicate-member";

/** JSON as read: the value, or the problem. */
export type StrictJson =
  | {
      /** What the text says. */
      readonly value: unknown;
      readonly problem?: never;
    }
  | {
      readonly value?: never;
      /** Why it is refused: not JSON within the limits, or a member that is there twice. */
      readonly problem: JsonProblem;
    };

/** JSON nested deeper than this is refused in tokens. */
const TOKEN_DEPTH = 16;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads UTF-8 bytes as JSON: as RFC 8259 with the limits of I-JSON (RFC 7493). Refused are invalid UTF-8 and a byte-order
 * mark (T12), duplicate members (T10), unpaired surrogates (T13), and too deep a nesting (T17). Never throws.
 *
 * @param bytes What was received, in memory that no other thread writes to. @param maxDepth Levels of arrays and objects
 * within each other. Default 16.
 */
export function decodeStrictJson(bytes: Uint8Array, maxDepth: number = TOKEN_DEPTH): StrictJson {
  // Whatever else can be decoded has no length or other elements, and would be scanned as what it is not.
  if (bytes?.BYTES_PER_ELEMENT !== 1) return { problem: "json" };
  // The grammar is left to `JSON.parse`. Of duplicate members it keeps the last one silently, so a scan first counts the
  // members that are written, and a walk then counts those that are there.
  const written = scan(bytes, maxDepth);
  if (written === undefined) return { problem: "json" };
  try {
    const text = decoder.decode(bytes);
    const value: unknown = JSON.parse(text);
    const kept = countMembers(value, text.includes("\\u"));
    if (kept === undefined) return { problem: "json" };
    return kept === written ? { value } : { problem: "duplicate-member" };
  } catch {
    return { problem: "json" };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Counts the colons outside strings, which in valid JSON are the members; `undefined` if it nests too deep.
 *
 * Goes by bytes, since none within a longer UTF-8 sequence looks like ASCII. The methods of strings are as fast, but three
 * times slower in a process where anything has subclassed `String`, as ioredis does.
 */
function scan(bytes: Uint8Array, maxDepth: number): number | undefined {
  const { length } = bytes;
  let members = 0;
  let depth = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      for (i++; i < length && bytes[i] !== QUOTE; i++) {
        if (bytes[i] === BACKSLASH) i++;
      }
    } else if (byte === COLON) {
      members++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return undefined;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    }
  }
  return members;
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
