// The table of SPEC §5: what each policy makes of nothing, of what cannot be assessed, of what is false, and of what is good.
import { AUDIENCE, authorityP256, BOUND_CLAIMS, MESSAGE, NOW, stranger, VERIFIER } from "./common/baseline.mjs";
import { BY_P256, metadata, payload } from "./common/changes.mjs";
import { present, refused, unassessed, verified } from "./common/presentations.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

const POLICIES = ["required", "preferred", "optional"];
const VARIANTS = {
  "": {},
  "-key-source-down": { unavailable: ["keys"] },
  "-replay-cache-down": { unavailable: ["replayCache"] },
  "-revocation-down": { unavailable: ["revocation"] },
  "-revoking": { revoked: [{ iss: BOUND_CLAIMS.iss, jti: BOUND_CLAIMS.jti }] },
  "-bearer": { allowBearer: true },
  "-demanding": { requiredClaims: ["agent_integrity"] },
};

export const verifiers = Object.fromEntries(
  POLICIES.flatMap((policy) =>
    Object.entries(VARIANTS).map(([suffix, change]) => [`${policy}${suffix}`, { ...VERIFIER, policy, ...change }]),
  ),
);

/** What a JWT-SVID says of a workload. To a verifier that is configured for no foreign format it is none (SPEC-17.2). */
const ofWorkload = (header, claims) => ({
  header,
  payloadText: () => JSON.stringify({ aud: [AUDIENCE], exp: NOW + 300, iat: NOW, sub: BOUND_CLAIMS.sub, ...claims }),
});

const UNASSESSABLE = [
  ["an issuer that is not listed", "ERR_ISSUER_UNTRUSTED", payload({ iss: "https://other.example" })],
  ["a `typ` of another kind", "ERR_ATTESTATION_TYP", { header: { typ: "wit+jwt" } }],
  ["an `alg` that is not known", "ERR_ATTESTATION_ALG", { header: { alg: "ML-DSA-44" } }],
  ["an `alg` that the issuer is not configured for", "ERR_ATTESTATION_ALG", BY_P256],
  ["`alg` EdDSA in an attestation with the agent's key", "ERR_ATTESTATION_ALG", { header: { alg: "EdDSA" } }],
  ["`alg` none", "ERR_ATTESTATION_ALG", { header: { alg: "none" } }],
  ["a proof's `typ`", "ERR_ATTESTATION_TYP", { header: { typ: "agent-attestation-pop+jwt" } }],
  ["a foreign `typ` and no `kid`", "ERR_ATTESTATION_TYP", { header: { typ: "wit+jwt", kid: undefined } }],
  ["no issuer", "ERR_ISSUER_UNTRUSTED", payload({ iss: undefined })],
  ["a number for the issuer", "ERR_ISSUER_UNTRUSTED", payload({ iss: 1 })],
  ["a workload's token", "ERR_BEARER_NOT_ALLOWED", ofWorkload({ typ: "JWT", alg: "ES256" })],
  ["a workload's token without a `kid`", "ERR_BEARER_NOT_ALLOWED", ofWorkload({ typ: "JWT", kid: undefined })],
  ["a workload's token of `typ` JOSE", "ERR_ATTESTATION_TYP", ofWorkload({ typ: "JOSE" })],
  ["the version of a bearer attestation", "ERR_ATTESTATION_VERSION", metadata({ attestation_version: "0.1.0" })],
  ["a version to come", "ERR_ATTESTATION_VERSION", metadata({ attestation_version: "0.3.0" })],
];
const FALSE = [
  ["a stranger's signature", "ERR_ATTESTATION_SIGNATURE", { key: stranger }],
  ["an `alg` that is not its key's", "ERR_ATTESTATION_SIGNATURE", { header: { kid: authorityP256.kid } }],
  ["no `kid`", "ERR_ATTESTATION_HEADER", { header: { kid: undefined } }],
  ["a workload's token without a `typ`", "ERR_ATTESTATION_HEADER", ofWorkload({ typ: undefined })],
  ["a key that a listed issuer does not have", "ERR_KEY_NOT_FOUND", { header: { kid: "other" } }],
  [
    "an attestation that has expired",
    "ERR_ATTESTATION_EXPIRED",
    payload({ iat: NOW - 400, nbf: NOW - 400, exp: NOW - 100 }),
  ],
  [
    "an attestation that is not valid yet",
    "ERR_ATTESTATION_NOT_YET_VALID",
    payload({ iat: NOW + 100, nbf: NOW + 100 }),
  ],
  ["an attestation for another server", "ERR_ATTESTATION_AUDIENCE", payload({ aud: "https://other.example" })],
  ["malformed claims", "ERR_ATTESTATION_CLAIMS", payload({ exp: "soon" })],
  ["a malformed token", "ERR_ATTESTATION_FORMAT", { token: () => "garbage" }],
  ["null for a token", "ERR_ATTESTATION_FORMAT", { token: () => null }],
  ["a subject of another's trust domain", "ERR_TRUST_DOMAIN", payload({ sub: "spiffe://other.example/x" })],
  ["a stripped agent's key", "ERR_CONFIRMATION_KEY", payload({ cnf: undefined })],
];

