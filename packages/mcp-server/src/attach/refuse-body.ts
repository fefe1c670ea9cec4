import type { IncomingMessage, ServerResponse } from "node:http";
import type { GateReply } from "./http-gate.ts";

/** Bytes of a refused body that are still read, so that its sender gets to read the answer. */
const MAX_DRAIN = 64 * 1024 * 1024;
/** How long that may take, in milliseconds. */
const DRAIN_MS = 5000;

/**
 * Answers a request whose body is not read to its end. The rest of the body is read and dropped for a bounded while: a
 * connection that is closed with bytes unread is reset, and the answer is lost with it. Nothing else may come to wait behind
 * those bytes, so the connection ends with this answer.
 */
export function refuseBody(req: IncomingMessage, res: ServerResponse, { status, headers, body }: GateReply): void {
  // On HTTP/2 requests share a connection by design, and only this one's stream ends.
  const { stream } = req as { stream?: { close(): void } };
  if (stream) {
    res.writeHead(status, headers).end(body, () => stream.close());
    return;
  }
  const fields = { ...headers, Connection: "close", "Content-Length": Buffer.byteLength(body) };
  // The answer is complete for its reader, and ends for Node when the body has: Node closes the connection then.
  res.writeHead(status, fields).write(body);
  let dropped = 0;
  const timer = setTimeout(() => req.socket.destroy(), DRAIN_MS);
  timer.unref();
  req.on("data", (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > MAX_DRAIN) req.socket.destroy();
  });
  req.once("end", () => res.end());
  req.once("close", () => clearTimeout(timer));
  req.resume();
}
