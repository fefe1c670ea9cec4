import { type JsonRpcMessage, objectAt } from "./json-rpc.ts";

/** Requests that pass unverified where no session has an owner, so that clients can discover what the server requires. */
const OPEN_METHODS: ReadonlySet<string> = new Set(["ping", "server/discover"]);

/** Of `_meta`, what an open request needs: MCP's own keys, the progress token, and the trace context. */
const NEEDED = /^(?:io\.modelcontextprotocol\/.*|progressToken|traceparent|tracestate|baggage)$/;
/** Values and names that an open request may hold, and characters in them. */
const MAX_VALUES = 256;
const MAX_CHARACTERS = 16_384;

/** A request that is answered without being verified. */
type OpenRequest = Extract<JsonRpcMessage, { kind: "request" }>;

/**
 * An open request, rebuilt from what it needs. Returns `undefined` for every other message, and for a request of such a
 * name that is large: it is guarded as any other is, so that no stranger makes a server work for free.
 */
export function openRequest(message: JsonRpcMessage | undefined): OpenRequest | undefined {
  if (message?.kind !== "request" || !OPEN_METHODS.has(message.method)) return undefined;
  if (!isSmall(message.id) || !isSmall(message.params)) return undefined;
  const meta = Object.entries(objectAt(message.params, "_meta")).filter(([name]) => NEEDED.test(name));
  return { ...message, params: { _meta: Object.fromEntries(meta) } };
}

/** Counts until a limit is passed, and no further. */
function isSmall(value: unknown): boolean {
  let [values, characters] = [0, 0];
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    if (++values > MAX_VALUES) return false;
    if (typeof next === "string") characters += next.length;
    else if (typeof next === "object" && next !== null) {
      for (const name in next) {
        if (pending.length > MAX_VALUES) return false;
        characters += name.length;
        pending.push((next as Record<string, unknown>)[name]);
      }
    }
    if (characters > MAX_CHARACTERS) return false;
  }
  return true;
}
