import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { endIdleConnections } from "./idle-connections.ts";

/** Milliseconds for the headers of a request, and for the whole of it: a slow client holds a connection for no longer. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
/** How often, in milliseconds, those are looked at; and idle connections while a server closes. */
const CHECK_MS = 5000;
const SWEEP_MS = 50;
/** For which a connection waits for its next request, and after which the system asks whether the other end is still there. */
const IDLE_MS = 5000;
const PROBE_MS = 60_000;
/**
 * Connections that may wait to be accepted, as far as the system allows as many: with Node's own 511, of a thousand agents that
 * come at once the last ones would be dropped, and try again after a second.
 */
const BACKLOG = 4096;

/** Where a server listens. */
export interface ListenOptions {
  /** The name or IP address that it listens at: `127.0.0.1` for this machine alone, `0.0.0.0` or `::` for every interface. */
  readonly host: string;
  /** 0 for a free one. */
  readonly port: number;
  /** TLS of the server itself, PEM. `clientCa` demands certificates of clients: those without are served as without. */
  readonly tls?: {
    /** The private key of the certificate. */
    readonly key: string;
    /** The certificate, and those between it and its root. */
    readonly cert: string;
    /** The certificates that clients' certificates are verified by. Default: clients are not asked for one. */
    readonly clientCa?: string;
  };
}

/** A server that listens. */
export interface Listener {
  /** Where it listens, with the port that was chosen. */
  readonly url: URL;
  /** Takes no more connections, waits for requests under way for so many milliseconds, then ends them. */
  close(withinMs: number): Promise<void>;
}

/** Listens. @throws The system's error, such as `EADDRINUSE`. */
export async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  { host, port, tls }: ListenOptions,
): Promise<Listener> {
  const timeouts = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_MS,
    keepAliveTimeout: IDLE_MS,
    // A peer that vanished without a word would hold its streams for ever.
    keepAlive: true,
    keepAliveInitialDelay: PROBE_MS,
  };
  const server: Server = tls
    ? createTlsServer({ ...timeouts, ...tlsOptions(tls) }, handle)
    : createServer(timeouts, handle);
  endIdleConnections(server, IDLE_MS + HEADERS_TIMEOUT_MS);
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, () => resolve(server.address() as AddressInfo));
  });
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    url: new URL(`${tls ? "https" : "http"}://${shown}:${address.port}/`),
    close: (withinMs) =>
      new Promise<void>((resolve) => {
        const deadline = setTimeout(() => server.closeAllConnections(), withinMs);
        // Connections that become idle meanwhile, as their last request ends, are waited for no longer.
        const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
        server.close(() => {
          clearTimeout(deadline);
          clearInterval(sweep);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

function tlsOptions({ key, cert, clientCa }: NonNullable<ListenOptions["tls"]>) {
  if (clientCa === undefined) return { key, cert, minVersion: "TLSv1.2" } as const;
  // Who shows no certificate may still show other evidence: what was not verified is not passed on.
  return { key, cert, ca: clientCa, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.2" } as const;
}
