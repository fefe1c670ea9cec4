import { HTTP_FIELDS, isJsonObject, readAuthorization } from "@attest/core";
import {
  ambiguousSession,
  classify,
  type Exchange,
  exchangeIn,
  type Finding,
  type GateReply,
  HttpGate,
  type JsonRpcMessage,
  refuseDemand,
  rpcError,
} from "@attest/mcp-server/gate";
import type { CallEnd } from "./call-end.ts";
import { demandProblem } from "./demands/demand-problem.ts";
import type { GatewayConfiguration } from "./gateway-options.ts";
import { ambiguousName } from "./wire/ambiguous-names.ts";
import { META_VERIFIED, VERIFIED_FIELD, verifiedClaims } from "./wire/assertion.ts";
import { mcpFields } from "./wire/mcp-fields.ts";
import { ownSerialization } from "./wire/own-serialization.ts";
import { only, type RequestFields } from "./wire/request-fields.ts";
import type { SessionIds } from "./wire/session-ids.ts";
import { upstreamFields } from "./wire/upstream-fields.ts";

/** A request as it reaches a gateway, read whole. */
export interface GatewayRequest {
  readonly method: string;
  /** The path of its URL. */
  readonly path: string;
  readonly fields: RequestFields;
  readonly body: Uint8Array;
  /** Over when the agent is gone or has its answer, whichever comes first. */
  readonly call: CallEnd;
}

/** A request that may be sent to the upstream, and what is known of it for its answer. */
export interface Admitted {
  readonly rpc: JsonRpcMessage | undefined;
  readonly exchange: Exchange | undefined;
  readonly finding: Finding;
  readonly sent: { readonly headers: Record<string, string>; readonly body: string | undefined };
  /** Fields that the guard adds to the answer. */
  readonly fields: Readonly<Record<string, string>>;
  /** Call with the answer's status and the session id that the agent is given. */
  answered(status: number, sessionId: string | undefined): void;
}

const NOBODY: Finding = { outcome: "absent", verified: false, trustLevel: "none" };

/**
 * Decides about a request and writes what the upstream gets for it. In order: the form of the fields, the message against the
 * fields that repeat it, the guard, the demands; then the fields, the body and the assertion are written again.
 *
 * @returns The answer of a request that goes no further.
 */
export async function admit(
  request: GatewayRequest,
  { guard, authorization, fields: configured, demands, asserter, tellsInMessages }: GatewayConfiguration,
  sessionIds: SessionIds,
): Promise<GateReply | Admitted> {
  const { method, fields, body } = request;
  const [sessionId, ...others] = fields.get("Mcp-Session-Id");
  if (others.length > 0) return ambiguousSession();
  if (method === "POST" && !isJsonType(only(fields, "Content-Type"))) {
    return rpcError(415, -32600, "Invalid request: Content-Type must be application/json");
  }
  const passed = upstreamFields(fields, { authorization, fields: configured });
  if (typeof passed === "string") return rpcError(400, -32600, `Invalid request: several ${passed} fields`);
  let repeated = method === "POST" ? {} : mcpFields(fields, undefined);
  const examine = (message: unknown): GateReply | undefined => {
    const place = isJsonObject(message) ? ambiguousName(message) : undefined;
    if (place !== undefined) return rpcError(400, -32600, `Invalid request: ambiguous names in ${place}`);
    repeated = mcpFields(fields, message);
    return typeof repeated === "string" ? mismatch(message, repeated) : undefined;
  };
  if (typeof repeated === "string") return mismatch(undefined, repeated);
  const credential = fields.get("Authorization")[0];
  const decision = await new HttpGate(guard, { sessions: sessionIds, examine }).decide({
    method,
    body,
    attestation: fields.get(HTTP_FIELDS.attestation),
    proof: fields.get(HTTP_FIELDS.proof),
    authorization: credential,
    sessionId,
    protocolVersion: fields.get("MCP-Protocol-Version")[0],
  });
  if (decision.action === "reply") return decision;
  const rpc = classify(decision.message);
  const exchange = exchangeIn(rpc);
  // A guard that only reports passes on what is no message; a gateway sends nothing that it has not read.
  if (method === "POST" && !exchange) return rpcError(400, -32600, "Invalid request: not exactly one JSON-RPC message");
  if (isRounded(decision.message)) return rpcError(400, -32600, "Invalid request: an id beyond 2^53");
  const problem = demands && exchange ? demandProblem(demands, rpc, exchange) : undefined;
  const refusal = problem && exchange && refuseDemand(guard, rpc, exchange, problem);
  if (refusal) return refusal;

  const upstreamId = sessionId === undefined ? undefined : sessionIds.upstreamIdOf(sessionId);
  const { attestation } = decision;
  const told = tellsInMessages && attestation ? { [META_VERIFIED]: verifiedClaims(attestation) } : undefined;
  let own: string | undefined;
  try {
    own = exchange && ownSerialization(exchange, (decision.message as { id?: unknown }).id, told);
  } catch {
    return rpcError(400, -32600, "Invalid request: nested too deep");
  }
  // Of what the upstream is sent, and not of what the agent sent: `Connection` may have named it.
  const { accessToken } = readAuthorization(passed["Authorization"]);
  const assertion =
    attestation &&
    asserter &&
    (await asserter.assert(attestation, { method, body: own, sessionId: upstreamId, accessToken }));
  const headers = Object.assign(passed, repeated as Record<string, string>);
  if (own !== undefined) headers["Content-Type"] = "application/json";
  if (upstreamId !== undefined) headers["Mcp-Session-Id"] = upstreamId;
  if (assertion) headers[VERIFIED_FIELD] = assertion;
  return {
    rpc,
    exchange,
    finding: exchange?.finding ?? attestation ?? NOBODY,
    sent: { headers, body: own },
    fields: decision.headers,
    answered: decision.answered,
  };
}

/** The answer to fields that say something else than the message (MCP 2026-07-28). */
function mismatch(message: unknown, field: string): GateReply {
  const { id } = isJsonObject(message) ? message : {};
  const answerable = typeof id === "string" || (typeof id === "number" && Number.isSafeInteger(id)) ? id : null;
  const error = { code: -32020, message: `Header mismatch: ${field} is there twice or says something else` };
  return {
    action: "reply",
    status: 400,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: answerable, error }),
  };
}

/** Whether a message has an id that was rounded when it was read: written again it would be another one. */
function isRounded(message: unknown): boolean {
  const { id } = isJsonObject(message) ? message : {};
  return typeof id === "number" && Math.abs(id) > Number.MAX_SAFE_INTEGER;
}

function isJsonType(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/json";
}
