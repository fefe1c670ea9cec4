import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, fetch } from "undici";
import type { ConnectionOptions, FetchDocument, HostLookup, HttpClient } from "./connection.ts";
import { FetchFailure } from "./fetch-failure.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * undici's `fetch` over connections whose address is checked (J2): an address in the URL before connecting, a looked-up
 * one before connecting to it, and the one that the socket is really connected to before a request is sent. Every request
 * opens a connection of its own, so that every request is checked; proxies named in the environment are not asked.
 */
export function openHttpClient(options: ConnectionOptions): HttpClient {
  const { timeoutMs, allowPrivateNetwork, ca, lookup = systemLookup as HostLookup } = options;
  const connect = buildConnector({
    timeout: timeoutMs,
    // Said outright, so that NODE_TLS_REJECT_UNAUTHORIZED cannot take it back.
    rejectUnauthorized: true,
    minVersion: "TLSv1.2",
    ...(ca && { ca }),
    lookup: (allowPrivateNetwork ? lookup : publicOnly(lookup)) as LookupFunction,
  });
  const agent = new Agent({
    pipelining: 0,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: allowPrivateNetwork ? connect : publicConnector(connect),
  });
  // `no-store` asks caches on the way to ask the source: they would prolong the life of a removed key.
  const fetchChecked: FetchDocument = async (url, init) =>
    (await fetch(url, { ...init, cache: "no-store", dispatcher: agent })) as unknown as Response;
  return { fetch: fetchChecked, close: () => agent.destroy() };
}

function publicConnector(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, "");
    // An address in the URL never passes `lookup`.
    if (isIP(host) !== 0 && !isPublicAddress(host)) return callback(forbidden(), null);
    connect(target, (...[error, socket]) => {
      if (error) return callback(error, null);
      if (isPublicAddress(socket.remoteAddress ?? "")) return callback(null, socket);
      socket.on("error", () => {});
      socket.destroy();
      callback(forbidden(), null);
    });
  };
}

/** A lookup that is refused whole if any address in its answer is not public. */
function publicOnly(lookup: HostLookup): HostLookup {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      const answers = typeof address === "string" ? [address] : (address ?? []).map((answer) => answer.address);
      if (error) callback(error, address, family);
      else if (answers.length > 0 && answers.every(isPublicAddress)) callback(null, address, family);
      else callback(forbidden(), "", 0);
    });
  };
}

function forbidden(): FetchFailure {
  return new FetchFailure(
    "address",
    "is not at a public address; to fetch from a private one, set allowPrivateNetwork",
  );
}
