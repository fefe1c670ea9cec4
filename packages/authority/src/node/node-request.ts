import type { IncomingMessage } from "node:http";
import type { AuthorityRequest } from "../http/plain.ts";
import { brokenOff, MAX_BODY, tooLarge } from "../http/read-body.ts";
import type { Turns } from "./turns.ts";

/** A path that `URL` would write as it is. */
const PLAIN = /^(?:\/[\w-]+)+$/;

/** A request of `node:http` in plain values. A class: an object with accessors of its own takes several times longer to make. */
export class NodeRequest implements AuthorityRequest {
  readonly method: string;
  readonly path: string;
  readonly #req: IncomingMessage;
  readonly #turns: Turns;

  constructor(req: IncomingMessage, turns: Turns) {
    this.method = req.method ?? "";
    this.path = pathOf(req);
    this.#req = req;
    this.#turns = turns;
  }

  /** @inheritdoc */
  field(name: string): string | null {
    return fieldOf(this.#req, name);
  }

  get headers(): Headers {
    return headersOf(this.#req);
  }

  /** Resolves when the body was read and it is the request's turn. @throws As `AuthorityRequest.body`. */
  body(): Promise<Uint8Array> {
    return readNodeBody(this.#req, this.#turns);
  }
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

/** Reads a body, as far as it may be long (T17), and takes a turn. @throws Problem as `readBody`. */
function readNodeBody(req: IncomingMessage, turns: Turns): Promise<Uint8Array> {
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
    const goOn = (): void => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    req.on("data", take);
    // Each of these comes once: `once` would wrap each listener for nothing.
    req.on("end", () => length <= MAX_BODY && turns.take(goOn));
    req.on("error", (error) => reject(brokenOff(error)));
    // Before its end: an error for each request that was read would cost more than reading it.
    req.on("close", () => req.readableEnded || reject(brokenOff(undefined)));
  });
}
