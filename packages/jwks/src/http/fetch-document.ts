import type { FetchDocument } from "./connection.ts";
import { FetchFailure, fetchFailureOf } from "./fetch-failure.ts";

/** What a JWKS endpoint answered: a document, or that the one held is still right. */
export type FetchedDocument =
  | { readonly modified: true; readonly body: Uint8Array; readonly headers: Headers }
  | { readonly modified: false; readonly headers: Headers };

export interface DocumentRequest {
  readonly fetch: FetchDocument;
  readonly url: string;
  readonly timeoutMs: number;
  /** After decompression. */
  readonly maxBytes: number;
  /** The entity tag of the document held, for revalidation. */
  readonly etag: string | undefined;
  /** Ends the request early. */
  readonly signal: AbortSignal;
}

/**
 * Fetches one document: one deadline over connection, headers and body (J3), no redirects (J1), and decompressed bytes
 * counted as they stream (J4).
 *
 * @throws FetchFailure, and nothing else.
 */
export async function fetchDocument(request: DocumentRequest): Promise<FetchedDocument> {
  const controller = new AbortController();
  const { signal } = controller;
  let giveUp = (_failure: FetchFailure): void => {};
  // Raced and not only signalled: a `fetch` of someone else's may not heed the signal.
  const givenUp = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = setTimeout(() => giveUp(new FetchFailure("timeout", "did not answer in time")), request.timeoutMs);
  const stop = (): void => giveUp(new FetchFailure("closed", "is no longer asked"));
  request.signal.addEventListener("abort", stop);
  if (request.signal.aborted) stop();
  try {
    return await Promise.race([givenUp, exchange(request, signal)]);
  } catch (error) {
    throw fetchFailureOf(error);
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", stop);
    // Ends what was given up on, and a body that is not wanted any further.
    controller.abort();
  }
}

async function exchange(request: DocumentRequest, signal: AbortSignal): Promise<FetchedDocument> {
  const { fetch, url, etag, maxBytes } = request;
  const response = await fetch(url, {
    redirect: "manual",
    headers: {
      accept: "application/jwk-set+json, application/json",
      ...(etag !== undefined && { "if-none-match": etag }),
    },
    signal,
  });
  const { status, headers } = response;
  // A browser shows a redirect as `opaqueredirect`; a `fetch` that followed one all the same is not believed.
  if (response.redirected || response.type === "opaqueredirect" || (status > 300 && status < 400 && status !== 304)) {
    throw new FetchFailure("redirect", "redirected, which is not followed");
  }
  if (status === 304 && etag !== undefined) return { modified: false, headers };
  if (status !== 200) throw new FetchFailure("status", `answered with status ${status}`);
  return { modified: true, body: await readAtMost(maxBytes, response.body, signal), headers };
}

async function readAtMost(
  maxBytes: number,
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = body?.getReader();
  // Not waited for: a stream that does not end does not end here either.
  const stop = () => reader?.cancel().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  // A `fetch` that does not heed the signal may answer when nobody waits any longer.
  if (signal.aborted) stop();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done || value === undefined) break;
    length += value.byteLength;
    if (length > maxBytes) throw new FetchFailure("size", `sent more than ${maxBytes} bytes`);
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
