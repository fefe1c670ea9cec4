import { HTTP_FIELDS } from "@attest/core";
import { only, type RequestFields } from "../wire/request-fields.ts";

/** Browsers' pages that may use the gateway. */
export interface CorsOptions {
  /** Their origins, such as `https://app.example`. */
  readonly origins: readonly string[];
}

const ASKED = [
  "Accept",
  "Authorization",
  "Content-Type",
  "DPoP",
  "Last-Event-ID",
  "MCP-Protocol-Version",
  "Mcp-Method",
  "Mcp-Name",
  "Mcp-Session-Id",
  "traceparent",
  "tracestate",
  "baggage",
  HTTP_FIELDS.attestation,
  HTTP_FIELDS.proof,
];
const EXPOSED = [
  "Mcp-Session-Id",
  "MCP-Protocol-Version",
  "WWW-Authenticate",
  "Retry-After",
  ...Object.values(HTTP_FIELDS),
];

/** The fields that let the page of a request read the answer; none for pages that may not, and for who is no browser. */
export function corsFields({ origins }: CorsOptions, fields: RequestFields): Record<string, string> {
  const origin = only(fields, "Origin");
  if (origin === undefined || !origins.includes(origin)) return { Vary: "Origin" };
  return {
    Vary: "Origin",
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": EXPOSED.join(", "),
  };
}

/** The answer to a browser that asks before it sends; `Mcp-Param-*` of its request is allowed by name. */
export function preflightFields(options: CorsOptions, fields: RequestFields): Record<string, string> {
  const params = fields
    .get("Access-Control-Request-Headers")
    .join(",")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => /^mcp-param-[\w-]{1,128}$/i.test(name));
  return {
    ...corsFields(options, fields),
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": [...ASKED, ...params].join(", "),
    "Access-Control-Max-Age": "600",
  };
}
