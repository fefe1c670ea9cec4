import { digest } from "#crypto";
import type { MaybePromise } from "../maybe-promise.ts";
import { META_PREFIX } from "../wire/names.ts";
import { canonicalJson } from "./canonical-json.ts";
import { isJsonObject } from "./is-json-object.ts";

/** `_meta` keys that intermediaries may add or change, so that no digest covers them: the W3C trace context. */
const TRACE_CONTEXT: ReadonlySet<string> = new Set(["traceparent", "tracestate", "baggage"]);

/** What a proof is for: a message carried in-band, a response likewise, or an HTTP request. */
export type ProofRequest =
  | {
      /** A request or notification that carries its credentials itself. */
      readonly kind: "message";
      /** Its JSON-RPC method. */
      readonly method: string;
      /** Its `params`, as they are sent. Default: none. */
      readonly params?: unknown;
    }
  | {
      /** An answer of the client's that carries its credentials itself. */
      readonly kind: "response";
      /** The id of the request that it answers. */
      readonly id: string | number;
      /** The result. */
      readonly result: unknown;
    }
  | {
      /** An HTTP request that carries its credentials in fields. */
      readonly kind: "http";
      /** The HTTP method, in upper case. */
      readonly method: string;
      /** The bytes of its body as they are sent. Default: no body. */
      readonly body?: Uint8Array;
    };

/**
 * `mcp_digest` (SPEC §3): base64url SHA-256 of the RFC 8785 form of `{method, params}` or `{id, result}`, without this
 * protocol's own `_meta` keys and the trace context.
 *
 * @returns `undefined` if the message has no canonical form, or its `params` or `result` is not an object.
 */
export function messageDigest(request: Exclude<ProofRequest, { kind: "http" }>): MaybePromise<string | undefined> {
  const body = request.kind === "message" ? (request.params === undefined ? {} : request.params) : request.result;
  if (!isJsonObject(body)) return undefined;
  const covered = withoutUncovered(body as Record<string, unknown>);
  const canonical = canonicalJson(
    request.kind === "message" ? { method: request.method, params: covered } : { id: request.id, result: covered },
  );
  return canonical === undefined ? undefined : digest(canonical);
}

function withoutUncovered(body: Record<string, unknown>): Record<string, unknown> {
  const meta = Object.hasOwn(body, "_meta") ? body["_meta"] : undefined;
  if (!isJsonObject(meta)) return body;
  const names = Object.keys(meta);
  const covered = names.filter((name) => !name.startsWith(META_PREFIX) && !TRACE_CONTEXT.has(name));
  if (covered.length === names.length && names.length > 0) return body;
  const { _meta, ...rest } = body;
  if (covered.length === 0) return rest;
  // Object.fromEntries defines members, so that `__proto__` stays a name.
  return { ...rest, _meta: Object.fromEntries(covered.map((name) => [name, (meta as Record<string, unknown>)[name]])) };
}
