import { decodeStrictJson, isJsonObject } from "@attest/core";
import { eventsOf } from "@attest/mcp-server/gate";

type JsonObject = Readonly<Record<string, unknown>>;

/** What came back for one request. */
export type HttpOutcome =
  | {
      readonly outcome: "answered";
      readonly status: number;
      readonly headers: Headers;
      /** The JSON-RPC answer to the request, as JSON or as an event of a stream; absent if the body holds none. */
      readonly message?: JsonObject;
      /** Unix milliseconds: before the request left, and when the answer's head was there. */
      readonly sentAt: number;
      readonly receivedAt: number;
    }
  | {
      readonly outcome: "failed";
      /** What the platform calls it: `ECONNREFUSED`, `ENOTFOUND`, `CERT_HAS_EXPIRED`; `TIMEOUT` and `TOO_LARGE` are our own. */
      readonly code: string;
    };

const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 64;

/**
 * Sends HTTP to one MCP endpoint, which is not trusted: one deadline over connecting, head and body, at most 1 MiB read (as
 * decompressed), no redirect followed.
 */
export class WireClient {
  readonly #url: URL;
  readonly #timeoutMs: number;
  readonly #accessToken: string | undefined;
  readonly #fetch: (url: URL, init: RequestInit) => Promise<Response>;

  /** @param options.fetch What sends the requests, such as one that attests. Default: the platform's. */
  constructor(
    url: URL,
    options: {
      readonly timeoutMs: number;
      readonly accessToken?: string | undefined;
      readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>;
    },
  ) {
    this.#url = url;
    this.#timeoutMs = options.timeoutMs;
    this.#accessToken = options.accessToken;
    this.#fetch = options.fetch ?? fetch;
  }

  /** Posts a JSON-RPC request, given as the bytes to be sent, and waits for the answer with its id. */
  async post(body: Uint8Array, id: string, headers: Record<string, string>): Promise<HttpOutcome> {
    return this.#send("POST", headers, body, (response) => readAnswer(response, id));
  }

  /** Posts a JSON-RPC request and waits for its answer. */
  async request(message: { readonly id: string }, headers: Record<string, string>): Promise<HttpOutcome> {
    return this.post(encode(message), message.id, headers);
  }

  /** Posts a notification. Its answer says nothing. */
  async notify(message: object, headers: Record<string, string>): Promise<void> {
    await this.post(encode(message), "", headers);
  }

  /**
   * Sends a request without a body: GET, DELETE or OPTIONS. A stream that comes back is not read; of JSON, an error that belongs
   * to no request.
   */
  async bodiless(method: "GET" | "DELETE" | "OPTIONS", headers: Record<string, string>): Promise<HttpOutcome> {
    return this.#send(method, headers, undefined, async (response) => {
      if (typeOf(response) !== "text/event-stream") return readAnswer(response, "");
      await response.body?.cancel().catch(() => undefined);
      return undefined;
    });
  }

  async #send(
    method: string,
    headers: Record<string, string>,
    body: Uint8Array | undefined,
    read: (response: Response) => Promise<JsonObject | undefined>,
  ): Promise<HttpOutcome> {
    const sentAt = Date.now();
    const deadline = AbortSignal.timeout(this.#timeoutMs);
    try {
      // Apart from this object: the platform's `fetch` is no method.
      const send = this.#fetch;
      const response = await send(this.#url, {
        method,
        redirect: "manual",
        signal: deadline,
        headers: {
          accept: "application/json, text/event-stream",
          ...(body && { "content-type": "application/json" }),
          ...(this.#accessToken !== undefined && { authorization: `Bearer ${this.#accessToken}` }),
          ...headers,
        },
        ...(body && { body }),
      });
      const receivedAt = Date.now();
      const message = await read(response);
      const { status } = response;
      return {
        outcome: "answered",
        status,
        headers: response.headers,
        ...(message && { message }),
        sentAt,
        receivedAt,
      };
    } catch (error) {
      return { outcome: "failed", code: deadline.aborted ? "TIMEOUT" : codeOf(error) };
    }
  }
}

/** A message as it is sent. */
export function encode(message: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

class TooLarge extends Error {
  readonly code = "TOO_LARGE";
}

async function readAnswer(response: Response, id: string): Promise<JsonObject | undefined> {
  const type = typeOf(response);
  const reader = response.body?.getReader();
  if (!reader) return undefined;
  try {
    if (type === "text/event-stream") return await readEvents(reader, id);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bounded(reader)) chunks.push(chunk);
    return type === "application/json" ? parse(Buffer.concat(chunks), id) : undefined;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function typeOf(response: Response): string | undefined {
  return (response.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
}

/** Reads events until one of them is the answer; others, such as notifications, are passed over. */
async function readEvents(reader: Reader, id: string): Promise<JsonObject | undefined> {
  for await (const { data } of eventsOf(bounded(reader), MAX_BYTES)) {
    const answer = data === undefined ? undefined : parse(Buffer.from(data), id);
    if (answer) return answer;
  }
  return undefined;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function* bounded(reader: Reader): AsyncGenerator<Uint8Array> {
  for (let size = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    size += value.length;
    if (size > MAX_BYTES) throw new TooLarge();
    yield value;
  }
}

/** A JSON-RPC answer: to this id, or to none, as an error is whose request could not be read. */
function parse(bytes: Uint8Array, id: string): JsonObject | undefined {
  const { value } = decodeStrictJson(bytes, MAX_DEPTH);
  if (!isJsonObject(value)) return undefined;
  if (value["id"] !== id && !(value["id"] === null && "error" in value)) return undefined;
  return "result" in value || "error" in value ? value : undefined;
}

function codeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === "string") return code;
    if (cause.message === "bad port") return "BAD_PORT";
  }
  return "FAILED";
}
