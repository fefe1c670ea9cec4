import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { fieldOf, readNodeBody, refuseBody, tooLarge } from "@attest/mcp-server/gate";
import type { GatewayAnswer } from "../answer/gateway-answer.ts";
import { Gateway } from "../gateway.ts";
import { configureGateway, type GatewayConfiguration, type NodeGatewayOptions } from "../gateway-options.ts";
import { processUpstream } from "../process/process-upstream.ts";
import { httpUpstream } from "../upstream/http-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { RequestFields } from "../wire/request-fields.ts";

/** A gateway for `node:http`. */
export interface NodeGateway {
  /** Answers one request. */
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Ends the streams that stay open; calls under way go on. */
  endStreams(): void;
  /** Ends streams, and closes the connections to the upstream. */
  close(): Promise<void>;
}

/**
 * A guard before an MCP server that nobody changes, for `node:http`: `createServer((req, res) => gateway.handle(req, res))`.
 * Every request is verified before the server sees anything of it.
 *
 * Only the gateway may be able to reach the server: anyone else who can needs no attestation.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function createNodeGateway(options: NodeGatewayOptions): NodeGateway {
  const configuration = configureGateway(options);
  const gateway = new Gateway(configuration, upstreamOf(configuration));
  return {
    handle: (req, res) => serveGateway(gateway, req, res),
    endStreams: () => gateway.endStreams(),
    close: () => gateway.close(),
  };
}

/** What is behind a gateway on Node. */
export function upstreamOf({ upstream }: GatewayConfiguration): Upstream {
  return upstream.kind === "http" ? httpUpstream(upstream.url, upstream.tls) : processUpstream(upstream);
}

/** Answers one request by a gateway. */
export function serveGateway(gateway: Gateway, req: IncomingMessage, res: ServerResponse): void {
  serve(gateway, req, res).catch(() => res.destroy());
}

async function serve(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const ended = new AbortController();
  res.once("close", () => ended.abort());
  const body = await readNodeBody(req, gateway.maxBody);
  if (body === "too-large") return refuseBody(req, res, tooLarge(gateway.maxBody));
  if (body === "consumed") throw new TypeError("The body was read before the gateway could read it");
  const { method = "", url = "/" } = req;
  const [path = "/"] = url.split("?", 1);
  const answer = await gateway.handle({ method, path, fields: fieldsOf(req), body, signal: ended.signal });
  if (!res.destroyed) await write(res, answer, ended.signal);
}

function fieldsOf(req: IncomingMessage): RequestFields {
  return { get: (name) => fieldOf(req, name), names: () => Object.keys(req.headers) };
}

/** Writes an answer as fast as its reader reads it. */
async function write(
  res: ServerResponse,
  { status, headers, body }: GatewayAnswer,
  signal: AbortSignal,
): Promise<void> {
  res.writeHead(status, headers);
  if (typeof body === "string") {
    res.end(body);
    return;
  }
  res.flushHeaders();
  for await (const piece of body) {
    if (signal.aborted) break;
    if (!res.write(piece)) await once(res, "drain", { signal }).catch(() => {});
  }
  res.end();
}
