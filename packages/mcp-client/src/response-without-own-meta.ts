import { EventRewrite } from "./event-rewrite.ts";
import { mayHoldOwnMeta, withoutOwnMeta } from "./own-meta.ts";

const MORE = { stream: true };

/**
 * A response whose JSON or event stream has no `_meta` keys of this protocol. Everything else stays as it is: text that
 * cannot have such a key passes unchanged, and nothing is read before the caller reads it.
 */
export function responseWithoutOwnMeta(response: Response): Response {
  const rewrite = rewriteFor(response.headers.get("content-type"));
  if (!rewrite || typeof response.body?.getReader !== "function") return response;
  const body = rewritten(response.body, rewrite);
  const { status, statusText, url } = response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  // The SDKs read the URL, to say where a redirect leads.
  return Object.defineProperty(new Response(body, { status, statusText, headers }), "url", { value: url });
}

interface Rewrite {
  /** Takes a piece of text. @returns What is complete with it. */
  push(text: string): string;
  /** @returns What was held back. */
  end(): string;
}

/** A stream that reads its source when it is read itself. A transform stream does the same at twice the cost. */
function rewritten(source: ReadableStream<Uint8Array>, rewrite: Rewrite): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
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
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** What rewrites a body of this media type; `undefined` if it cannot hold a message. */
function rewriteFor(contentType: string | null): Rewrite | undefined {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  if (type === "text/event-stream") return new EventRewrite(jsonWithoutOwnMeta, mayHoldOwnMeta);
  if (type !== "application/json") return undefined;
  const parts: string[] = [];
  return {
    push(text) {
      parts.push(text);
      return "";
    },
    end: () => jsonWithoutOwnMeta(parts.join("")),
  };
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
