import type { RequestListener } from "node:http";
import { AttestationError, type MaybePromise } from "@attest/core";
import { answer, type HostileServer, loopback } from "hostile-server";
import { onTestFinished } from "vitest";
import {
  DocumentClient,
  type DocumentClientOptions,
  type FetchResult,
  type ParsedDocument,
  RemoteDocument,
  type RemoteDocumentOptions,
  type ServedDocument,
} from "../src/index.ts";

export const UNAVAILABLE = "ERR_REVOCATION_UNAVAILABLE";

/** What a document of these tests says: names, and its own lifetime. */
export interface Names extends Omit<ParsedDocument<unknown>, "value"> {
  readonly names: readonly string[];
}

/** A server's answer with names, and whatever header fields. */
export function names(content: Names | readonly string[], headers: Record<string, string> = {}): RequestListener {
  return answer(textOf(content), headers);
}

export function textOf(content: Names | readonly string[]): string {
  return JSON.stringify("names" in content ? content : { names: content });
}

function parse(body: Uint8Array): ParsedDocument<ReadonlySet<string>> {
  try {
    const { names, ...lifetime } = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as Names;
    return { value: new Set(names), ...lifetime };
  } catch {
    throw new AttestationError("ERR_ATTESTATION_JSON", "The list is not JSON with names");
  }
}

type Options = Partial<RemoteDocumentOptions<ReadonlySet<string>>>;

/**
 * A document of names at a hostile server, or behind a `fetch` of its own; with its time in the test's hand, and no jitter.
 * Without a `ca` it trusts the platform's authorities.
 */
export function documentAt(
  server: Pick<HostileServer, "url" | "ca">,
  http: DocumentClientOptions = {},
  options: Options = {},
) {
  const time = { now: 1_800_000_000 };
  const results: FetchResult<ReadonlySet<string>>[] = [];
  const served: ServedDocument<ReadonlySet<string>>[] = [];
  const client = new DocumentClient({
    ...(http.fetch ? { allowUncheckedAddresses: true } : { allowPrivateNetwork: true, lookup: loopback }),
    ...(server.ca !== "" && { ca: server.ca }),
    // On a busy machine a handshake can take its time.
    timeoutMs: 60_000,
    ...http,
  });
  onTestFinished(() => client.close());
  const document = new RemoteDocument({
    client,
    url: server.url,
    accept: "application/json",
    parse,
    code: UNAVAILABLE,
    source: "The list's source",
    unavailable: "The list cannot be fetched",
    clock: () => time.now,
    random: () => 0,
    onFetch: () => (result) => results.push(result),
    onServe: (each) => served.push(each),
    ...options,
  });
  const find = (name: string) => document.find((held) => (held.has(name) ? name : undefined));
  /** What a look-up comes to: `found`, `none`, or the code of its error. */
  const outcome = async (name: string): Promise<string> => outcomeOf(() => find(name));
  return { client, document, find, outcome, time, results, served };
}

async function outcomeOf(work: () => MaybePromise<unknown>): Promise<string> {
  try {
    return (await work()) === undefined ? "none" : "found";
  } catch (error) {
    return (error as AttestationError).code;
  }
}

/** A document behind a `fetch` of its own, without any connection. */
export function documentBehind(
  fetch: () => Promise<Response>,
  http: DocumentClientOptions = {},
  options: Options = {},
) {
  return documentAt({ url: "https://list.example/", ca: "" }, { fetch, ...http }, options);
}

/** The messages of an error and everything that caused it. */
export async function wordsOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    const words: string[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      words.push(cause.message, JSON.stringify(cause), cause.stack ?? "");
    }
    return words.join("\n");
  }
}
