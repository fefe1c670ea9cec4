/**
 * A `fetch` as it is used here: `globalThis.fetch` is one. It must not follow the redirect when told `manual`, and should
 * heed the signal.
 */
export type FetchDocument = (
  url: string,
  init: { redirect: "manual"; headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

/** Looks up the addresses of a host; `dns.lookup` is one. */
export type HostLookup = (
  hostname: string,
  options: { all?: boolean | undefined },
  callback: (error: Error | null, address: string | HostAddress[], family?: number) => void,
) => void;

export interface HostAddress {
  address: string;
  family: number;
}

/** How the built-in HTTP client may connect. */
export interface ConnectionOptions {
  /** Milliseconds for a connection, its TLS handshake included. */
  readonly timeoutMs: number;
  readonly allowPrivateNetwork: boolean;
  /** PEM certificates to trust instead of the platform's. */
  readonly ca?: string[];
  /** Default: `dns.lookup`. */
  readonly lookup?: HostLookup;
}

/** A `fetch` with what it holds open. */
export interface HttpClient {
  readonly fetch: FetchDocument;
  close(): Promise<void>;
}
