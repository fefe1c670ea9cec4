// What every vector starts from: one authority, one agent, one server, one moment.
import { base64url } from "./bytes.mjs";
import { ed25519Key, es256Key } from "./test-keys.mjs";

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

/** For the claims that an attestation may do without. */
export const PLACE = { org_id: "o", workload_id: "w", deployment_env: "prod" };
export const HASH = `sha256:${"0123456789abcdef".repeat(4)}`;

export const BEARER_CLAIMS = {
  ...BOUND_CLAIMS,
  aud: AUDIENCE,
  cnf: undefined,
  attestation_metadata: { ...BOUND_CLAIMS.attestation_metadata, attestation_version: "0.1.0" },
};

export const MESSAGE = {
  kind: "message",
  method: "tools/call",
  params: { name: "transfer", arguments: { to: "Zoë", amount: 12.5, notes: ["a", null, true] } },
};
export const RESPONSE = { kind: "response", id: 7, result: { action: "accept", content: { ok: true } } };
export const HTTP = { kind: "http", method: "POST", body: base64url('{"jsonrpc":"2.0","id":1,"method":"tools/list"}') };
