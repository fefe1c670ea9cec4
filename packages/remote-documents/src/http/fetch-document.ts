import type { FetchDocument } from "./connection.ts";
import { FetchFailure, fetchFailureOf, tooLarge } from "./fetch-failure.ts";

/** What a source answered: a document, or that the held one is still current. */
export type FetchedDocument =
  | { readonly modified: true; readonly body: Uint8Array; readonly headers: Headers }
  | { readonly modified: false; readonly headers: Headers };

/** One request for a document. */
export interface DocumentRequest {
  readonly fetch: FetchDocument;
  readonly url: string;
  /** The media types, as in the field `Accept`. */
  readonly accept: string;
  /** After decompression. */
  readonly maxBytes: number;
  /** The entity tag of the held document, for revalidation. */
  readonly etag: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * Fetches one document, without following redirects (J1), and counts decompressed bytes as they arrive (J4).
 *
 * @throws FetchFailure, and nothing else.
 */
export async function fetchDocument(request: DocumentRequest): Promise<FetchedDocument> {
  try {
    return await exchange(request);
  } catch (error) {
    throw fetchFailureOf(error);
  }
}

async function exchange({ fetch, url, accept, etag, maxBytes, signal }: DocumentRequest): Promise<FetchedDocument> {
  const headers = { accept, ...(etag !== undefined && { "if-none-match": etag }) };
  const response = await fetch(url, { redirect: "manual", headers, signal });
  const { status } = response;
  // A browser reports a redirect as `opaqueredirect`. An answer that some `fetch` got by following one is refused as well.
  if (response.redirected || response.type === "opaqueredirect" || (status > 300 && status < 400 && status !== 304)) {
    throw new FetchFailure("redirect", "redirected, which is not followed");
  }
  if (status === 304 && etag !== undefined) return { modified: false, headers: response.headers };
  if (status !== 200) throw new FetchFailure("status", `answered with status ${status}`);
  return { modified: true, body: await readAtMost(maxBytes, response.body, signal), headers: response.headers };
}

async function readAtMost(
  maxBytes: number,
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  // Not awaited: cancelling an endless stream may never end either.
  const stop = () => reader?.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  // A `fetch` that ignores the signal may answer after the work was given up.
  if (signal.aborted) stop();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || value === undefined) break;
    length += value.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
