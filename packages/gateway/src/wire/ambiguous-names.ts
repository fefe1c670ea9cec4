import { isJsonObject, META_PREFIX } from "@attest/core";

/** Names that a decision hangs on, of one place in a message. */
class KnownNames {
  readonly #names: ReadonlySet<string>;
  readonly #folded: ReadonlySet<string>;

  constructor(...names: readonly string[]) {
    this.#names = new Set(names);
    this.#folded = new Set(names.map(fold));
  }

  /** Whether some reader could take one of these names for another, or for one that is known. */
  areConfused(names: readonly string[]): boolean {
    let allFolded = true;
    for (const name of names) {
      if (this.#names.has(name)) continue;
      const folded = fold(name);
      if (this.#folded.has(folded)) return true;
      if (folded === name) continue;
      if (folded.startsWith(META_PREFIX) && !name.startsWith(META_PREFIX)) return true;
      allFolded = false;
    }
    // Names without capitals differ in more than case, since they differ.
    return !allFolded && new Set(names.map(fold)).size < names.length;
  }
}

const KNOWN = {
  envelope: new KnownNames("jsonrpc", "id", "method", "params", "result", "error"),
  params: new KnownNames(
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
  ),
  ref: new KnownNames("type", "name", "uri"),
  notifications: new KnownNames("resourceSubscriptions"),
  result: new KnownNames("_meta"),
  meta: new KnownNames(),
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
  const resultMeta = isJsonObject(result) ? result["_meta"] : undefined;
  return (
    confused("the message", message, KNOWN.envelope) ??
    confused("params", params, KNOWN.params) ??
    confused("params.ref", ref, KNOWN.ref) ??
    confused("params.notifications", notifications, KNOWN.notifications) ??
    confused("params._meta", _meta, KNOWN.meta) ??
    confused("result", result, KNOWN.result) ??
    confused("result._meta", resultMeta, KNOWN.meta)
  );
}

function confused(place: string, value: unknown, known: KnownNames): string | undefined {
  return isJsonObject(value) && known.areConfused(Object.keys(value)) ? place : undefined;
}

/** A name without regard to case, as Unicode's simple folding has it: also `ſ` is an s, and the Kelvin sign a k. */
function fold(name: string): string {
  return name.toUpperCase().toLowerCase();
}
