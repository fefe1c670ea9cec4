import type { IncomingMessage, ServerResponse } from "node:http";
import type { AuthorityAnswer } from "../http/plain.ts";

/** Bytes of a refused body that are still read, so that its sender gets to read the answer. */
const MAX_REST = 64 * 1024 * 1024;
/** How long that may take, in milliseconds. */
const REST_MS = 5000;

/** Writes an answer, in one piece with its head. */
export function writeAnswer(req: IncomingMessage, res: ServerResponse, answer: AuthorityAnswer): void {
  const { status, headers, body } = answer;
  const hasBody = status !== 304 && req.method !== "HEAD";
  const fields = { ...headers, ...(hasBody && { "Content-Length": Buffer.byteLength(body) }) };
  if (req.complete || req.destroyed) {
    res.writeHead(status, fields).end(body);
    return;
  }
  // Complete for its reader, and for Node once the rest has been read: then the connection ends.
  res.writeHead(status, { ...fields, Connection: "close" }).write(body);
  dropRest(req, res);
}

/**
 * Reads the rest of a body and drops it, for a bounded while: a connection that is closed with bytes unread is reset, and the
 * answer is lost with it.
 */
function dropRest(req: IncomingMessage, res: ServerResponse): void {
  let dropped = 0;
  const timer = setTimeout(() => req.socket.destroy(), REST_MS);
  timer.unref();
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_REST) req.socket.destroy();
  });
  req.once("end", () => res.end());
  req.once("close", () => clearTimeout(timer));
  req.resume();
}
