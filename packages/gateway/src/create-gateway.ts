import { optionError } from "@attest/core";
import { readBody, tooLarge } from "@attest/mcp-server/gate";
import type { GatewayAnswer } from "./answer/gateway-answer.ts";
import { type Reader, readableOf } from "./answer/readable-of.ts";
import { CallEnd } from "./call-end.ts";
import { Gateway } from "./gateway.ts";
import { configureGateway, type GatewayOptions } from "./gateway-options.ts";
import { fetchUpstream } from "./upstream/fetch-upstream.ts";
import type { RequestFields } from "./wire/request-fields.ts";

/** A gateway for platforms that hand a request in and take a response. */
export interface FetchGateway {
  /** Answers one request. */
  fetch(request: Request): Promise<Response>;
  /** Ends the streams that are open. */
  close(): Promise<void>;
}

/**
 * A guard before an MCP server that nobody changes, in the form of `fetch`: every request is verified before the server sees
 * anything of it. On Node `createNodeGateway` does the same for less.
 *
 * Only the gateway may be able to reach the server: anyone else who can needs no attestation.
 *
 * @throws AttestationError `ERR_OPTION`.
 * @example
 * ```ts
 * import { createGateway } from "@attest/gateway";
 * import type { AttestationGuard } from "@attest/mcp-server";
 *
 * declare const guard: AttestationGuard; // its `audience` is what agents call the server behind the gateway
 * const gateway = createGateway({ guard, upstream: { url: "http://127.0.0.1:9000/mcp" } });
 * export default { fetch: gateway.fetch };
 * ```
 */
export function createGateway(options: GatewayOptions): FetchGateway {
  const configuration = configureGateway(options);
  const { upstream } = configuration;
  if (upstream.kind !== "http") throw optionError("upstream", "must have a url: a command is for createNodeGateway");
  const gateway = new Gateway(configuration, fetchUpstream(upstream.url));
  return {
    async fetch(request) {
      const call = new CallEnd();
      if (request.signal.aborted) call.end();
      request.signal.addEventListener("abort", call.end, { once: true });
      const reader = { call, stoppedMs: gateway.idleMs };
      const body = await readBody(request, gateway.maxBody);
      if (body === undefined) return responseOf(tooLarge(gateway.maxBody), reader);
      const { method, headers, url } = request;
      const path = new URL(url).pathname;
      const answer = await gateway.handle({ method, path, fields: fieldsOf(headers), body, call });
      return responseOf(answer, reader);
    },
    close: () => gateway.close(),
  };
}

function fieldsOf(headers: Headers): RequestFields {
  return {
    get(name) {
      const value = headers.get(name);
      // No value of ours contains a comma, and `Headers` joins those that came several times with one.
      if (value === null) return [];
      return /^(?:agent-attestation|mcp-session-id)/i.test(name)
        ? value.split(",").map((part) => part.trim())
        : [value];
    },
    names: () => [...headers.keys()],
  };
}

function responseOf({ status, headers, body }: GatewayAnswer, reader: Reader): Response {
  if (typeof body !== "string") return new Response(readableOf(body, reader), { status, headers });
  reader.call.end();
  return new Response(body === "" ? null : body, { status, headers });
}
