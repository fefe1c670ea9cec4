import type { IncomingMessage, ServerResponse } from "node:http";
import { rawBodyOf } from "./keep-raw-body.ts";

/** Bytes of a body that is too large which are still read, so that its sender gets to read the answer. */
const MAX_DRAIN = 64 * 1024 * 1024;
/** How long that may take, in milliseconds. */
const DRAIN_MS = 5000;

/** The body of a request, or why it cannot be verified. */
export type NodeBody = Uint8Array | "consumed" | "too-large";

/** A field's values. A platform that imitates `node:http` may have joined several with a comma, which ours do not contain. */
export function fieldOf(req: IncomingMessage, name: string): readonly string[] {
  const lower = name.toLowerCase();
  const distinct = req.headersDistinct?.[lower];
  if (distinct !== undefined) return distinct;
  const joined = req.headers[lower];
  if (joined === undefined) return [];
  return Array.isArray(joined) ? joined : joined.split(",").map((part) => part.trim());
}

/**
 * Reads a request's body as it was sent, from the stream or from where it was kept.
 *
 * @param limit Bytes.
 */
export async function readNodeBody(req: IncomingMessage, limit: number): Promise<NodeBody> {
  const kept = rawBodyOf(req);
  if (kept) return kept.length > limit ? "too-large" : kept;
  const { method, headers, readableDidRead } = req;
  const { body } = req as { body?: unknown };
  const declared = Number(headers["content-length"] ?? 0);
  const expected = method === "POST" || declared > 0 || headers["transfer-encoding"] !== undefined;
  if (expected && (readableDidRead || (typeof body === "object" && body !== null))) return "consumed";
  if (declared > limit) return "too-large";
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > limit) return "too-large";
    chunks.push(chunk);
  }
  return concat(chunks, length);
}

/**
 * Ends a connection whose request has more of a body than is read. The rest is read and dropped for a bounded while:
 * closed at once, the connection would be reset, and the answer lost. What else shares the connection must not come to wait
 * behind that body, so nothing more is accepted on it.
 */
export function drain(req: IncomingMessage, res: ServerResponse): void {
  // On HTTP/2 requests share a connection by design, and only this one's stream ends.
  const { stream } = req as { stream?: { close(): void } };
  if (stream) return void res.once("finish", () => stream.close());
  const { socket } = req;
  let dropped = 0;
  const end = () => {
    clearTimeout(timer);
    socket?.destroySoon?.();
  };
  const timer = setTimeout(() => socket?.destroy(), DRAIN_MS);
  timer.unref?.();
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DRAIN) socket?.destroy();
  });
  req.once("end", () => (res.writableFinished ? end() : res.once("finish", end)));
  req.once("close", () => clearTimeout(timer));
  req.resume();
}

/** The request with a body that can be read again, for a handler that reads it itself. */
export function readableAgain(req: IncomingMessage, body: Uint8Array | string): IncomingMessage {
  const { IncomingMessage } = process.getBuiltinModule("node:http");
  const again = new IncomingMessage(req.socket);
  // Whatever a framework added stays: its prototype, and its own members where the stream has none of that name.
  Object.setPrototypeOf(again, Object.getPrototypeOf(req));
  for (const name of Object.keys(req)) {
    if (!(name in again) || COPIED.has(name)) Reflect.set(again, name, Reflect.get(req, name));
  }
  const bytes = Buffer.from(body as Uint8Array);
  again.headers = { ...req.headers };
  if (again.headers["content-length"] !== undefined) again.headers["content-length"] = String(bytes.length);
  again.push(bytes);
  again.push(null);
  again.complete = true;
  req.once("close", () => again.destroyed || again.emit("close"));
  return again;
}

const COPIED: ReadonlySet<string> = new Set([
  "method",
  "url",
  "httpVersion",
  "httpVersionMajor",
  "httpVersionMinor",
  "rawHeaders",
  "statusCode",
]);

function concat(chunks: readonly Buffer[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
