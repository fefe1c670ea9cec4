import type { IncomingMessage } from "node:http";

const rawBodies = new WeakMap<object, Uint8Array>();

/**
 * Keeps the bytes that a body parser reads, for a gate that comes after the parser: `express.json({ verify: keepRawBody })`.
 *
 * The gate then verifies the bytes, and dispatches what it parsed itself.
 */
export function keepRawBody(req: IncomingMessage, _res: unknown, body: Uint8Array): void {
  rawBodies.set(req, body);
}

/** The bytes that were kept of a request, or that a platform put in the place of its stream. */
export function rawBodyOf(req: IncomingMessage): Uint8Array | undefined {
  const kept = rawBodies.get(req);
  if (kept) return kept;
  const { body, rawBody } = req as { body?: unknown; rawBody?: unknown };
  if (rawBody instanceof Uint8Array) return rawBody;
  if (body instanceof Uint8Array) return body;
  return typeof body === "string" ? new TextEncoder().encode(body) : undefined;
}
