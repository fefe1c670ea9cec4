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
 * Why an agent must not have the stream that it asked for: `createMcpHandler` of the v2 SDK serves `subscriptions/listen`
 * itself. `undefined` for other messages, and for resources that demand nothing.
 */
export async function listeningProblem(
  guard: AttestationGuard,
  message: JsonRpcMessage | undefined,
  exchange: Exchange,
): Promise<GateReply | undefined> {
  if (message?.kind !== "request" || message.method !== "subscriptions/listen") return undefined;
  const code = await surfaces.get(guard)?.problem(message, exchange);
  if (!code) return undefined;
  refuse(exchange, code);
  const { jsonrpc, id, method, params } = { jsonrpc: "2.0", ...message };
  const decision = guard.refuse({ jsonrpc, id, method, params }, { code });
  return decision.action === "reply" ? reply(decision) : undefined;
}
