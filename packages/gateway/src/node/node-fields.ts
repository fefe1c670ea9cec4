import type { IncomingMessage } from "node:http";
import { HTTP_FIELDS } from "@attest/core";
import { fieldOf } from "@attest/mcp-server/gate";
import type { RequestFields } from "../wire/request-fields.ts";

const NONE: readonly string[] = [];
/** Names that are asked for with every request, in lower case: a name that is made for one look costs several times as much. */
const LOWER: ReadonlyMap<string, string> = new Map(
  [
    "Accept",
    "Accept-Language",
    "Authorization",
    "baggage",
    "Connection",
    "Content-Type",
    "DPoP",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Session-Id",
    "traceparent",
    "tracestate",
    HTTP_FIELDS.attestation,
    HTTP_FIELDS.proof,
  ].map((name) => [name, name.toLowerCase()]),
);

/** The fields of a request of `node:http`, as they came. One pass over them is cheaper than the tables that Node makes. */
export function nodeFields(req: IncomingMessage): RequestFields {
  const { headers, rawHeaders } = req;
  const sent = new Map<string, string[]>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase();
    const value = rawHeaders[i + 1] as string;
    const others = sent.get(name);
    if (others) others.push(value);
    else sent.set(name, [value]);
  }
  return {
    get(name) {
      const lower = LOWER.get(name) ?? name.toLowerCase();
      // What did not come may have been added by whatever handled the request before.
      return sent.get(lower) ?? (headers[lower] === undefined ? NONE : fieldOf(req, name));
    },
    names: () => Object.keys(headers),
  };
}
