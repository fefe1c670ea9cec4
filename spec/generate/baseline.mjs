// What every vector starts from: one authority, one agent, one server, one moment; and the ways to depart from it.
import { createHash } from "node:crypto";
import { ed25519Key, es256Key, thumbprint } from "./test-keys.mjs";

/** The moment at which everything happens unless a vector says otherwise, Unix seconds. */
export const NOW = 1_800_000_000;
export const ISSUER = "https://authority.example";
export const ENTERPRISE = "https://sso.corp.example";
export const AUDIENCE = "https://server.example/mcp";
export const SECOND_AUDIENCE = "https://server.example/second";

export const authority = ed25519Key("authority");
export const enterprise = ed25519Key("enterprise");
export const authorityP256 = es256Key("authority-p256");
export const agent = ed25519Key("agent");
export const agentP256 = es256Key("agent-p256");
export const stranger = ed25519Key("stranger");

export const base64url = (data) => Buffer.from(data).toString("base64url");
export const sha256 = (data) => base64url(createHash("sha256").update(data).digest());

/** A name for single use, the same in every run. */
const idOf = (...parts) => sha256(parts.join("\n")).slice(0, 22);

const publicJwk = ({ jwk, algorithm }) => (algorithm === "ES256" ? { ...jwk, alg: "ES256" } : { ...jwk, use: "sig" });

/** A verifier's configuration with every default written out. */
export const VERIFIER = {
  trustedIssuers: [
    { issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"], algorithms: ["Ed25519"] },
    { issuer: ENTERPRISE, trustLevel: "enterprise", trustDomains: ["corp.example"], algorithms: ["Ed25519"] },
  ],
  keys: {
    [ISSUER]: { keys: [publicJwk(authority), publicJwk(authorityP256)] },
    [ENTERPRISE]: { keys: [publicJwk(enterprise)] },
  },
  audience: [AUDIENCE, SECOND_AUDIENCE],
  policy: "required",
  allowBearer: false,
  allowMultipleAudiences: false,
  requiredClaims: [],
  proofAlgorithms: ["Ed25519", "ES256"],
  clockTolerance: 30,
  proofWindow: 60,
  nodeSkew: 5,
  maxLifetime: { bound: 3600, bearer: 900 },
};

export const trusting = (algorithms) => ({
  ...VERIFIER,
  trustedIssuers: VERIFIER.trustedIssuers.map((issuer) => ({ ...issuer, algorithms })),
});

export const BOUND_HEADER = { alg: "Ed25519", kid: authority.kid, typ: "agent-attestation+jwt" };
export const BOUND_CLAIMS = {
  iss: ISSUER,
  sub: "spiffe://example.com/model/example-1",
  iat: NOW - 5,
  nbf: NOW - 5,
  exp: NOW + 295,
  jti: "attestation-0001",
  cnf: { jwk: { crv: "Ed25519", kty: "OKP", x: agent.jwk.x } },
  agent_identity: { model_family: "example", model_version: "example-1", provider: "example" },
  attestation_metadata: {
    attestation_version: "0.2.0",
    attestation_type: "provider",
    safety_level: "standard",
    capabilities_declared: [],
  },
};

const BEARER_HEADER = { alg: "EdDSA", kid: authority.kid, typ: "JWT" };
export const BEARER_CLAIMS = {
  ...BOUND_CLAIMS,
  aud: AUDIENCE,
  cnf: undefined,
  attestation_metadata: { ...BOUND_CLAIMS.attestation_metadata, attestation_version: "0.1.0" },
};

const PROOF_HEADER = { alg: "Ed25519", typ: "agent-attestation-pop+jwt" };

export const MESSAGE = {
  kind: "message",
  method: "tools/call",
  params: { name: "transfer", arguments: { to: "Zoë", amount: 12.5, notes: ["a", null, true] } },
};
export const RESPONSE = { kind: "response", id: 7, result: { action: "accept", content: { ok: true } } };
export const HTTP = { kind: "http", method: "POST", body: base64url('{"jsonrpc":"2.0","id":1,"method":"tools/list"}') };

/**
 * Makes a compact JWS with one thing altered, then signs what it became: so that only that one thing is wrong.
 *
 * @param change.header, change.payload Members to replace; `undefined` removes one.
 * @param change.headerText, change.payloadText Change the JSON text, or give bytes instead of it.
 * @param change.segment Changes the first two segments before they are signed. @param change.signature Changes the
 * signature's bytes. @param change.token Changes the finished text. @param change.key Signs, instead of the honest key.
 */
function forge(honest, change = {}) {
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
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

/** What `mcp_digest` is over, as text. */
export function covered(request) {
  const body = request.kind === "message" ? (request.params ?? {}) : request.result;
  const { _meta, ...rest } = body;
  const uncovered = (name) =>
    name.startsWith("io.github.attest/") || ["traceparent", "tracestate", "baggage"].includes(name);
  const meta = Object.entries(_meta ?? {}).filter(([name]) => !uncovered(name));
  const kept = meta.length > 0 ? { ...rest, _meta: Object.fromEntries(meta) } : rest;
  return canonical(
    request.kind === "message" ? { method: request.method, params: kept } : { id: request.id, result: kept },
  );
}

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

/** What a verifier says of an honest bound attestation. */
export const verified = {
  outcome: "verified",
  profile: "bound",
  trustLevel: "provider",
  subject: BOUND_CLAIMS.sub,
  keyThumbprint: thumbprint(agent.jwk),
};
export const verifiedBearer = {
  outcome: "verified",
  profile: "bearer",
  trustLevel: "provider",
  subject: BOUND_CLAIMS.sub,
};

const REASONS = {
  ERR_ATTESTATION_REQUIRED: "attestation_required",
  ERR_ATTESTATION_EXPIRED: "attestation_expired",
  ERR_PROOF_TIME: "attestation_expired",
  ERR_REPLAY: "attestation_replay",
  ERR_ISSUER_UNTRUSTED: "attestation_issuer_untrusted",
  ERR_CLAIM_REQUIRED: "attestation_claims_insufficient",
  ERR_REVOKED: "attestation_revoked",
  ERR_REVOCATION_UNAVAILABLE: "attestation_unavailable",
  ERR_KEY_SOURCE_UNAVAILABLE: "attestation_unavailable",
  ERR_REPLAY_CACHE_UNAVAILABLE: "attestation_unavailable",
  ERR_REPLAY_CACHE_FULL: "attestation_unavailable",
  ERR_CLOCK: "attestation_unavailable",
};

/** A refusal: what the operator is told, and the reason that the peer is told (SPEC §7). */
export function refused(code, time) {
  const reason = REASONS[code] ?? (code.startsWith("ERR_PROOF_") ? "attestation_proof_invalid" : "attestation_invalid");
  return { outcome: "refused", reason, code, ...(reason === "attestation_expired" && { serverTime: time ?? NOW }) };
}

export const unassessed = (code) => ({ outcome: "unassessed", reason: refused(code).reason, code });

/** One presentation of an attestation to a verifier, with the honest proof for it unless another is given. */
export function present(token, expected, other = {}) {
  const request = Object.hasOwn(other, "request") ? other.request : MESSAGE;
  const provable = typeof token === "string" && request !== undefined;
  const { accessToken, sessionId } = other;
  const withProof = Object.hasOwn(other, "proof") ? other.proof : provable ? proof(token, request) : undefined;
  return {
    time: other.time === undefined ? NOW : other.time,
    attestation: token,
    proof: withProof,
    request,
    sessionId,
    accessToken,
    expected,
  };
}
