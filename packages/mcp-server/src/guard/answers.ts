import {
  type AttestationErrorCode,
  type AttestationErrorData,
  CAPABILITY,
  EXTENSION,
  errorNumber,
  HTTP_FIELDS,
  isRetryable,
  META_STATUS,
  MISSING_EXTENSION,
  type Reason,
  VERSION,
  type VerifierConfiguration,
  verifiedStatus,
  wireReason,
} from "@attest/core";
import type { Exchange, Finding } from "./brand.ts";
import { isObject, type JsonRpcId, objectAt } from "./json-rpc.ts";

/** What every answer says of the server that gives it. */
export interface ServerStance {
  readonly configuration: VerifierConfiguration;
  readonly advertiseIssuers: boolean;
}

/** A refusal to be told: coarse on the wire, precise here (O3). */
export interface Refused {
  readonly code: AttestationErrorCode;
  readonly serverTime?: number | undefined;
}

/** Where a refused request stood. */
export interface RequestFrame {
  readonly id: JsonRpcId;
  readonly method: string;
  /** Stateless, the extension not declared, nothing presented: the client lacks a required extension. */
  readonly lacksExtension: boolean;
}

/** What a person reads; machines decide by `data.reason`. */
const MESSAGES: Readonly<Record<Reason, string>> = {
  attestation_required: "Attestation required but not provided",
  attestation_invalid: "Attestation invalid",
  attestation_expired: "Attestation expired",
  attestation_replay: "Attestation replay detected",
  attestation_issuer_untrusted: "Attestation issuer not trusted",
  attestation_claims_insufficient: "Attestation claims insufficient",
  attestation_proof_invalid: "Attestation proof invalid",
  attestation_revoked: "Attestation revoked",
  attestation_challenge_required: "Attestation challenge required",
  attestation_unavailable: "Attestation cannot be verified at the moment",
};

/** The JSON-RPC answer that refuses a request (SPEC §7). */
export function refusalMessage(stance: ServerStance, refused: Refused, frame: RequestFrame): object {
  const { configuration, advertiseIssuers } = stance;
  const reason = wireReason(refused.code);
  const missing = frame.lacksExtension && reason === "attestation_required";
  const data: AttestationErrorData & { requiredCapabilities?: object } = {
    extension: EXTENSION,
    reason,
    policy: configuration.policy,
    retryable: isRetryable(reason),
    ...(reason === "attestation_expired" && refused.serverTime !== undefined && { serverTime: refused.serverTime }),
    ...(advertiseIssuers && { trustedIssuers: [...configuration.issuers.keys()] }),
    ...(missing && { requiredCapabilities: { extensions: { [EXTENSION]: {} } } }),
  };
  const code = missing ? MISSING_EXTENSION : errorNumber(reason, frame.method === "initialize");
  return { jsonrpc: "2.0", id: frame.id, error: { code, message: MESSAGES[reason], data } };
}

/** The HTTP fields that go with a refusal. */
export function refusalFields({ code, serverTime }: Refused): Record<string, string> {
  const reason = wireReason(code);
  return {
    [HTTP_FIELDS.error]: reason,
    ...(reason === "attestation_expired" && serverTime !== undefined && { [HTTP_FIELDS.time]: String(serverTime) }),
  };
}

/** The HTTP fields that go with the answer to what was verified. */
export function verifiedFields(finding: Finding): Record<string, string> {
  return finding.verified ? { [HTTP_FIELDS.status]: verifiedStatus(finding.trustLevel) } : {};
}

/** Whether an answer has to go through `finishAnswer` at all; all others leave as they are, unread. */
export function isToBeFinished({ method, refusal, stateless }: Exchange): boolean {
  return refusal !== undefined || stateless || method === "initialize" || method === "server/discover";
}

/**
 * A server's answer as it must leave: a handler's refusal as the error that it is (M8), and this protocol's words in the
 * answers to `initialize`, `server/discover` and stateless requests.
 */
export function finishAnswer(stance: ServerStance, exchange: Exchange, answer: Record<string, unknown>): object {
  const { finding, method, refusal, stateless } = exchange;
  const id = answer["id"] as JsonRpcId;
  if (refusal) {
    return refusalMessage(stance, { code: refusal.code }, { id, method: method ?? "", lacksExtension: false });
  }
  const { result } = answer;
  if (!isObject(result)) return answer;
  if (method === "initialize") {
    const capability = capabilityAnswer(stance, finding);
    return { ...answer, result: withCapability(result, "experimental", { [CAPABILITY]: capability }) };
  }
  if (method === "server/discover") {
    const extension = { version: VERSION.bound, policy: stance.configuration.policy };
    return { ...answer, result: withCapability(result, "extensions", { [EXTENSION]: extension }) };
  }
  if (!stateless) return answer;
  const status = { verification_status: statusOf(finding), trust_level: finding.trustLevel };
  return { ...answer, result: { ...result, _meta: { ...objectAt(result, "_meta"), [META_STATUS]: status } } };
}

/** The server's half of the `security.attestation` capability, with the members of 0.1.0. */
export function capabilityAnswer({ configuration, advertiseIssuers }: ServerStance, finding: Finding): object {
  const required = ["agent_identity", "attestation_metadata", ...configuration.requiredClaims];
  const verified = finding.verified
    ? ["agent_identity", "attestation_metadata", ...(finding.claims.agentIntegrity ? ["agent_integrity"] : [])]
    : undefined;
  return {
    version: finding.verified ? VERSION[finding.profile] : VERSION.bound,
    policy: configuration.policy,
    ...(advertiseIssuers && { trusted_issuers: [...configuration.issuers.keys()] }),
    required_claims: [...new Set(required)],
    verification_status: statusOf(finding),
    ...(verified && { trust_level: finding.trustLevel, verified_claims: verified }),
  };
}

function statusOf(finding: Finding): "verified" | "failed" | "not_provided" {
  if (finding.verified) return "verified";
  return finding.outcome === "absent" ? "not_provided" : "failed";
}

function withCapability(result: Record<string, unknown>, kind: string, added: object): Record<string, unknown> {
  const capabilities = objectAt(result, "capabilities");
  return { ...result, capabilities: { ...capabilities, [kind]: { ...objectAt(capabilities, kind), ...added } } };
}
