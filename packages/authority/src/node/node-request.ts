import type { IncomingMessage } from "node:http";
import type { AuthorityRequest } from "../http/plain.ts";
import { brokenOff, MAX_BODY, tooLarge } from "../http/read-body.ts";
import type { Turns } from "./turns.ts";

/** A path that `URL` would write as it is. */
const PLAIN = /^(?:\/[\w-]+)+$/;

/** A request of `node:http` in plain values. Its body comes when it is its turn. */
export function nodeRequestOf(req: IncomingMessage, turns: Turns): AuthorityRequest {
  return {
    method: req.method ?? "",
    path: pathOf(req),
    field: (name) => fieldOf(req, name),
    get headers() {
      return headersOf(req);
    },
    async body() {
      const body = await readNodeBody(req);
      await turns.take();
      return body;
    },
  };
}

/** The path that was asked for, as `URL` writes it; empty if the address is not one. */
function pathOf({ url = "" }: IncomingMessage): string {
  const end = url.indexOf("?");
  const path = end < 0 ? url : url.slice(0, end);
  if (PLAIN.test(path)) return path;
  // Absolute addresses are those of proxies' requests.
  const address = url.startsWith("/") ? `http://localhost${url}` : url;
  return URL.canParse(address) ? new URL(address).pathname : "";
}

/** From the fields as they came: Node's own view of them drops all but the first `Authorization` (M14). */
function fieldOf({ rawHeaders }: IncomingMessage, name: string): string | null {
  const lower = name.toLowerCase();
  let values: string | null = null;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [found = "", value = ""] = [rawHeaders[i], rawHeaders[i + 1]];
    if (found.length !== lower.length || found.toLowerCase() !== lower) continue;
    values = values === null ? value : `${values}, ${value}`;
  }
  return values;
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.append(rawHeaders[i] ?? "", rawHeaders[i + 1] ?? "");
  return headers;
}

/** Reads a body, as far as it may be long (T17). @throws Problem as `readBody`. */
function readNodeBody(req: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    if (Number(req.headers["content-length"] ?? 0) > MAX_BODY) return reject(tooLarge());
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= MAX_BODY) return void chunks.push(chunk);
      // Once: what still comes is dropped elsewhere, and must not cost an error for each piece.
      req.off("data", take);
      reject(tooLarge());
    };
    req.on("data", take);
    req.once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    req.once("error", (error) => reject(brokenOff(error)));
    // Before its end: an error for each request that was read would cost more than reading it.
    req.once("close", () => req.readableEnded || reject(brokenOff(undefined)));
  });
}
