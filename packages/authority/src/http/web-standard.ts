import type { AuthorityAnswer, AuthorityRequest } from "./plain.ts";
import { readBody } from "./read-body.ts";

/** A web-standard request in plain values. */
export function plainRequestOf(request: Request): AuthorityRequest {
  const { method, headers, url } = request;
  return {
    method,
    headers,
    path: new URL(url).pathname,
    field: (name) => headers.get(name),
    body: () => readBody(request),
  };
}

/** An answer as web-standard response. */
export function responseOf({ status, headers, body }: AuthorityAnswer): Response {
  return new Response(body === "" ? null : body, { status, headers });
}
