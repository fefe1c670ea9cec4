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

/** Why a request has ended: the agent is gone, or has its answer. One for all: a stack for each of them costs more than the rest. */
const ENDED = new Error("The agent is gone, or has its answer");

/** Answers one request by a gateway. */
export function serveGateway(gateway: Gateway, req: IncomingMessage, res: ServerResponse): void {
  serve(gateway, req, res).catch(() => res.destroy());
}

async function serve(gateway: Gateway, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const ended = new AbortController();
  res.once("close", () => ended.abort(ENDED));
  const body = await readNodeBody(req, gateway.maxBody);
  if (body === "too-large") return refuseBody(req, res, tooLarge(gateway.maxBody));
  if (body === "consumed") throw new TypeError("The body was read before the gateway could read it");
  const { method = "", url = "/" } = req;
  const [path = "/"] = url.split("?", 1);
  const answer = await gateway.handle({ method, path, fields: fieldsOf(req), body, signal: ended.signal });
  if (!res.destroyed) await write(res, answer, { signal: ended.signal, stoppedMs: gateway.idleMs });
}

function fieldsOf(req: IncomingMessage): RequestFields {
  return { get: (name) => fieldOf(req, name), names: () => Object.keys(req.headers) };
}

interface Reader {
  readonly signal: AbortSignal;
  /** Milliseconds for which it may take nothing of what waits for it. */
  readonly stoppedMs: number;
}

/** Writes an answer as fast as its reader reads it. */
async function write(
  res: ServerResponse,
  { status, headers, body }: GatewayAnswer,
  { signal, stoppedMs }: Reader,
): Promise<void> {
  if (typeof body === "string") {
    // With its length, and so in one piece with its head.
    const length = status === 204 ? {} : { "Content-Length": Buffer.byteLength(body) };
    res.writeHead(status, { ...headers, ...length }).end(body);
    if (res.writableLength > 0) await taken(res, "finish", { signal, stoppedMs });
    return;
  }
  res.writeHead(status, headers);
  res.flushHeaders();
  for await (const piece of body) {
    if (signal.aborted) break;
    if (!res.write(piece)) await taken(res, "drain", { signal, stoppedMs });
  }
  res.end();
}

/** Waits until a reader has taken what was written. One that takes nothing for too long is gone, or as good as that (G4). */
async function taken(res: ServerResponse, event: "drain" | "finish", { signal, stoppedMs }: Reader): Promise<void> {
  let left = res.writableLength;
  const look = setInterval(() => {
    if (res.writableLength === left) res.destroy();
    left = res.writableLength;
  }, stoppedMs);
  await once(res, event, { signal }).catch(() => {});
  clearInterval(look);
}
