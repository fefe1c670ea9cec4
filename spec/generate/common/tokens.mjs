// Attestations and proofs: honest, or with one thing altered.
import { AUDIENCE, agent, authority, BEARER_CLAIMS, BOUND_CLAIMS, BOUND_HEADER, MESSAGE, NOW } from "./baseline.mjs";
import { base64url, sha256 } from "./bytes.mjs";

const BEARER_HEADER = { alg: "EdDSA", kid: authority.kid, typ: "JWT" };
const PROOF_HEADER = { alg: "Ed25519", typ: "agent-attestation-pop+jwt" };

/** A name for single use, the same in every run. */
const idOf = (...parts) => sha256(parts.join("\n")).slice(0, 22);

/**
 * Makes a compact JWS with one thing altered, then signs what it became: so that only that one thing is wrong.
 *
 * @param change.header, change.payload Members to replace; `undefined` removes one.
 * @param change.headerText, change.payloadText Change the JSON text, or give bytes instead of it.
 * @param change.segment Changes the first two segments before they are signed. @param change.signature Changes the
 * signature's bytes. @param change.token Changes the finished text. @param change.key Signs, instead of the honest key.
 */
export function forge(honest, change = {}) {
  const keep = (text) => text;
  const {
    header,
    payload,
    headerText = keep,
    payloadText = keep,
    segment = keep,
    signature = keep,
    token = keep,
  } = change;
  const key = change.key ?? honest.key;
  const first = base64url(headerText(JSON.stringify({ ...honest.header, ...header })));
  const second = base64url(payloadText(JSON.stringify({ ...honest.payload, ...payload })));
  const input = segment(`${first}.${second}`);
  return token(`${input}.${base64url(signature(key.sign(input)))}`);
}

export const attestation = (change) => forge({ header: BOUND_HEADER, payload: BOUND_CLAIMS, key: authority }, change);
export const bearer = (change) => forge({ header: BEARER_HEADER, payload: BEARER_CLAIMS, key: authority }, change);

/** The RFC 8785 form: members by UTF-16 code units, everything else as ECMAScript writes it. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** What `mcp_digest` is over, as text. */
export function covered(request) {
  const body = request.kind === "message" ? (request.params ?? {}) : request.result;
  if (
    Object.hasOwn(body, "_meta") &&
    (typeof body._meta !== "object" || body._meta === null || Array.isArray(body._meta))
  )
    return canonical(memberOf(request, body));
  const { _meta, ...rest } = body;
  const uncovered = (name) =>
    name.startsWith("io.github.attest/") || ["traceparent", "tracestate", "baggage"].includes(name);
  const meta = Object.entries(_meta ?? {}).filter(([name]) => !uncovered(name));
  const kept = meta.length > 0 ? { ...rest, _meta: Object.fromEntries(meta) } : rest;
  return canonical(memberOf(request, kept));
}

const memberOf = (request, body) =>
  request.kind === "message" ? { method: request.method, params: body } : { id: request.id, result: body };

/** The claims by which a proof covers a request. */
function coverage(request) {
  return request.kind === "http"
    ? { htm: request.method, body_digest: sha256(Buffer.from(request.body ?? "", "base64url")) }
    : { mcp_digest: sha256(covered(request)) };
}

/** The agent's honest proof for one use of an attestation, with one thing altered. */
export function proof(token, request = MESSAGE, change = {}, { accessToken, sessionId, key = agent } = {}) {
  const payload = {
    aud: AUDIENCE,
    jti: idOf(token, JSON.stringify(request), JSON.stringify(change.payload ?? {})),
    iat: NOW,
    att_hash: sha256(token),
    ...coverage(request),
    session: sessionId,
    ath: accessToken === undefined ? undefined : sha256(accessToken),
  };
  return forge({ header: { ...PROOF_HEADER, alg: key.algorithm }, payload, key }, change);
}
