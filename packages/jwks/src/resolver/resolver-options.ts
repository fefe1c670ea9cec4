import {
  assertObserver,
  type Clock,
  type Observer,
  optionError,
  refuseUnknownOptions,
  systemClock,
} from "@attest/core";
import { openHttpClient } from "#http";
import type { FetchDocument, HostLookup, HttpClient } from "../http/connection.ts";
import { callable, flag, wholeNumber } from "../read-options.ts";

/** How keys are fetched over HTTP. Durations are seconds unless the name says `Ms`. */
export interface HttpKeyResolverOptions {
  /** Each trusted issuer with the URL of its key set. No URL is ever taken from anywhere else (T5). */
  readonly issuers: Readonly<Record<string, { readonly jwksUri: string }>>;
  /** Longest a set is used without asking again, from 60 to 86400; `Cache-Control` can shorten it to 60. Default 3600. */
  readonly cacheTtl?: number;
  /**
   * Least time between attempts that unknown kids cause, counted from the last attempt; a new key is seen within it (J6).
   * Failed attempts back off up to it (J7). From 1 to 3600, default 30.
   */
  readonly cooldown?: number;
  /** Milliseconds for a whole fetch, from 1 to 60000. Default 5000. */
  readonly timeoutMs?: number;
  /** Bytes of a set after decompression, from 1 to 16 MiB (J4). Default 262144. */
  readonly maxBytes?: number;
  /** Keys in a set; one with more is refused whole (K5). From 1 to 10000, default 100. */
  readonly maxKeys?: number;
  /**
   * How long past their time known keys are used while their source fails, up to 86400: a key removed meanwhile lives on
   * for so long (J10). Default 0.
   */
  readonly staleIfError?: number;
  /** Fetch from private, loopback and other addresses that are not public. Default false. */
  readonly allowPrivateNetwork?: boolean;
  /** Accept `http:` URLs: whoever is on the way can replace the keys. Default false. */
  readonly allowInsecureHttp?: boolean;
  /** Used instead of the built-in client. It connects wherever it will, hence `allowUncheckedAddresses`. */
  readonly fetch?: FetchDocument;
  /** Accepts that no address is checked (J2), which `fetch` cannot do without. Default false. */
  readonly allowUncheckedAddresses?: boolean;
  /** Node only. PEM certificates of authorities to trust instead of the platform's. */
  readonly ca?: string | readonly string[];
  /** Node only. Looks up host names instead of `dns.lookup`; its answers are checked. */
  readonly lookup?: HostLookup;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  readonly observer?: Observer;
}

/** Options validated and copied, defaults filled in. */
export interface ResolverConfiguration {
  readonly issuers: ReadonlyMap<string, string>;
  readonly cacheTtl: number;
  readonly cooldown: number;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly maxKeys: number;
  readonly staleIfError: number;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly observer: Observer | undefined;
}

/** Shortest time a set is used, whatever its `Cache-Control` says. */
export const MIN_TTL = 60;

const KNOWN_OPTIONS: readonly (keyof HttpKeyResolverOptions)[] = [
  "issuers",
  "cacheTtl",
  "cooldown",
  "timeoutMs",
  "maxBytes",
  "maxKeys",
  "staleIfError",
  "allowPrivateNetwork",
  "allowInsecureHttp",
  "fetch",
  "allowUncheckedAddresses",
  "ca",
  "lookup",
  "clock",
  "observer",
];

/** @throws AttestationError `ERR_OPTION`, naming the option. */
export function configure(options: HttpKeyResolverOptions): ResolverConfiguration {
  refuseUnknownOptions(options, KNOWN_OPTIONS, "a key resolver");
  const { cacheTtl = 3600, cooldown = 30, timeoutMs = 5000, maxBytes = 262_144, maxKeys = 100 } = options;
  const { staleIfError = 0, observer } = options;
  assertObserver(observer);
  const issuers = configureIssuers(options.issuers, flag("allowInsecureHttp", options.allowInsecureHttp));
  return Object.freeze({
    issuers,
    cacheTtl: wholeNumber("cacheTtl", cacheTtl, MIN_TTL, 86_400),
    cooldown: wholeNumber("cooldown", cooldown, 1, 3600),
    timeoutMs: wholeNumber("timeoutMs", timeoutMs, 1, 60_000),
    maxBytes: wholeNumber("maxBytes", maxBytes, 1, 16 * 1024 * 1024),
    maxKeys: wholeNumber("maxKeys", maxKeys, 1, 10_000),
    staleIfError: wholeNumber("staleIfError", staleIfError, 0, 86_400),
    client: configureClient(options, timeoutMs),
    clock: callable("clock", options.clock) ?? systemClock,
    observer,
  });
}

function configureClient(options: HttpKeyResolverOptions, timeoutMs: number): HttpClient {
  const { ca, lookup } = options;
  const allowPrivateNetwork = flag("allowPrivateNetwork", options.allowPrivateNetwork);
  const unchecked = flag("allowUncheckedAddresses", options.allowUncheckedAddresses);
  const fetch = callable("fetch", options.fetch);
  callable("lookup", lookup);
  if (fetch) {
    if (!unchecked) {
      throw optionError(
        "fetch",
        "takes over the check of addresses, which allowUncheckedAddresses must accept by name",
      );
    }
    if (ca !== undefined || lookup !== undefined || allowPrivateNetwork) {
      throw optionError("fetch", "cannot go with ca, lookup or allowPrivateNetwork: they are the built-in client's");
    }
    return { fetch: (input, init) => fetch(input, init), close: async () => {} };
  }
  if (unchecked)
    throw optionError("allowUncheckedAddresses", "is for a fetch of your own; without one, use allowPrivateNetwork");
  const certificates = ca === undefined ? undefined : [ca].flat();
  if (certificates && !(certificates.length > 0 && certificates.every(isCertificate))) {
    throw optionError("ca", "must be a PEM certificate, or a list of them");
  }
  return openHttpClient({
    timeoutMs,
    allowPrivateNetwork,
    ...(certificates && { ca: certificates }),
    ...(lookup && { lookup }),
  });
}

function isCertificate(pem: unknown): boolean {
  return typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----");
}

function configureIssuers(
  issuers: HttpKeyResolverOptions["issuers"],
  allowInsecureHttp: boolean,
): ReadonlyMap<string, string> {
  const entries = typeof issuers === "object" && issuers !== null ? Object.entries(issuers) : [];
  if (entries.length === 0) throw optionError("issuers", "must name at least one issuer and its jwksUri");
  return new Map(
    entries.map(([issuer, source]) => {
      if (!/^[\x21-\x7e]{1,2048}$/.test(issuer))
        throw optionError("issuers", "must be 1–2048 visible ASCII characters each");
      return [issuer, configureUrl(issuer, source?.jwksUri, allowInsecureHttp)];
    }),
  );
}

/** No problem repeats the URL, which may hold a secret where it should not. */
function configureUrl(issuer: string, jwksUri: unknown, allowInsecureHttp: boolean): string {
  const option = `issuers[${JSON.stringify(issuer)}].jwksUri`;
  if (typeof jwksUri !== "string" || jwksUri.length > 2048 || !URL.canParse(jwksUri)) {
    throw optionError(option, "must be an absolute URL");
  }
  const url = new URL(jwksUri);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowInsecureHttp)) {
    throw optionError(option, "must be an https: URL; http: needs allowInsecureHttp");
  }
  if (url.username !== "" || url.password !== "") throw optionError(option, "must not hold credentials");
  if (url.hash !== "") throw optionError(option, "must not have a fragment");
  return url.href;
}
