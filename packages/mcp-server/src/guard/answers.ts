import {
  type AttestationContext,
  CAPABILITY,
  DECLARED_VERSION,
  EXTENSION,
  HTTP_FIELDS,
  isJsonObject,
  META_PREFIX,
  META_STATUS,
  META_TICKET_GRANT,
  type TicketGrant,
  type VerifiedTrustLevel,
  verifiedStatus,
  writeTicketField,
} from "@attest/core";
import type { Exchange, Finding } from "./exchange.ts";
import { type JsonRpcId, methodOf, objectAt } from "./json-rpc.ts";
import { type AnswerOptions, isRefusal, refusalMessage } from "./refusals.ts";

/** What a handler's error becomes if it names this protocol: a client must not take it for a refusal of ours (M13). */
const FOREIGN_REFUSAL = { code: -32603, message: "Internal error" } as const;

/** The HTTP fields that go with the answer to a verified request. */
export function verifiedFields(finding: Finding): Record<string, string> {
  return finding.verified ? { [HTTP_FIELDS.status]: verifiedStatus(toldTrustLevel(finding)) } : {};
}

/** The highest trust level of what is known of an agent (SPEC-20.8). */
function toldTrustLevel({ layers }: AttestationContext): VerifiedTrustLevel {
  return layers.some(({ trustLevel }) => trustLevel === "provider") ? "provider" : "enterprise";
}

/** The HTTP field of a ticket that goes with the head of the answer. */
export function ticketField(ticket: TicketGrant | undefined): Record<string, string> {
  return ticket ? { [HTTP_FIELDS.ticket]: writeTicketField(ticket) } : {};
}

/** Whether a field of an answer is one that only a guard may set. */
export function isOwnField(name: string): boolean {
  return name.toLowerCase().startsWith("agent-attestation");
}

/** Whether an answer changes on its way out even if it says nothing about this protocol. */
export function isToBeFinished({ message, refusal, stateless, ticket }: Exchange): boolean {
  const method = methodOf(message);
  return (
    refusal !== undefined ||
    ticket !== undefined ||
    stateless ||
    method === "initialize" ||
    method === "server/discover"
  );
}

/**
 * An answer as it must leave: a handler's refusal as the error that it is (M8), what this protocol says in the answers
 * to `initialize`, `server/discover` and stateless requests, and nothing else that names this protocol (SPEC-4.27).
 *
 * @param exchange The request that it answers; `undefined` if no guard saw it.
 */
export function finishAnswer(
  options: AnswerOptions,
  exchange: Exchange | undefined,
  answer: Record<string, unknown>,
): object {
  const id = answer["id"] as JsonRpcId;
  const method = methodOf(exchange?.message) ?? "";
  if (exchange?.refusal) {
    return refusalMessage(options, { code: exchange.refusal.code }, { id, method, lacksExtension: false });
  }
  const { result, error } = answer;
  if (error !== undefined) {
    return namesExtension(error) && !isRefusal(answer) ? { ...answer, error: FOREIGN_REFUSAL } : answer;
  }
  if (!isJsonObject(result)) return answer;
  const own = withoutOwnMeta(result);
  const finished = exchange ? withTicket(exchange, addWords(options, exchange, method, own)) : own;
  return finished === result ? answer : { ...answer, result: finished };
}

/** The server's half of the `security.attestation` capability, with the members of 0.1.0. */
export function capabilityAnswer(options: AnswerOptions, finding: Finding): object {
  const { configuration, advertiseIssuers, features } = options;
  const required = ["agent_identity", "attestation_metadata", ...configuration.requiredClaims];
  const verified = finding.verified
    ? [
        ...(finding.identity ? ["agent_identity", "attestation_metadata"] : []),
        ...(finding.claims.agentIntegrity ? ["agent_integrity"] : []),
      ]
    : undefined;
  return {
    version: finding.verified && finding.format === "bearer" ? DECLARED_VERSION.bearer : DECLARED_VERSION.attestation,
    policy: configuration.policy,
    ...notEnforced(options),
    features,
    ...(advertiseIssuers && { trusted_issuers: [...configuration.issuers.keys()] }),
    required_claims: [...new Set(required)],
    verification_status: statusOf(finding),
    ...(finding.verified && { trust_level: toldTrustLevel(finding), verified_claims: verified }),
  };
}

function addWords(
  options: AnswerOptions,
  { finding, stateless }: Exchange,
  method: string,
  result: Record<string, unknown>,
): Record<string, unknown> {
  if (method === "initialize") {
    return withCapability(result, "experimental", { [CAPABILITY]: capabilityAnswer(options, finding) });
  }
  if (method === "server/discover") {
    const { configuration, features } = options;
    const { policy } = configuration;
    const extension = { version: DECLARED_VERSION.attestation, policy, ...notEnforced(options), features };
    return withCapability(result, "extensions", { [EXTENSION]: extension });
  }
  if (!stateless) return result;
  const trustLevel = finding.verified ? toldTrustLevel(finding) : finding.trustLevel;
  const status = { verification_status: statusOf(finding), trust_level: trustLevel };
  return { ...result, _meta: { ...objectAt(result, "_meta"), [META_STATUS]: status } };
}

/** A result with the ticket that its request asked for. A result that others may be served is for nobody in particular (SPEC-19.9). */
function withTicket({ ticket }: Exchange, result: Record<string, unknown>): Record<string, unknown> {
  if (!ticket || result["cacheScope"] === "public") return result;
  return { ...result, _meta: { ...objectAt(result, "_meta"), [META_TICKET_GRANT]: ticket } };
}

/** Whether an error would be read as a refusal of this protocol. */
function namesExtension(error: unknown): boolean {
  const data = objectAt(error, "data");
  const required = objectAt(objectAt(data, "requiredCapabilities"), "extensions");
  return data["extension"] === EXTENSION || Object.hasOwn(required, EXTENSION);
}

/** A result without this protocol's keys in its `_meta`, which a handler may have passed on from a server that it called. */
function withoutOwnMeta(result: Record<string, unknown>): Record<string, unknown> {
  const { _meta } = result;
  if (!isJsonObject(_meta) || !Object.keys(_meta).some((name) => name.startsWith(META_PREFIX))) return result;
  const kept = Object.entries(_meta).filter(([name]) => !name.startsWith(META_PREFIX));
  return { ...result, _meta: Object.fromEntries(kept) };
}

function notEnforced({ enforce }: AnswerOptions): object {
  return enforce ? {} : { enforced: false };
}

function statusOf(finding: Finding): "verified" | "failed" | "not_provided" {
  if (finding.verified) return "verified";
  return finding.outcome === "absent" ? "not_provided" : "failed";
}

function withCapability(result: Record<string, unknown>, kind: string, added: object): Record<string, unknown> {
  const capabilities = objectAt(result, "capabilities");
  return { ...result, capabilities: { ...capabilities, [kind]: { ...objectAt(capabilities, kind), ...added } } };
}
