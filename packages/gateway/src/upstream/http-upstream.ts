import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
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

  const send = (to: object, { method, headers, body, call }: Omit<UpstreamRequest, "attestation">) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      if (call.over) return reject(GIVEN_UP);
      const sent = request({ ...to, method, headers: listed(headers, url.host, body), agent });
      sent.once("response", (answer) => resolve(answerOf(answer)));
      sent.once("error", reject);
      // Of an answer with another protocol (101) there is neither a response nor an error.
      sent.once("close", () => reject(NO_RESPONSE));
      sent.end(body);
      // Of a request that has its whole answer this ends nothing.
      call.onEnd(() => void sent.destroy(GIVEN_UP));
    });
  const [endpoint, metadata] = [urlToHttpOptions(url), urlToHttpOptions(metadataUrl(url))];
  return {
    send: (each) => send(endpoint, each),
    metadata: (call) => send(metadata, { method: "GET", headers: {}, body: undefined, call }),
    async close() {
      agent.destroy();
    },
  };
}

/** Fields as a list, which Node writes as they are: an object it would copy into a table of its own first. */
function listed(headers: Readonly<Record<string, string>>, host: string, body: string | undefined): string[] {
  const list = ["Host", host];
  for (const name of Object.keys(headers)) list.push(name, headers[name] as string);
  if (body !== undefined) list.push("Content-Length", String(Buffer.byteLength(body)));
  return list;
}

function answerOf(answer: IncomingMessage): UpstreamAnswer {
  const { statusCode = 502, rawHeaders } = answer;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.push([(rawHeaders[i] as string).toLowerCase(), rawHeaders[i + 1] as string]);
  }
  return { status: statusCode, headers, body: answer, read: (limits) => readPieces(answer, limits) };
}
