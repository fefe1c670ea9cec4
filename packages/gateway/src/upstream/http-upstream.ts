import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { metadataUrl } from "./metadata-url.ts";
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

  const send = (to: object, { method, headers, body, signal }: Omit<UpstreamRequest, "attestation">) =>
    new Promise<UpstreamAnswer>((resolve, reject) => {
      signal.throwIfAborted();
      const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
      const sent = request({ ...to, method, headers: { ...headers, ...length }, agent });
      const giveUp = () => void sent.destroy(GIVEN_UP);
      signal.addEventListener("abort", giveUp, { once: true });
      sent.once("close", () => {
        signal.removeEventListener("abort", giveUp);
        // Of an answer with another protocol (101) there is neither a response nor an error.
        reject(NO_RESPONSE);
      });
      sent.once("response", (answer) => resolve(answerOf(answer)));
      sent.once("error", reject);
      sent.end(body);
    });
  const [endpoint, metadata] = [urlToHttpOptions(url), urlToHttpOptions(metadataUrl(url))];
  return {
    send: (each) => send(endpoint, each),
    metadata: (signal) => send(metadata, { method: "GET", headers: {}, body: undefined, signal }),
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
  return { status: statusCode, headers, body: answer };
}
