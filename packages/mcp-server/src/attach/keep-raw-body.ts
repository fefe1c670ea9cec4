import type { IncomingMessage } from "node:http";
import { Pieces } from "./pieces.ts";
import { concat } from "./read-body.ts";

const rawBodies = new WeakMap<object, () => Uint8Array | undefined>();

/**
 * Keeps the bytes that a body parser reads, for a gate that comes after the parser. The gate then verifies the bytes, and
 * dispatches what it parsed itself. Use it in either of two places:
 *
 * - as the option of a parser of your own: `express.json({ verify: keepRawBody })`;
 * - on the HTTP server, where the parser is not yours: `server.prependListener("request", keepRawBody)`.
 */
export function keepRawBody(req: IncomingMessage, _res?: unknown, body?: Uint8Array): void {
  if (body) rawBodies.set(req, () => body);
  else tap(req);
}

/** The bytes that were kept of a request, or that a platform put in the place of its stream. */
export function rawBodyOf(req: IncomingMessage): Uint8Array | undefined {
  const kept = rawBodies.get(req)?.();
  if (kept) return kept;
  const { body, rawBody } = req as { body?: unknown; rawBody?: unknown };
  if (rawBody instanceof Uint8Array) return rawBody;
  if (body instanceof Uint8Array) return body;
  return typeof body === "string" ? new TextEncoder().encode(body) : undefined;
}

/** Copies what the connection brings, until its end; how much that may be is for the parser to limit, as it reads. */
function tap(req: IncomingMessage): void {
  const { push } = req;
  const pieces = new Pieces();
  let whole = false;
  req.push = (chunk: unknown, encoding?: BufferEncoding) => {
    if (chunk === null) whole = true;
    else if (chunk instanceof Uint8Array) pieces.push(Buffer.from(chunk));
    return push.call(req, chunk, encoding);
  };
  rawBodies.set(req, () => (whole && req.readableDidRead ? concat(pieces.take(), pieces.length) : undefined));
}
