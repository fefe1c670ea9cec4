/** Values nested deeper than this have no canonical form here. */
const MAX_DEPTH = 64;
/** Down to this level, a part of what is not in order is looked at whether it is: arguments often are, where parameters are not. */
const ORDERED_DEPTH = 3;
/** As many names as are sorted by hand: the platform's sort takes memory for many more. */
const FEW = 8;

/**
 * The RFC 8785 form of a JSON value: members sorted by UTF-16 code units, numbers as ECMAScript writes them, no space.
 * Members whose value is `undefined` are left out, as `JSON.stringify` does; `__proto__` is a name like any other.
 *
 * @returns The text, or `undefined` if the value has no such form: not JSON, a number that is not finite, an unpaired
 * surrogate, deeper than 64 levels.
 */
export function canonicalJson(value: unknown): string | undefined {
  // What is in order already, as agents should send it (SPEC-3.14), the platform writes in half the time.
  return isInOrder(value, 0) ? JSON.stringify(value) : write(value, 0);
}

/** Whether `JSON.stringify` writes this value in its canonical form: plain data, well-formed, its members sorted. */
function isInOrder(value: unknown, depth: number): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "boolean" || value === null) return true;
  if (typeof value !== "object" || depth >= MAX_DEPTH) return false;
  if (typeof (value as { toJSON?: unknown }).toJSON === "function") return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!isInOrder(value[i], depth + 1)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  let last = "";
  for (const name of Object.keys(value)) {
    if (name < last || !name.isWellFormed() || !isInOrder((value as Record<string, unknown>)[name], depth + 1))
      return false;
    last = name;
  }
  return true;
}

/** Only plain data: what a class instance would be on the wire is for its `toJSON` to say, not for us to guess. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
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
      if (depth < ORDERED_DEPTH && isInOrder(value, depth)) return JSON.stringify(value);
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
  if (!isPlain(object)) return undefined;
  let text = "{";
  let separator = "";
  for (const name of sorted(Object.keys(object))) {
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

/** Sorts names by UTF-16 code units, in place. */
function sorted(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let i = 1; i < names.length; i++) {
    const name = names[i] as string;
    let at = i;
    for (; at > 0 && (names[at - 1] as string) > name; at--) names[at] = names[at - 1] as string;
    names[at] = name;
  }
  return names;
}

/** Printable ASCII without the two characters that are escaped: most strings, and they are written as they are. */
const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

/** `JSON.stringify` escapes exactly as RFC 8785 §3.2.2.2 asks, except that it would also spell unpaired surrogates. */
function writeString(text: string): string | undefined {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : undefined;
}
