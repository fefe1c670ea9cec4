import { HTTP_FIELDS } from "@attest/core";
import { plainRequest } from "./probe.ts";
import type { HttpOutcome, WireClient } from "./wire-client.ts";

/** The HTTP fields that a browser's agent sends, the first of them for a chain too, and those that it must be able to read. */
export const SENT_FIELDS: readonly string[] = [HTTP_FIELDS.attestation, HTTP_FIELDS.proof];
export const READ_FIELDS: readonly string[] = [
  HTTP_FIELDS.error,
  HTTP_FIELDS.time,
  HTTP_FIELDS.status,
  HTTP_FIELDS.ticket,
];

/** An origin that no server lists by name, so that only a server that lets in every page lets it in. */
const ANY_ORIGIN = "https://attest-doctor.invalid";

/** What a server lets web pages of an origin do. */
export interface CorsProbe {
  readonly origin: string;
  /** Whether the user named the origin; else it stands for any. */
  readonly isChosen: boolean;
  /** Of the preflight: whether the origin is allowed, and which fields it may send. `*` stands for all. */
  readonly preflight: { readonly isAllowed: boolean; readonly fields: readonly string[] };
  /** Of the answer to a request: whether the origin may read it, and which fields. */
  readonly answer: { readonly isAllowed: boolean; readonly fields: readonly string[] };
}

/** Asks what a web page of an origin may send and read: a preflight, and a `tools/list` without credentials. */
export async function probeCors(client: WireClient, chosen: string | undefined): Promise<CorsProbe> {
  const origin = chosen ?? ANY_ORIGIN;
  const { message, headers } = plainRequest("tools/list");
  const asked = ["content-type", "mcp-protocol-version", ...SENT_FIELDS.map((name) => name.toLowerCase())].sort();
  const [preflight, answer] = await Promise.all([
    client.bodiless("OPTIONS", {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": asked.join(","),
    }),
    client.request(message, { ...headers, origin }),
  ]);
  return {
    origin,
    isChosen: chosen !== undefined,
    preflight: read(preflight, origin, "access-control-allow-headers"),
    answer: read(answer, origin, "access-control-expose-headers"),
  };
}

function read(exchange: HttpOutcome, origin: string, field: string): CorsProbe["answer"] {
  if (exchange.outcome === "failed") return { isAllowed: false, fields: [] };
  const allowed = exchange.headers.get("access-control-allow-origin");
  const fields = (exchange.headers.get(field) ?? "").split(",", 64).map((name) => name.trim().toLowerCase());
  return { isAllowed: allowed === "*" || allowed === origin, fields: fields.filter((name) => name !== "") };
}
