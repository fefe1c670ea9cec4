import { EventRewrite } from "./event-rewrite.ts";
import { mayHoldOwnMeta, withoutOwnMeta } from "./own-meta.ts";

const MORE = { stream: true };
const encoder = new TextEncoder();

/**
 * A response whose JSON or event stream has no `_meta` keys of this protocol. Everything else stays as it is: text that
 * cannot have such a key passes unchanged, and nothing is read before the caller reads it.
 */
export function responseWithoutOwnMeta(response: Response): Response {
  const { body } = response;
  if (typeof body?.getReader !== "function") return response;
  const type = response.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type === "text/event-stream") return streaming(response, new EventRewrite(jsonWithoutOwnMeta, mayHoldOwnMeta));
  if (type !== "application/json") return response;
  // Another implementation's response may be read in ways of its own.
  const isPlatforms = Object.getPrototypeOf(response) === Response.prototype;
  return isPlatforms ? readingJson(response) : streaming(response, new WholeRewrite());
}

/** A response with a body that is rewritten as it comes. */
function streaming(response: Response, rewrite: Rewrite): Response {
  const body = rewritten(response.body as ReadableStream<Uint8Array>, rewrite);
  const { status, statusText, url } = response;
  const init = { status, statusText, headers: withoutLength(response) };
  // The SDKs read the URL, to say where a redirect leads.
  return Object.defineProperty(new Response(body, init), "url", { value: url });
}

/** A body that changes has another length. */
function withoutLength({ headers }: Response): Headers {
  const others = new Headers(headers);
  others.delete("content-length");
  return others;
}

/** The bodies that were asked for as streams. */
const bodies = new WeakMap<Response, ReadableStream<Uint8Array>>();

/**
 * What a response inherits whose JSON is rewritten however it is read. It is read by the platform: a stream in between, with a response
 * around it, costs more than all that attesting does.
 */
const rewriting: ThisType<Response> = {
  get body(): ReadableStream<Uint8Array> {
    let body = bodies.get(this as Response);
    if (!body) {
      const source = Reflect.get(Response.prototype, "body", this) as ReadableStream<Uint8Array>;
      body = rewritten(source, new WholeRewrite());
      bodies.set(this as Response, body);
    }
    return body;
  },
  async text(): Promise<string> {
    return jsonWithoutOwnMeta(await Response.prototype.text.call(this));
  },
  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  },
  async bytes(): Promise<Uint8Array> {
    return encoder.encode(await this.text());
  },
  async arrayBuffer(): Promise<ArrayBuffer> {
    return encoder.encode(await this.text()).buffer;
  },
  async blob(): Promise<Blob> {
    return new Blob([await this.text()], { type: this.headers.get("content-type") ?? "" });
  },
  clone(): Response {
    return readingJson(Response.prototype.clone.call(this));
  },
};
Object.setPrototypeOf(rewriting, Response.prototype);

/** The response itself, from now on one that rewrites. */
function readingJson(response: Response): Response {
  const others = response.headers.has("content-length") ? { headers: { value: withoutLength(response) } } : {};
  return Object.defineProperties(Object.setPrototypeOf(response, rewriting), others);
}

interface Rewrite {
  /** Takes a piece of text. @returns What is complete with it. */
  push(text: string): string;
  /** @returns What was held back. */
  end(): string;
}

/** Holds back a JSON text until it is whole. */
class WholeRewrite implements Rewrite {
  readonly #parts: string[] = [];

  push(text: string): string {
    this.#parts.push(text);
    return "";
  }

  end(): string {
    return jsonWithoutOwnMeta(this.#parts.join(""));
  }
}

/**
 * A stream that reads its source when it is read itself, and leaves it free until then. A transform stream does the same at
 * twice the cost.
 */
function rewritten(source: ReadableStream<Uint8Array>, rewrite: Rewrite): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const decoder = new TextDecoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= source.getReader();
        for (;;) {
          const { done, value } = await reader.read();
          const text = done
            ? rewrite.push(decoder.decode()) + rewrite.end()
            : rewrite.push(decoder.decode(value, MORE));
          if (text !== "") controller.enqueue(encoder.encode(text));
          if (done) controller.close();
          if (done || text !== "") return;
        }
      },
      cancel: (reason) => (reader ?? source).cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

function jsonWithoutOwnMeta(json: string): string {
  if (!mayHoldOwnMeta(json)) return json;
  let message: unknown;
  try {
    message = JSON.parse(json);
  } catch {
    // Its reader will find out.
    return json;
  }
  const stripped = withoutOwnMeta(message);
  return stripped === message ? json : JSON.stringify(stripped);
}
