import type { AuthorityAnswer, AuthorityRequest } from "./plain.ts";

/** Answers a request for a document that a web-standard handler publishes. It sees nothing but the method and `If-None-Match`. */
export async function answerDocument(
  handler: (request: Request) => Promise<Response>,
  request: AuthorityRequest,
): Promise<AuthorityAnswer> {
  const { method } = request;
  if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" }, body: "" };
  const known = request.field("If-None-Match");
  const headers = known === null ? {} : { "If-None-Match": known };
  const response = await handler(new Request("http://localhost/", { method, headers }));
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
}
