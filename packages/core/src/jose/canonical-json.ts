/** Values nested deeper than this have no canonical form here. */
const MAX_DEPTH = 64;

/**
 * The RFC 8785 form of a JSON value: members sorted by UTF-16 code units, numbers as ECMAScript writes them, no space.
 * Members whose value is `undefined` are left out, as `JSON.stringify` does; `__proto__` is a name like any other.
 *
 * @returns The text, or `undefined` if the value has no such form: not JSON, a number that is not finite, an unpaired
 * surrogate, deeper than 64 levels.
 */
export function canonicalJson(value: unknown): string | undefined {
  return write(value, 0);
}

function write(value: unknown, depth: number): string | undefined {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      return Number.isFinite(value) ? String(value) : undefined;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= MAX_DEPTH) return undefined;
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
    default:
      return undefined;
  }
}

function writeArray(array: readonly unknown[], depth: number): string | undefined {
  let text = "[";
  for (let i = 0; i < array.length; i++) {
    const element = write(array[i], depth);
    if (element === undefined) return undefined;
    text += i === 0 ? element : `,${element}`;
  }
  return `${text}]`;
}

function writeObject(object: object, depth: number): string | undefined {
  const prototype: unknown = Object.getPrototypeOf(object);
  // Only plain data: what a class instance would be on the wire is for its `toJSON` to say, not for us to guess.
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  let text = "{";
  let separator = "";
  for (const name of Object.keys(object).sort()) {
    const member: unknown = (object as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const key = writeString(name);
    const content = write(member, depth);
    if (key === undefined || content === undefined) return undefined;
    text += `${separator}${key}:${content}`;
    separator = ",";
  }
  return `${text}}`;
}

/** Printable ASCII without the two characters that are escaped: most strings, and they are written as they are. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** `JSON.stringify` escapes exactly as RFC 8785 §3.2.2.2 asks, save that it would also spell unpaired surrogates. */
function writeString(text: string): string | undefined {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : undefined;
}
