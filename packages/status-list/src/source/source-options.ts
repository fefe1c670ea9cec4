import {
  assertObserver,
  type Clock,
  callable,
  type KeyResolver,
  type Observer,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  systemClock,
  wholeNumber,
} from "@attest/core";
import {
  DOCUMENT_CLIENT_OPTIONS,
  DocumentClient,
  type DocumentClientOptions,
  documentClientOptionsIn,
} from "@attest/remote-documents";
import { DEFAULT_LIMITS } from "../codec/status-list.ts";
import { issuerName } from "../issuer-name.ts";
import { MAX_LIST_LIFETIME } from "../token/read-status-list-token.ts";

/** How status lists are fetched over HTTP. Durations are seconds unless the name says `Ms`. */
export interface HttpStatusSourceOptions extends DocumentClientOptions {
  /** Each issuer with the URIs of its lists. Nothing else is ever fetched, and no list may belong to two issuers. */
  readonly lists: Readonly<Record<string, string | readonly string[]>>;
  /** Finds the keys that lists are signed with: the resolver of the verifier. */
  readonly keyResolver: Pick<KeyResolver, "resolve">;
  /** Longest that a list is used without asking again, from 1 to 86400; its `ttl` can shorten it. Default 300. */
  readonly pollInterval?: number;
  /**
   * How long past its time a list is used while it cannot be fetched, up to 86400, and never past its `exp`: what was
   * revoked meanwhile is accepted for as long. Default 0: attestations are then refused as unavailable.
   */
  readonly staleIfError?: number;
  /** Longest back-off after failed fetches, and least time between those for indexes that a list lacks. Default 30. */
  readonly cooldown?: number;
  /** How far the issuer's clock may be ahead of this one, up to 300. Default 30. */
  readonly clockTolerance?: number;
  /** Bytes of a token, as `DocumentClientOptions`. Default 2 MiB: 1 MiB of compressed list, twice in base64url. */
  readonly maxBytes?: number;
  /** Bytes of a list after decompression, from 1 to 64 MiB. Default 8 MiB: 67,108,864 attestations. */
  readonly maxListBytes?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** Notified of each fetch, by a `status-list` event. */
  readonly observer?: Observer;
}

/** Options copied, defaults filled in. */
export interface SourceConfiguration {
  readonly client: DocumentClient;
  readonly keyResolver: Pick<KeyResolver, "resolve">;
  readonly pollInterval: number;
  readonly staleIfError: number;
  readonly cooldown: number;
  readonly clockTolerance: number;
  readonly maxListBytes: number;
  readonly clock: Clock;
  readonly observer: Observer | undefined;
}

const OPTIONS: OptionNames<HttpStatusSourceOptions> = {
  ...DOCUMENT_CLIENT_OPTIONS,
  lists: true,
  keyResolver: true,
  pollInterval: true,
  staleIfError: true,
  cooldown: true,
  clockTolerance: true,
  maxListBytes: true,
  clock: true,
  observer: true,
};

/** A token with a list of the greatest compressed size, and room for its other claims. */
const MAX_TOKEN_BYTES = 2 * 1024 * 1024;
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure(options: HttpStatusSourceOptions): SourceConfiguration {
  refuseUnknownOptions(options, OPTIONS, "a status source");
  const { keyResolver, pollInterval = 300, staleIfError = 0, cooldown = 30, clockTolerance = 30 } = options;
  const { observer } = options;
  assertObserver(observer);
  const { maxListBytes = DEFAULT_LIMITS.maxBytes } = options;
  if (typeof keyResolver?.resolve !== "function") throw optionError("keyResolver", "must have a resolve function");
  return Object.freeze({
    client: new DocumentClient({ maxBytes: MAX_TOKEN_BYTES, ...documentClientOptionsIn(options) }),
    keyResolver,
    pollInterval: wholeNumber("pollInterval", pollInterval, 1, MAX_LIST_LIFETIME),
    staleIfError: wholeNumber("staleIfError", staleIfError, 0, MAX_LIST_LIFETIME),
    cooldown: wholeNumber("cooldown", cooldown, 1, 3600),
    clockTolerance: wholeNumber("clockTolerance", clockTolerance, 0, 300),
    maxListBytes: wholeNumber("maxListBytes", maxListBytes, 1, MAX_LIST_BYTES),
    clock: callable("clock", options.clock) ?? systemClock,
    observer,
  });
}

/**
 * The lists of each issuer, copied.
 *
 * @throws AttestationError `ERR_OPTION`, naming the issuer.
 */
export function configureLists(lists: HttpStatusSourceOptions["lists"]): Readonly<Record<string, readonly string[]>> {
  const entries = typeof lists === "object" && lists !== null ? Object.entries(lists) : [];
  if (entries.length === 0) throw optionError("lists", "must name at least one issuer and its list");
  const owners = new Map<string, string>();
  const configured = entries.map(([issuer, listed]) => {
    const option = `lists[${JSON.stringify(issuerName("lists", issuer))}]`;
    const uris: readonly unknown[] = typeof listed === "string" ? [listed] : listed;
    if (!Array.isArray(uris) || uris.length === 0) throw optionError(option, "must be a URI, or a list of them");
    for (const uri of uris) {
      if (typeof uri !== "string") throw optionError(option, "must be a URI, or a list of them");
      const owner = owners.get(uri);
      if (owner !== undefined)
        throw optionError(option, `names a list that ${owner === issuer ? "is there twice" : `belongs to ${owner}`}`);
      owners.set(uri, issuer);
    }
    return [issuer, Object.freeze([...uris])] as const;
  });
  return Object.freeze(Object.fromEntries(configured));
}
