import {
  type AttestationContext,
  AttestationError,
  delegatedTo,
  type Layer,
  notify,
  optionError,
  wireReason,
} from "@attest/core";
import { metaOf } from "./attestation-of.ts";
import { callProblem } from "./call-problem.ts";
import { type AttestationDemand, type Demand, type DemandProblem, readDemand } from "./demand.ts";
import { type Exchange, exchangeOf } from "./guard/exchange.ts";
import { methodOf, targetOf } from "./guard/json-rpc.ts";
import { warnOnce } from "./warn-once.ts";

/** A verified agent that met a handler's demand, and which statement about it did. */
export type AdmittedAgent = AttestationContext & {
  /** The statement about the agent that meets the demand: one of its `layers`. */
  readonly metBy: Layer;
};

/** A handler as the SDK takes it, whose last parameter, the context, also has `attestation`. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of every handler form of both SDKs
export type AttestedHandler<H extends (...args: any[]) => any> =
  Parameters<H> extends [...infer Head, infer Context]
    ? (...args: [...Head, Context & { readonly attestation: AdmittedAgent }]) => ReturnType<H>
    : (...args: never[]) => unknown;

/** What each wrapped handler demands, for those who answer questions about it in its place. */
const demands = new WeakMap<object, Demand>();

const UNGUARDED =
  "This handler requires attestation, and no guard saw its message. Either its server has no guard: call " +
  "attestServer(server, guard) before connect, or serve it through attestHandler or attestNodeHandler. Or a framework " +
  "between the guard and the handler hides `_meta`: where it passes the request's params on, use attestationOf(params)";

/**
 * Wraps a handler so that it runs only for agents that meet a demand, and learns who calls: `(args, { attestation })`. On
 * a server without a guard it refuses everything.
 *
 * On a server that `attestServer` guards, the demand also covers what the SDK answers about the handler without asking it:
 * completions of a prompt's or template's arguments, the `list` callback of a template, and subscriptions to a resource.
 *
 * A refusal reaches the client as a JSON-RPC error with `error.data.reason`: `attestation_required` without a verified
 * agent, `attestation_claims_insufficient` if it does not meet the demand, `attestation_signature_required` for a MAC where a
 * signature is demanded, `attestation_definition_mismatch` for a call whose agent decided on another definition than is demanded.
 *
 * @throws AttestationError `ERR_OPTION` for a demand that makes no sense.
 * @example
 * ```ts
 * import { requireAttestation } from "@attest/mcp-server";
 * import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
 *
 * declare const server: McpServer; // which `attestServer` guards
 * const close = requireAttestation({ minTrustLevel: "provider" }, () => ({ content: [] }));
 * server.registerTool("close", {}, close);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: parameters of every handler form of both SDKs
export function requireAttestation<H extends (...args: any[]) => any>(
  demand: AttestationDemand,
  handler: AttestedHandler<H>,
): H {
  const known = readDemand(demand);
  if (typeof handler !== "function") throw optionError("handler", "must be a function, and the second argument");
  const guarded = async (...args: unknown[]): Promise<unknown> => {
    const context = args.at(-1);
    const exchange = exchangeOf(metaOf(context));
    if (!exchange) {
      warnOnce("ATTEST_GUARD_MISSING", UNGUARDED);
      throw new AttestationError("ERR_GUARD_MISSING", UNGUARDED);
    }
    const verdict = await known.judge(exchange, args);
    if ("problem" in verdict) throw refuse(exchange, verdict.problem);
    const problem = await callProblem(known, exchange);
    if (problem === "ERR_SIGNATURE_REQUIRED") exchange.demandSignature();
    if (problem) throw refuse(exchange, problem);
    notifyDemand(exchange, { outcome: "met" });
    const attestation = Object.freeze({ ...exchange.finding, metBy: verdict.metBy }) as AdmittedAgent;
    return (handler as (...args: unknown[]) => unknown)(...args.slice(0, -1), { ...(context as object), attestation });
  };
  demands.set(guarded, known);
  return guarded as unknown as H;
}

/** What a handler demands, if `requireAttestation` made it. */
export function demandOf(handler: unknown): Demand | undefined {
  return typeof handler === "function" ? demands.get(handler) : undefined;
}

const PROBLEMS: Readonly<Record<DemandProblem, string>> = {
  ERR_ATTESTATION_REQUIRED: "The handler requires a verified agent",
  ERR_DEMAND: "The agent does not meet the handler's demand",
  ERR_SIGNATURE_REQUIRED: "The handler requires a signature, and the call came with a MAC",
  ERR_DEFINITION_REQUIRED: "The handler demands a tool's definition, and the call names none",
  ERR_DEFINITION_MISMATCH: "The agent decided on another definition of the tool than the server has",
  ERR_DEFINITION_UNAVAILABLE: "The handler's own definition was not available",
};

/** Leaves the refusal where the transport's wrapper finds it: what a tool throws becomes a text on its way (M8). */
export function refuse(exchange: Exchange, code: DemandProblem): AttestationError {
  exchange.refusal = new AttestationError(code, PROBLEMS[code]);
  notifyDemand(exchange, { outcome: "refused", reason: wireReason(code), code });
  return exchange.refusal;
}

function notifyDemand(
  { finding, message, observer }: Exchange,
  outcome: { outcome: "met" } | { outcome: "refused"; reason: ReturnType<typeof wireReason>; code: DemandProblem },
): void {
  const [method, target] = [methodOf(message), targetOf(message)];
  notify(observer, {
    type: "demand",
    ...outcome,
    ...(method !== undefined && { method }),
    ...(target !== undefined && { target: target.slice(0, 256).replace(/[^\x20-\x7e]/g, "?") }),
    ...(finding.verified && { proof: finding.proof, issuer: finding.issuer, subject: finding.subject }),
    ...(finding.verified && finding.toolDigest !== undefined && { toolDigest: finding.toolDigest }),
    ...(finding.verified && finding.delegation && { delegation: delegatedTo(finding.delegation) }),
  });
}
