import type { IncomingMessage, ServerResponse } from "node:http";
import { readNodeBody, refuseBody, tooLarge } from "@attest/mcp-server/gate";
import { CallEnd } from "../call-end.ts";
import { Gateway } from "../gateway.ts";
import { configureGateway, type GatewayConfiguration, type NodeGatewayOptions } from "../gateway-options.ts";
import { processUpstream } from "../process/process-upstream.ts";
import { httpUpstream } from "../upstream/http-upstream.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { nodeFields } from "./node-fields.ts";
import { writeAnswer } from "./write-answer.ts";

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
  const call = new CallEnd();
  res.on("close", call.end);
  const body = await readNodeBody(req, gateway.maxBody);
  if (body === "too-large") return refuseBody(req, res, tooLarge(gateway.maxBody));
  if (body === "consumed") throw new TypeError("The body was read before the gateway could read it");
  const { method = "", url = "/" } = req;
  const query = url.indexOf("?");
  const path = query < 0 ? url : url.slice(0, query);
  const answer = await gateway.handle({ method, path, fields: nodeFields(req), body, call });
  if (!res.destroyed) await writeAnswer(res, answer, { call, stoppedMs: gateway.idleMs });
}