export function vectors() {
  const list = [];
  for (const policy of POLICIES) {
    const put = (title, requirements, token, expected, other, suffix = "") =>
      list.push({
        title: `Policy ${policy}: ${title}`,
        requirements: ["T23", ...requirements],
        verifier: `${policy}${suffix}`,
        presentations: [present(token, expected, other)],
      });
    const lenient = policy !== "required";
    const honest = attestation();
    put("an honest attestation", [], honest, verified);
    put("nothing", [], undefined, lenient ? { outcome: "absent" } : refused("ERR_ATTESTATION_REQUIRED"), {
      proof: undefined,
    });
    const about = (title) => (title.startsWith("a workload's token") ? ["SPEC-17.2"] : []);
    for (const [title, code, change] of UNASSESSABLE)
      put(title, about(title), attestation(change), lenient ? unassessed(code) : refused(code));
    put(
      "a bearer attestation where none is accepted",
      [],
      bearer(),
      lenient ? unassessed("ERR_BEARER_NOT_ALLOWED") : refused("ERR_BEARER_NOT_ALLOWED"),
      { proof: undefined },
    );
    put(
      "a workload's token of a listed issuer where bearer attestations are accepted",
      ["SPEC-17.2"],
      bearer(ofWorkload({}, { iss: BOUND_CLAIMS.iss })),
      refused("ERR_ATTESTATION_CLAIMS"),
      { request: undefined, proof: undefined },
      "-bearer",
    );
    put(
      "a key source that is down",
      [],
      honest,
      lenient ? unassessed("ERR_KEY_SOURCE_UNAVAILABLE") : refused("ERR_KEY_SOURCE_UNAVAILABLE"),
      {},
      "-key-source-down",
    );
    for (const [title, code, change] of FALSE) put(title, about(title), attestation(change), refused(code));
    put("a proof alone", ["T24"], undefined, refused("ERR_PROOF_UNEXPECTED"), { proof: proof(honest) });
    put("a stripped proof", ["T24"], honest, refused("ERR_PROOF_REQUIRED"), { proof: undefined });
    put("a proof for another message", ["M5"], honest, refused("ERR_PROOF_DIGEST"), {
      proof: proof(honest, { ...MESSAGE, method: "x" }),
    });
    put("a proof for another server", ["M5"], honest, refused("ERR_PROOF_AUDIENCE"), {
      proof: proof(honest, MESSAGE, payload({ aud: `${AUDIENCE}2` })),
    });
    put("a proof of another time", ["T19"], honest, refused("ERR_PROOF_TIME"), {
      proof: proof(honest, MESSAGE, payload({ iat: NOW - 1000 })),
    });
    put("a revoked attestation", [], honest, refused("ERR_REVOKED"), {}, "-revoking");
    put("a revocation list that is down", [], honest, refused("ERR_REVOCATION_UNAVAILABLE"), {}, "-revocation-down");
    put("claims that do not suffice", [], honest, refused("ERR_CLAIM_REQUIRED"), {}, "-demanding");
    put(
      "a replay cache that is down",
      ["R15"],
      honest,
      refused("ERR_REPLAY_CACHE_UNAVAILABLE"),
      {},
      "-replay-cache-down",
    );
    put("a clock that tells nothing", ["T19"], honest, refused("ERR_CLOCK"), { time: null });
    list.push({
      title: `Policy ${policy}: a replay`,
      requirements: ["T23", "R3"],
      verifier: policy,
      presentations: [present(honest, verified), present(honest, refused("ERR_REPLAY"))],
    });
  }
  return list;
}
