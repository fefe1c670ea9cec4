import type { ServerResponse } from "node:http";
import type { GatewayAnswer } from "../answer/gateway-answer.ts";
import type { Reader } from "../answer/readable-of.ts";
import { listed } from "../wire/listed-fields.ts";

/** Writes an answer as fast as its reader reads it. */
export async function writeAnswer(
  res: ServerResponse,
  { status, headers, body }: GatewayAnswer,
  { call, stoppedMs }: Reader,
): Promise<void> {
  if (typeof body === "string") {
    // With its length, and so in one piece with its head.
    const list = listed(headers);
    if (status !== 204) list.push("Content-Length", String(Buffer.byteLength(body)));
    res.writeHead(status, list).end(body);
    if (res.writableLength > 0) await taken(res, "finish", { call, stoppedMs });
    return;
  }
  res.writeHead(status, listed(headers));
  res.flushHeaders();
  for await (const piece of body) {
    if (call.over) break;
    if (!res.write(piece)) await taken(res, "drain", { call, stoppedMs });
  }
  res.end();
}

/** Waits until a reader has taken what was written. One that takes nothing for too long is gone, or as good as that (G4). */
function taken(res: ServerResponse, event: "drain" | "finish", { call, stoppedMs }: Reader): Promise<void> {
  if (call.over) return Promise.resolve();
  return new Promise((resolve) => {
    let left = res.writableLength;
    const look = setInterval(() => {
      if (res.writableLength === left) res.destroy();
      left = res.writableLength;
    }, stoppedMs);
    const done = () => {
      clearInterval(look);
      for (const each of [event, "close", "error"]) res.off(each, done);
      resolve();
    };
    for (const each of [event, "close", "error"]) res.on(each, done);
  });
}
