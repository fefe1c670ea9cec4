/**
 * The part of `fetch` that is used: `globalThis.fetch` fits. With `redirect: "manual"` it must not follow a redirect, and it
 * should stop when the signal aborts.
 */
export type FetchDocument = (
  url: string,
  init: { redirect: "manual"; headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

/** Looks up the addresses of a host; `dns.lookup` fits. */
export type HostLookup = (
  hostname: string,
  options: { all?: boolean | undefined },
  callback: (error: Error | null, address: string | HostAddress[], family?: number) => void,
) => void;

/** One address of a host. */
export interface HostAddress {
  /** The IP address. */
  address: string;
  /** Of which version it is: 4 or 6. */
  family: number;
}

/** How the built-in HTTP client connects. */
export interface ConnectionOptions {
  /** Milliseconds for a connection, its TLS handshake included. */
  readonly timeoutMs: number;
  /** Bytes of a document after decompression; what arrives before decompression is bounded accordingly. */
  readonly maxBytes: number;
  readonly allowPrivateNetwork: boolean;
  /** PEM certificates to trust instead of the platform's. */
  readonly ca?: string[];
  /** Default: `dns.lookup`. */
  readonly lookup?: HostLookup;
}

/** A `fetch` and the connections that it holds open. */
export interface Connections {
  readonly fetch: FetchDocument;
  close(): Promise<void>;
}
