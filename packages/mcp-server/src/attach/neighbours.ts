import type { DemandProblem } from "../demand.ts";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import type { Exchange } from "../guard/exchange.ts";
import type { JsonRpcMessage } from "../guard/json-rpc.ts";
import { refuse } from "../require-attestation.ts";
import { type GateReply, reply } from "./http-gate.ts";
import type { Surface } from "./surface.ts";

/** The newest server that was guarded, by guard: where servers are made per request, it is like all others. */
const surfaces = new WeakMap<object, Surface>();

/** Notes what a server demands, for requests that a handler answers without any server. */
export function noteSurface(guard: AttestationGuard, surface: Surface): void {
  surfaces.set(guard, surface);
}

/**
 * What an agent lacks for the stream of updates that it asks for, by the demands of the resources' handlers. Entries of the
 * v2 SDK, `createMcpHandler` and `serveStdio`, open these streams without asking any server. `undefined` for other messages,
 * and for resources that demand nothing.
 */
export function listeningDemand(
  guard: AttestationGuard,
  message: JsonRpcMessage | undefined,
  exchange: Exchange,
): DemandProblem | undefined | Promise<DemandProblem | undefined> {
  if (message?.kind !== "request" || message.method !== "subscriptions/listen") return undefined;
  return surfaces.get(guard)?.problem(message, exchange);
}

/** Why an agent must not have the stream that it asked for over HTTP, as the answer to it. */
export async function listeningProblem(
  guard: AttestationGuard,
  message: JsonRpcMessage | undefined,
  exchange: Exchange,
): Promise<GateReply | undefined> {
  const code = await listeningDemand(guard, message, exchange);
  return code && refuseDemand(guard, message, exchange, code);
}

/** Refuses, over HTTP, a message of an agent that does not meet a demand. */
export function refuseDemand(
  guard: AttestationGuard,
  message: JsonRpcMessage | undefined,
  exchange: Exchange,
  code: DemandProblem,
): GateReply | undefined {
  refuse(exchange, code);
  const decision = guard.refuse({ jsonrpc: "2.0", ...requestOf(message) }, { code, demanded: true });
  return decision.action === "reply" ? reply(decision) : undefined;
}

function requestOf(message: JsonRpcMessage | undefined): object {
  if (message?.kind !== "request") return {};
  const { id, method, params } = message;
  return { id, method, params };
}
