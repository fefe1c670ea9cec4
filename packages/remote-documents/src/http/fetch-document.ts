import { readAtMost } from "@attest/core";
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
  const body = await readAtMost(response.body, maxBytes, signal);
  if (!body) throw tooLarge(maxBytes);
  return { modified: true, body, headers: response.headers };
}
