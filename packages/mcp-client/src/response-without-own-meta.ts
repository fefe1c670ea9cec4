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
  if (type === "text/event-stream") return streaming(response, body);
  return type === "application/json" ? readingJson(response, body) : response;
}

/** A response with events that are rewritten one by one, as they come. */
function streaming(response: Response, source: ReadableStream<Uint8Array>): Response {
  const body = rewritten(source, new EventRewrite(jsonWithoutOwnMeta, mayHoldOwnMeta));
  const { status, statusText, url } = response;
  // The SDKs read the URL, to say where a redirect leads.
  return Object.defineProperty(new Response(body, { status, statusText, headers: withoutLength(response) }), "url", {
    value: url,
  });
}

/** A body that changes has another length. */
function withoutLength({ headers }: Response): Headers {
  const others = new Headers(headers);
  others.delete("content-length");
  return others;
}

/**
 * The same response, whose JSON is rewritten however it is read. It is read by the platform: a stream in between would cost
 * more than all that attesting does.
 */
function readingJson(response: Response, source: ReadableStream<Uint8Array>): Response {
  const read = response.text.bind(response);
  const clone = response.clone.bind(response);
  let body: ReadableStream<Uint8Array> | undefined;
  const text = async () => jsonWithoutOwnMeta(await (body ? new Response(body).text() : read()));
  const bytes = async () => encoder.encode(await text());
  return Object.defineProperties(response, {
    headers: { value: withoutLength(response) },
    text: { value: text },
    json: { value: async () => JSON.parse(await text()) },
    bytes: { value: bytes },
    arrayBuffer: { value: async () => (await bytes()).buffer },
    blob: { value: async () => new Blob([await text()], { type: response.headers.get("content-type") ?? "" }) },
    clone: { value: () => responseWithoutOwnMeta(clone()) },
    body: {
      get() {
        body ??= rewritten(source, new WholeRewrite());
        return body;
      },
    },
  });
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
