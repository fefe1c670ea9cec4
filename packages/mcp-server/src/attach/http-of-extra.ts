import { HTTP_FIELDS, isJsonObject } from "@attest/core";
import type { HttpRequest } from "../guard/carriers.ts";
import { objectAt } from "../guard/json-rpc.ts";

/**
 * The HTTP request that brought a message, as far as an SDK tells a transport's `onmessage`: v1 has its headers in
 * `requestInfo`, v2 the request itself. `undefined` on other transports.
 */
export function httpOfExtra(extra: unknown): HttpRequest | undefined {
  const field = fieldsOfExtra(extra);
  if (!field) return undefined;
  const [sessionId, authorization] = [field("mcp-session-id"), field("authorization")];
  const protocolVersion = field("mcp-protocol-version");
  const ungated = field(HTTP_FIELDS.attestation) !== undefined || field(HTTP_FIELDS.proof) !== undefined;
  return {
    method: "POST",
    ...(sessionId !== undefined && { sessionId }),
    ...(authorization !== undefined && { authorization }),
    ...(protocolVersion !== undefined && { protocolVersion }),
    ...(ungated && { ungated }),
  };
}

function fieldsOfExtra(extra: unknown): ((name: string) => string | undefined) | undefined {
  const { request } = (extra ?? {}) as { request?: { headers?: Headers } };
  const { headers } = request ?? {};
  if (typeof headers?.get === "function") return (name) => headers.get(name) ?? undefined;
  const info = objectAt(extra, "requestInfo");
  if (!isJsonObject(info["headers"])) return undefined;
  const known = info["headers"];
  return (name) => {
    const value = known[name.toLowerCase()];
    return typeof value === "string" ? value : undefined;
  };
}
