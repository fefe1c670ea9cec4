import { lookup as systemLookup } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector, type Dispatcher, fetch } from "undici";
import type { ConnectionOptions, Connections, FetchDocument, HostLookup } from "./connection.ts";
import { FetchFailure, tooLarge } from "./fetch-failure.ts";
import { isPublicAddress } from "./public-address.ts";

/**
 * undici's `fetch` over connections whose address is checked (J2): an address in the URL before connecting, a looked-up
 * one before connecting to it, and the one that the socket is really connected to before a request is sent. Every request
 * opens its own connection, so that every request is checked. Proxies named in the environment are not used.
 */
export function openConnections(options: ConnectionOptions): Connections {
  const { timeoutMs, maxBytes, allowPrivateNetwork, ca, lookup = systemLookup as HostLookup } = options;
  const connect = buildConnector({
    timeout: timeoutMs,
    // Set explicitly, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
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
  const dispatcher = agent.compose(receiveAtMost(maxBytes));
  // `no-store` makes caches on the path ask the source: they would extend the lifetime of what it withdrew.
  const fetchChecked: FetchDocument = async (url, init) =>
    (await fetch(url, { ...init, cache: "no-store", dispatcher })) as unknown as Response;
  return { fetch: fetchChecked, close: () => agent.destroy() };
}

function publicConnector(connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, "");
    // An address in the URL never reaches `lookup`.
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

/** A lookup whose whole answer is refused if any address in it is not public. */
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

/**
 * Counts bytes as they arrive, before they are decompressed: a compressed body can be endless and decompress to nothing
 * (J4). An encoding may add a little to a document of exactly `maxBytes` that it cannot compress.
 */
function receiveAtMost(maxBytes: number): Dispatcher.DispatcherComposeInterceptor {
  const limit = maxBytes * 1.01 + 1024;
  return (dispatch) => (options, handler) => {
    let received = 0;
    return dispatch(options, {
      onRequestStart: (...args) => handler.onRequestStart?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData(controller, chunk) {
        received += chunk.byteLength;
        if (received > limit) controller.abort(tooLarge(maxBytes));
        else handler.onResponseData?.(controller, chunk);
      },
      onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
      onResponseError: (...args) => handler.onResponseError?.(...args),
    });
  };
}
