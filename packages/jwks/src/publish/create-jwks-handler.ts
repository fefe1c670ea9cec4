import { JwksEndpoint, type JwksHandlerOptions, type KeyPublisher } from "./jwks-endpoint.ts";

/**
 * A web-standard handler that publishes an authority's public keys: mount it for GET and HEAD at
 * `/.well-known/jwks.json`. It does not look at the path.
 *
 * Answers with an `ETag` and 304, and a `Cache-Control` that ends well before a new key signs. A store that cannot be read
 * is 503, and one with a key that must not be published 500; neither is cached.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function createJwksHandler(
  store: KeyPublisher,
  options?: JwksHandlerOptions,
): (request: Request) => Promise<Response> {
  const endpoint = new JwksEndpoint(store, options);
  return async (request) => {
    const { status, headers, body } = await endpoint.answer(request.method, request.headers.get("if-none-match"));
    return new Response(body === "" ? null : body, { status, headers });
  };
}
