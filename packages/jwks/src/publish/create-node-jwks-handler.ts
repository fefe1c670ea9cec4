import type { IncomingMessage, ServerResponse } from "node:http";
import { JwksEndpoint, type JwksHandlerOptions, type KeyPublisher } from "./jwks-endpoint.ts";

/**
 * `createJwksHandler` for `node:http` and Express.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function createNodeJwksHandler(
  store: KeyPublisher,
  options?: JwksHandlerOptions,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  const endpoint = new JwksEndpoint(store, options);
  return async (req, res) => {
    const { status, headers, body } = await endpoint.answer(req.method ?? "", req.headers["if-none-match"]);
    res.writeHead(status, { ...headers }).end(body);
  };
}
