// Single steps of a vector for guards: what comes, what the server behind would answer, and what the guard must do.
import { agent, NOW } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import { attestation, proof } from "../common/tokens.mjs";

export const META = {
  attestation: "io.github.attest/attestation",
  proof: "io.github.attest/proof",
  version: "io.modelcontextprotocol/protocolVersion",
  capabilities: "io.modelcontextprotocol/clientCapabilities",
};
export const EXTENSION = "io.github.attest/agent-attestation";
export const STATELESS = { [META.version]: "2026-07-28" };
export const DECLARED = { [META.capabilities]: { extensions: { [EXTENSION]: { version: "0.2.0" } } } };

/** What a declaration may have as `features`, by what it is: nobody decides anything by it (SPEC-4.34). */
export const ODD_FEATURES = {
  "no features": [],
  "features that nobody knows": ["tickets", "teleportation", 7],
  "a text as features": "tickets",
  "null as features": null,
};

export const INITIALIZE = {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "agent", version: "1.0.0" },
};
const CALL = { name: "transfer", arguments: { amount: 12.5 } };

/** A request as JSON-RPC has it. */
export const rpc = (method, params, id = 1) => ({ jsonrpc: "2.0", id, method, ...(params && { params }) });
export const note = (method, params) => ({ jsonrpc: "2.0", method, ...(params && { params }) });
export const callOf = (meta, id = 1) => rpc("tools/call", { ...CALL, ...(meta && { _meta: meta }) }, id);

/** What a server behind the guard answers where nothing else is said. */
export const result = (content = { content: [] }, id = 1) => ({
  status: 200,
  fields: { "content-type": "application/json" },
  body: { jsonrpc: "2.0", id, result: content },
});
const ACCEPTED = { status: 202, fields: {} };

/** The credentials in HTTP fields for one request. @param by Another holder of another attestation. */
export function fieldsFor(method, body, { by, sessionId, accessToken, change, jti } = {}) {
  const token = by?.token ?? attestation();
  const request = { kind: "http", method, ...(body !== undefined && { body: base64url(body) }) };
  const payload = { ...(jti && { jti }), ...change?.payload };
  const made = proof(token, request, { ...change, payload }, { sessionId, accessToken, key: by?.key ?? agent });
  return { "agent-attestation": token, "agent-attestation-proof": made };
}

/** The credentials in a message: the message with them. */
export function inMessage(message, { by, jti, sessionId, accessToken } = {}) {
  const token = by?.token ?? attestation();
  const { method, params = {} } = message;
  const change = { payload: { ...(jti && { jti }) } };
  const made = proof(token, { kind: "message", method, params }, change, {
    key: by?.key ?? agent,
    sessionId,
    accessToken,
  });
  const _meta = { ...params._meta, [META.attestation]: token, [META.proof]: made };
  return { ...message, params: { ...params, _meta } };
}

/** The same for a result that answers the server. */
export function resultInMessage(id, content, { by } = {}) {
  const token = by?.token ?? attestation();
  const made = proof(token, { kind: "response", id, result: content }, {}, { key: by?.key ?? agent });
  return { jsonrpc: "2.0", id, result: { ...content, _meta: { [META.attestation]: token, [META.proof]: made } } };
}

/**
 * A POST. @param message What it brings, or text. @param given.credentials Options of `fieldsFor`; absent: none are sent.
 * @param given.answer What the server behind answers.
 */
export function post(message, expected, { credentials, fields, sessionId, answer, time = NOW } = {}) {
  const body = typeof message === "string" ? message : JSON.stringify(message);
  const answered =
    answer ?? (message.method !== undefined && message.id !== undefined ? result(undefined, message.id) : ACCEPTED);
  const sent = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    ...(sessionId && { "mcp-session-id": sessionId }),
    ...(credentials && fieldsFor("POST", body, { sessionId, ...credentials })),
    ...fields,
  };
  return { time, request: { method: "POST", fields: sent, body }, answer: answered, expected };
}

/** A request without a body. */
export function bodiless(method, expected, { credentials, sessionId, fields, time = NOW } = {}) {
  const sent = {
    accept: "text/event-stream",
    ...(sessionId && { "mcp-session-id": sessionId }),
    ...(credentials && fieldsFor(method, undefined, { sessionId, ...credentials })),
    ...fields,
  };
  const answer = { status: 200, fields: { "content-type": "text/event-stream" } };
  return { time, request: { method, fields: sent }, answer, expected };
}

/** A message on another transport. @param from `client` or `server`. */
export const wired = (from, message, expected, { time = NOW } = {}) => ({ time, from, message, expected });

/** What a verified POST comes to: handled, as this message where it is given. */
export const handled = (message) => ({
  handled: true,
  ...(message && { message }),
  status: 200,
  verified: "provider",
});
/** A refusal of a POST, by reason and number. */
export const refusedPost = (reason, code, more = {}) => ({
  handled: false,
  status: 200,
  reason,
  error: { id: 1, code, reason, retryable: RETRYABLE.has(reason), policy: "required", ...more },
});
/** One without a body. */
export const refusedBare = (reason, status = 403) => ({ handled: false, status, reason, body: null });

const RETRYABLE = new Set(["attestation_required", "attestation_expired", "attestation_unavailable"]);

export { NOW };
