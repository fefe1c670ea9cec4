import {
  assertObserver,
  type Clock,
  callable,
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
import { type ConfiguredSource, configureSource, type KeySource } from "./key-source.ts";

/** How keys are fetched over HTTP. Durations are seconds unless the name says `Ms`. */
export interface HttpKeyResolverOptions extends DocumentClientOptions {
  /** Each trusted issuer with the URL of its key set or bundle. No URL comes from anywhere else (T5). */
  readonly issuers: Readonly<Record<string, KeySource>>;
  /**
   * Longest a set is used without asking again, from 60 to 86400. `Cache-Control`, and the refresh hint of a bundle, can
   * shorten it to 60. Default 3600.
   */
  readonly cacheTtl?: number;
  /**
   * Least time between attempts that unknown kids cause, counted from the last attempt; a new key is seen within it (J6).
   * Failed attempts back off up to it (J7). From 1 to 3600, default 30.
   */
  readonly cooldown?: number;
  /** Keys in a set; one with more is refused whole (K5). From 1 to 10000, default 100. */
  readonly maxKeys?: number;
  /**
   * How long past their time known keys are used while their source fails, up to 86400: a key that was removed meanwhile is
   * accepted for as long (J10). Default 0.
   */
  readonly staleIfError?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** Notified of each fetch, and of what is held whenever that changes. Default: nobody. */
  readonly observer?: Observer;
}

/** What all key sets of a resolver have in common: options copied, defaults filled in. */
export interface ResolverConfiguration {
  readonly client: DocumentClient;
  readonly cacheTtl: number;
  readonly cooldown: number;
  readonly maxKeys: number;
  readonly staleIfError: number;
  readonly clock: Clock;
  readonly observer: Observer | undefined;
}

/** The names of all options of a resolver. */
export const RESOLVER_OPTIONS: OptionNames<HttpKeyResolverOptions> = {
  ...DOCUMENT_CLIENT_OPTIONS,
  issuers: true,
  cacheTtl: true,
  cooldown: true,
  maxKeys: true,
  staleIfError: true,
  clock: true,
  observer: true,
};

/**
 * Limits that concern a single document are checked where it is made.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configure(options: HttpKeyResolverOptions): ResolverConfiguration {
  refuseUnknownOptions(options, RESOLVER_OPTIONS, "a key resolver");
  const { cacheTtl = 3600, cooldown = 30, maxKeys = 100, staleIfError = 0, observer } = options;
  assertObserver(observer);
  return Object.freeze({
    client: new DocumentClient(documentClientOptionsIn(options)),
    cacheTtl,
    cooldown,
    maxKeys: wholeNumber("maxKeys", maxKeys, 1, 10_000),
    staleIfError,
    clock: callable("clock", options.clock) ?? systemClock,
    observer,
  });
}

/**
 * The source of each issuer.
 *
 * @throws AttestationError `ERR_OPTION`, naming the issuer and the option.
 */
export function configureIssuers(
  issuers: HttpKeyResolverOptions["issuers"],
  option: string,
): Map<string, ConfiguredSource> {
  const entries = typeof issuers === "object" && issuers !== null ? Object.entries(issuers) : [];
  if (entries.length === 0) throw optionError(option, "must name at least one issuer and its jwksUri or bundle");
  return new Map(
    entries.map(([issuer, source]) => {
      if (!/^[\x21-\x7e]{1,2048}$/.test(issuer)) {
        throw optionError(option, "must be 1–2048 visible ASCII characters each");
      }
      return [issuer, configureSource(`${option}[${JSON.stringify(issuer)}]`, source)];
    }),
  );
}
