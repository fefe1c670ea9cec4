import type { IncomingMessage } from "node:http";
import { rawBodyOf } from "./keep-raw-body.ts";
import { Pieces } from "./pieces.ts";
import { concat } from "./read-body.ts";

/** The body of a request, or why it cannot be verified. */
export type NodeBody = Uint8Array | "consumed" | "too-large";

/** A field's values. A platform that imitates `node:http` may have joined several with a comma, which ours do not contain. */
export function fieldOf(req: IncomingMessage, name: string): readonly string[] {
  const lower = name.toLowerCase();
  const sent = valuesIn(req.rawHeaders ?? [], lower);
  if (sent.length > 0) return sent;
  const joined = req.headers[lower];
  if (joined === undefined) return [];
  return Array.isArray(joined) ? joined : joined.split(",").map((part) => part.trim());
}

/** The values of one field. `headersDistinct` has the same, and is made of every field when it is first asked for. */
function valuesIn(rawHeaders: readonly string[], lower: string): readonly string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    if (name.length === lower.length && name.toLowerCase() === lower) values.push(rawHeaders[i + 1] as string);
  }
  return values;
}

/**
 * Reads a request's body as it was sent, from the stream or from where it was kept.
 *
 * @param req The request, whose body nobody has read, or `keepRawBody` has kept.
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
  if (req.readableEnded) return new Uint8Array();
  return readToEnd(req, limit);
}

/** By the request's events: a loop over it costs several times as much. */
function readToEnd(req: IncomingMessage, limit: number): Promise<NodeBody> {
  return new Promise((resolve, reject) => {
    // Its end closes it too, and an error that nobody sees would cost more than the body.
    const closed = () => req.readableEnded || reject(new Error("The request broke off"));
    if (req.destroyed) return closed();
    const pieces = new Pieces();
    const take = (chunk: Buffer) => {
      pieces.push(chunk);
      if (pieces.length <= limit) return;
      req.off("data", take).pause();
      resolve("too-large");
    };
    req.on("data", take);
    req.on("end", () => resolve(concat(pieces.take(), pieces.length)));
    req.on("error", reject);
    req.on("close", closed);
    req.resume();
  });
}

/** What a request says of itself, besides its fields. */
const FACTS = ["method", "url", "httpVersion", "httpVersionMajor", "httpVersionMinor", "rawHeaders"] as const;

/** The request with a body that can be read again, for a handler that reads it itself. */
export function readableAgain(req: IncomingMessage, body: Uint8Array | string): IncomingMessage {
  const { IncomingMessage } = process.getBuiltinModule("node:http");
  const again = new IncomingMessage(req.socket);
  for (const name of FACTS) Reflect.set(again, name, req[name]);
  // What a framework added stays: its prototype, and members of its own names.
  if (req instanceof IncomingMessage) Object.setPrototypeOf(again, Object.getPrototypeOf(req));
  for (const name of Object.keys(req)) if (!(name in again)) Reflect.set(again, name, Reflect.get(req, name));
  const bytes = Buffer.from(body as Uint8Array);
  again.headers = { ...req.headers };
  if (again.headers["content-length"] !== undefined) again.headers["content-length"] = String(bytes.length);
  again.push(bytes);
  again.push(null);
  again.complete = true;
  req.once("close", () => again.destroyed || again.emit("close"));
  return again;
}
