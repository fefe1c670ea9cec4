// By its file: Bun has a part of undici of its own, under the name of the package, and no `dispatch` in it.
import { Pool } from "undici/index.js";
import { metadataUrl } from "./metadata-url.ts";
import { GIVEN_UP, SentRequest } from "./sent-request.ts";
import type { Upstream, UpstreamAnswer, UpstreamRequest } from "./upstream.ts";

/** TLS towards the upstream, PEM. */
export interface UpstreamTls {
  /** The gateway's own certificate, for mutual TLS. Default: none is shown. */
  readonly certificate?: string;
  /** The private key of that certificate. */
  readonly key?: string;
  /** What the upstream's certificate is verified by, in the place of the system's. */
  readonly ca?: string;
}

/** Bytes that a connection holds of what the parser has not taken. */
const CONNECTION_BUFFER = 16 * 1024;

/**
 * A server over HTTP, by undici. Connections are kept, as many as are needed: streams that stay open take none from calls.
 * Redirects are not followed, and nothing is sent twice. How long an answer may take is for the caller to limit.
 */
export function httpUpstream(url: URL, tls: UpstreamTls = {}): Upstream {
  const { certificate: cert, key, ca } = tls;
  const connect = {
    highWaterMark: CONNECTION_BUFFER,
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
    rejectUnauthorized: true,
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
  const pool = new Pool(url.origin, {
    // One request at a time on each connection: no answer waits behind another.
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect,
  });
  const send = (path: string, { method, headers, body, call }: Omit<UpstreamRequest, "attestation">) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      if (call.over) return reject(GIVEN_UP);
      const sent = new SentRequest(resolve, reject);
      pool.dispatch({ path, method, headers, body: body ?? null }, sent);
      // Of a request that has its whole answer this ends nothing.
      call.onEnd(() => sent.giveUp());
    });
  const [endpoint, metadata] = [url, metadataUrl(url)].map(({ pathname, search }) => `${pathname}${search}`) as [
    string,
    string,
  ];
  return {
    send: (each) => send(endpoint, each),
    metadata: (call) => send(metadata, { method: "GET", headers: {}, body: undefined, call }),
    close: () => pool.destroy(),
  };
}
