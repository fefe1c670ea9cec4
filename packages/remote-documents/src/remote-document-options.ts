import {
  type AttestationError,
  type AttestationErrorCode,
  type Clock,
  callable,
  flag,
  type MaybePromise,
  optionError,
  refuseUnknownOptions,
  systemClock,
  wholeNumber,
} from "@attest/core";
import { DocumentClient } from "./document-client.ts";
import type { FetchCause } from "./http/fetch-failure.ts";

/** A document as its parser read it, with what it says about its own lifetime. */
export interface ParsedDocument<T> {
  /** What the document says. */
  readonly value: T;
  /** Seconds that it may be used without asking again, such as `ttl` of a status list. Default: `cacheTtl`. */
  readonly ttl?: number;
  /** Unix seconds, such as `exp`. It is not served from then on, not even while its source fails. Default: never. */
  readonly expiresAt?: number;
  /**
   * Grows with each version, such as `iat`. A document with a lower one than any seen before is refused, so that an old copy
   * does not bring back what was withdrawn.
   */
  readonly version?: number;
}

/**
 * What is served at a moment. `ageing` is fresh and due for a refresh; `stale` is past its time and serves while the source
 * fails, within `staleIfError`; `none`: there is nothing to serve.
 */
export type ServedDocument<T> =
  | { readonly phase: "none"; readonly value?: undefined }
  | { readonly phase: "fresh" | "ageing" | "stale"; readonly value: T };

/** How a fetch ended. */
export type FetchResult<T> = {
  /** Seconds, fractional. */
  readonly duration: number;
  /**
   * What is served from now on. Absent if the fetch had been given up for a later one, so that its result changes nothing.
   */
  readonly served?: ServedDocument<T>;
} & (
  | {
      /** `not-modified`: the source answered that what is held is still its document. */
      readonly outcome: "fetched" | "not-modified";
      /** What the document says. */
      readonly value: T;
    }
  | {
      readonly outcome: "failed";
      /** What a caller that waits is sent. It repeats nothing that was received. */
      readonly error: AttestationError;
      /** Why, from a closed list, so that it can be a label. */
      readonly cause: FetchCause;
    }
);

/** What a remote document is, and how it is kept. Durations are seconds. */
export interface RemoteDocumentOptions<T> {
  /** Fetches the document, within its limits. */
  readonly client: DocumentClient;
  /** The document's address. Nothing else is fetched. */
  readonly url: string;
  /** What errors call `url`, for a configuration that names it otherwise. Default `url`. */
  readonly urlOption?: string;
  /** The media types, as in the field `Accept`. */
  readonly accept: string;
  /**
   * Reads a document, within the deadline of the fetch. Must throw an `AttestationError` for anything else than a good
   * document, with nothing of it in the message; the held one then stays.
   */
  parse(body: Uint8Array): MaybePromise<ParsedDocument<T>>;
  /** The code of all failures to fetch. */
  readonly code: AttestationErrorCode;
  /** The source, as the subject of a sentence about a failed fetch: `The JWKS endpoint`. */
  readonly source: string;
  /** The error where nothing can be served, as a sentence: `The keys of https://authority.example cannot be fetched`. */
  readonly unavailable: string;
  /** Longest that a document is used without asking again, up to 86400. `Cache-Control` and `ttl` shorten it. Default 3600. */
  readonly cacheTtl?: number;
  /** Shortest that a document is used without asking again, but for `expiresAt`. From 1 to 3600, default 60. */
  readonly minTtl?: number;
  /**
   * Least time between attempts that are caused by what a document does not hold, counted from the last attempt (J6). Failed
   * attempts back off up to it (J7). From 1 to 3600, default 30.
   */
  readonly cooldown?: number;
  /** How long past its time a document serves while its source fails, up to 86400 (J10). Default 0. */
  readonly staleIfError?: number;
  /**
   * Whether only the document's own `ttl` counts, as its format demands, and `Cache-Control` does not. Default false: the
   * shorter of both.
   */
  readonly ignoreCacheControl?: boolean;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /**
   * Seconds since any moment, of a clock that nobody sets: a document ages by whichever of the two clocks has gone further
   * since its fetch, so that a clock that stands still keeps nothing fresh. Default: `performance.now()`.
   */
  readonly stopwatch?: () => number;
  /** From 0 to below 1, to spread attempts. Default `Math.random`. */
  readonly random?: () => number;
  /** Called when a fetch begins; what it returns is called when that fetch has ended. What they throw is ignored. */
  onFetch?(): (result: FetchResult<T>) => void;
  /** Called when the document was looked at and was not simply fresh. What it throws is ignored. */
  onServe?(served: ServedDocument<T>): void;
}

/** Options validated and copied, defaults filled in. */
export type RemoteDocumentConfiguration<T> = Readonly<
  Required<Omit<RemoteDocumentOptions<T>, "urlOption" | "onFetch" | "onServe">> & {
    onFetch: RemoteDocumentOptions<T>["onFetch"];
    onServe: RemoteDocumentOptions<T>["onServe"];
  }
>;

const NAMES: Readonly<Record<keyof RemoteDocumentOptions<unknown>, true>> = {
  client: true,
  url: true,
  urlOption: true,
  accept: true,
  parse: true,
  code: true,
  source: true,
  unavailable: true,
  cacheTtl: true,
  minTtl: true,
  cooldown: true,
  staleIfError: true,
  ignoreCacheControl: true,
  clock: true,
  stopwatch: true,
  random: true,
  onFetch: true,
  onServe: true,
};

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure<T>(options: RemoteDocumentOptions<T>): RemoteDocumentConfiguration<T> {
  refuseUnknownOptions(options, NAMES, "a remote document");
  const { client, url, urlOption = "url", parse } = options;
  const { cacheTtl = 3600, minTtl = 60, cooldown = 30, staleIfError = 0 } = options;
  if (!(client instanceof DocumentClient)) throw optionError("client", "must be a DocumentClient");
  for (const name of ["accept", "code", "source", "unavailable"] as const) {
    if (typeof options[name] !== "string" || options[name] === "") throw optionError(name, "must be a text");
  }
  if (typeof parse !== "function") throw optionError("parse", "must be a function");
  wholeNumber("minTtl", minTtl, 1, 3600);
  return Object.freeze({
    client,
    url: client.checkUrl(urlOption, url),
    accept: options.accept,
    parse: parse.bind(options),
    code: options.code,
    source: options.source,
    unavailable: options.unavailable,
    cacheTtl: wholeNumber("cacheTtl", cacheTtl, minTtl, 86_400),
    minTtl,
    cooldown: wholeNumber("cooldown", cooldown, 1, 3600),
    staleIfError: wholeNumber("staleIfError", staleIfError, 0, 86_400),
    ignoreCacheControl: flag("ignoreCacheControl", options.ignoreCacheControl),
    clock: callable("clock", options.clock) ?? systemClock,
    stopwatch: callable("stopwatch", options.stopwatch) ?? (() => performance.now() / 1000),
    random: callable("random", options.random) ?? Math.random,
    onFetch: callable("onFetch", options.onFetch)?.bind(options),
    onServe: callable("onServe", options.onServe)?.bind(options),
  });
}
