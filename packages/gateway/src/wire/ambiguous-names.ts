import { isJsonObject, META_PREFIX } from "@attest/core";

/** Names that a decision hangs on, by where they stand. */
const KNOWN = {
  envelope: ["jsonrpc", "id", "method", "params", "result", "error"],
  params: [
    "name",
    "uri",
    "ref",
    "arguments",
    "_meta",
    "notifications",
    "task",
    "taskId",
    "requestId",
    "protocolVersion",
  ],
  ref: ["type", "name", "uri"],
  notifications: ["resourceSubscriptions"],
  result: ["_meta"],
  meta: [],
} as const;

/**
 * A name in a message that some reader could take for another one: two names that differ in case alone, or another spelling of
 * a name that has a meaning (G2). Readers in Go match names without regard to case, and take the last that fits.
 *
 * @returns The place and nothing of the name, which is a peer's text; `undefined` where every reader reads the same.
 */
export function ambiguousName(message: Record<string, unknown>): string | undefined {
  const { params, result } = message;
  const { ref, notifications, _meta } = isJsonObject(params) ? params : {};
  const places: readonly [place: string, value: unknown, known: readonly string[]][] = [
    ["the message", message, KNOWN.envelope],
    ["params", params, KNOWN.params],
    ["params.ref", ref, KNOWN.ref],
    ["params.notifications", notifications, KNOWN.notifications],
    ["params._meta", _meta, KNOWN.meta],
    ["result", result, KNOWN.result],
    ["result._meta", isJsonObject(result) ? result["_meta"] : undefined, KNOWN.meta],
  ];
  return places.find(([, value, known]) => isJsonObject(value) && isAmbiguous(Object.keys(value), known))?.[0];
}

function isAmbiguous(names: readonly string[], known: readonly string[]): boolean {
  const seen = new Map<string, string>(known.map((name) => [fold(name), name]));
  for (const name of names) {
    const folded = fold(name);
    const other = seen.get(folded);
    if (other !== undefined && other !== name) return true;
    if (folded.startsWith(META_PREFIX) && !name.startsWith(META_PREFIX)) return true;
    seen.set(folded, name);
  }
  return false;
}

/** A name without regard to case, as Unicode's simple folding has it: also `ſ` is an s, and the Kelvin sign a k. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
