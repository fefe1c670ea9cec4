import type { DocumentClientOptions, FetchDocument, RemoteDocumentOptions } from "../src/index.ts";
import { documentAt, type Names, textOf } from "./names.ts";

type Answer = () => Response | Promise<Response>;

/** A source without a connection, that answers as a test says. */
export interface ScriptedSource {
  readonly fetch: FetchDocument;
  answer: Answer;
  hits: number;
  /** The requests' `If-None-Match`, in order. */
  readonly revalidations: (string | undefined)[];
}

export function scriptedSource(answer: Answer): ScriptedSource {
  const source: ScriptedSource = {
    answer,
    hits: 0,
    revalidations: [],
    fetch: async (_url, init) => {
      source.hits++;
      source.revalidations.push(init.headers["if-none-match"]);
      return source.answer();
    },
  };
  return source;
}

/** A document at a scripted source. */
export function documentOf(
  source: ScriptedSource,
  options: Partial<RemoteDocumentOptions<ReadonlySet<string>>> = {},
  http: DocumentClientOptions = {},
) {
  return documentAt({ url: "https://list.example/", ca: "" }, { fetch: source.fetch, ...http }, options);
}

export function ok(content: Names | readonly string[], headers: Record<string, string> = {}): Answer {
  return () => new Response(textOf(content), { headers });
}

export const down: Answer = () => new Response("", { status: 503 });
export const notModified: Answer = () => new Response(null, { status: 304 });
