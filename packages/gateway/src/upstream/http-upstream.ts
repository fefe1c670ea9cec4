import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { listed } from "../wire/listed-fields.ts";
import { metadataUrl } from "./metadata-url.ts";
import { readPieces } from "./read-pieces.ts";
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

/** What a request ends with that nobody waits for any more. One for all: a stack for each of them costs more than the request. */
const GIVEN_UP = new Error("Nobody waits for the answer");
const NO_RESPONSE = new Error("The connection ended without a response");

/**
 * A server over HTTP, by `node:http`. Connections are kept, as many as are needed: streams that stay open take none from calls.
 * Redirects are not followed, and nothing is sent twice.
 */
export function httpUpstream(url: URL, tls: UpstreamTls = {}): Upstream {
  const secure = url.protocol === "https:";
  const { certificate: cert, key, ca } = tls;
  const certificates = {
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(ca !== undefined && { ca }),
  };
  const agent = secure ? new HttpsAgent({ keepAlive: true, ...certificates }) : new HttpAgent({ keepAlive: true });
  const request = secure ? httpsRequest : httpRequest;

  // No more than is needed: Node copies all of it several times.
  const { protocol, host, port } = url;
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const send = (path: string, { method, headers, body, call }: Omit<UpstreamRequest, "attestation">) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      if (call.over) return reject(GIVEN_UP);
      const list = ["Host", host, ...listed(headers)];
      if (body !== undefined) list.push("Content-Length", String(Buffer.byteLength(body)));
      const sent = request({ protocol, hostname, port, path, method, headers: list, agent });
      sent.on("response", (answer) => resolve(answerOf(answer)));
      sent.on("error", reject);
      // Of an answer with another protocol (101) there is neither a response nor an error.
      sent.on("close", () => reject(NO_RESPONSE));
      sent.end(body);
      // Of a request that has its whole answer this ends nothing.
      call.onEnd(() => void sent.destroy(GIVEN_UP));
    });
  const [endpoint, metadata] = [url, metadataUrl(url)].map(({ pathname, search }) => `${pathname}${search}`) as [
    string,
    string,
  ];
  return {
    send: (each) => send(endpoint, each),
    metadata: (call) => send(metadata, { method: "GET", headers: {}, body: undefined, call }),
    async close() {
      agent.destroy();
    },
  };
}

function answerOf(answer: IncomingMessage): UpstreamAnswer {
  const { statusCode = 502, rawHeaders } = answer;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  }
  return { status: statusCode, headers, body: answer, read: (limits) => readPieces(answer, limits) };
}
