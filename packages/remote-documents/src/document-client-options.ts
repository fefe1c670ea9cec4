import { callable, flag, type OptionNames, optionError } from "@attest/core";
import { openConnections } from "#http";
import type { Connections, FetchDocument, HostLookup } from "./http/connection.ts";

/** How documents are fetched over HTTP. */
export interface DocumentClientOptions {
  /** Milliseconds for a whole fetch: connection, headers, body and reading it. From 1 to 60000, default 5000 (J3). */
  readonly timeoutMs?: number;
  /** Bytes of a document after decompression, from 1 to 16 MiB. Default 262144 (J4). */
  readonly maxBytes?: number;
  /** Fetch from private, loopback and other addresses that are not public. Default false (J2). */
  readonly allowPrivateNetwork?: boolean;
  /** Accept `http:` URLs: anybody on the path can replace the document. Default false. */
  readonly allowInsecureHttp?: boolean;
  /** Replaces the built-in client. It decides where it connects, so it needs `allowUncheckedAddresses`. */
  readonly fetch?: FetchDocument;
  /** Accepts that no address is checked (J2). Required with `fetch`. Default false. */
  readonly allowUncheckedAddresses?: boolean;
  /** Node only. PEM certificates of authorities to trust instead of the platform's. */
  readonly ca?: string | readonly string[];
  /** Node only. Looks up host names instead of `dns.lookup`; its answers are checked. */
  readonly lookup?: HostLookup;
}

/** The names of all options of a `DocumentClient`, for code that accepts them together with its own. */
export const DOCUMENT_CLIENT_OPTIONS: OptionNames<DocumentClientOptions> = Object.freeze({
  timeoutMs: true,
  maxBytes: true,
  allowPrivateNetwork: true,
  allowInsecureHttp: true,
  fetch: true,
  allowUncheckedAddresses: true,
  ca: true,
  lookup: true,
});

/** Picks the options of a `DocumentClient` from options that include them. */
export function documentClientOptionsIn(options: DocumentClientOptions): DocumentClientOptions {
  const names = Object.keys(DOCUMENT_CLIENT_OPTIONS) as (keyof DocumentClientOptions)[];
  return Object.fromEntries(names.filter((name) => name in options).map((name) => [name, options[name]]));
}

/**
 * The built-in client, or the `fetch` that replaces it.
 *
 * @throws AttestationError `ERR_OPTION` if options contradict each other.
 */
export function configureConnections(
  options: DocumentClientOptions,
  limits: { readonly timeoutMs: number; readonly maxBytes: number },
): Connections {
  const { ca, lookup } = options;
  const allowPrivateNetwork = flag("allowPrivateNetwork", options.allowPrivateNetwork);
  const unchecked = flag("allowUncheckedAddresses", options.allowUncheckedAddresses);
  const fetch = callable("fetch", options.fetch);
  callable("lookup", lookup);
  if (fetch) {
    if (!unchecked) {
      throw optionError("fetch", "decides itself where it connects: accept that by allowUncheckedAddresses");
    }
    if (ca !== undefined || lookup !== undefined || allowPrivateNetwork) {
      throw optionError("fetch", "cannot be combined with ca, lookup or allowPrivateNetwork of the built-in client");
    }
    return { fetch: (input, init) => fetch(input, init), close: async () => {} };
  }
  if (unchecked) {
    throw optionError("allowUncheckedAddresses", "is for a fetch of your own; without one, use allowPrivateNetwork");
  }
  const certificates = ca === undefined ? undefined : [ca].flat();
  if (certificates && !(certificates.length > 0 && certificates.every(isCertificate))) {
    throw optionError("ca", "must be a PEM certificate, or a list of them");
  }
  return openConnections({
    ...limits,
    allowPrivateNetwork,
    ...(certificates && { ca: certificates }),
    ...(lookup && { lookup }),
  });
}

function isCertificate(pem: unknown): boolean {
  return typeof pem === "string" && pem.includes("-----BEGIN CERTIFICATE-----");
}
