const UNLIKE_JSON = Symbol("unlike JSON");

/**
 * A copy of a value as it would come out of JSON, which nobody else can change. Plain objects, lists, texts and numbers, which most
 * messages are made of, are copied; for anything else JSON is written and read, at several times the cost.
 *
 * @throws TypeError, SyntaxError or RangeError for what cannot be written as JSON, or is too deep for it.
 */
export function jsonSnapshot(value: unknown): unknown {
  const copy = copyOf(value);
  return copy === UNLIKE_JSON ? JSON.parse(JSON.stringify(value)) : copy;
}

function copyOf(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // JSON has no −0.
      return Number.isFinite(value) ? value + 0 : UNLIKE_JSON;
    case "object":
      if (value === null) return null;
      if (typeof (value as { toJSON?: unknown }).toJSON === "function") return UNLIKE_JSON;
      return Array.isArray(value) ? copyOfList(value) : copyOfObject(value);
    default:
      return UNLIKE_JSON;
  }
}

function copyOfList(list: readonly unknown[]): unknown {
  const copy: unknown[] = [];
  for (let i = 0; i < list.length; i++) {
    const copied = copyOf(list[i]);
    if (copied === UNLIKE_JSON) return UNLIKE_JSON;
    copy.push(copied);
  }
  return copy;
}

function copyOfObject(object: object): unknown {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return UNLIKE_JSON;
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(object)) {
    const member = (object as Record<string, unknown>)[name];
    // JSON leaves it out.
    if (member === undefined) continue;
    const copied = copyOf(member);
    // To set what objects inherit, such as `__proto__`, may do something else.
    if (copied === UNLIKE_JSON || name in Object.prototype) return UNLIKE_JSON;
    copy[name] = copied;
  }
  return copy;
}
