// Nested attestations: an enterprise's around a provider's, and what becomes of it with each thing wrong inside.
import {
  AUDIENCE,
  agentP256,
  BOUND_CLAIMS,
  ENTERPRISE,
  enterprise,
  ISSUER,
  NOW,
  SECOND_AUDIENCE,
  stranger,
  VERIFIER,
} from "./common/baseline.mjs";
import { ENTERPRISE_CLAIMS, holding, identity, metadata, ofEnterprise, payload, show } from "./common/changes.mjs";
import { present, presenting, refused, unassessed, verified } from "./common/presentations.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

const LIST = `${ISSUER}/status/1`;

/** A verifier that reads what is nested in the enterprise's attestations. */
const reading = (other, ofProvider) => ({
  ...VERIFIER,
  trustedIssuers: VERIFIER.trustedIssuers.map((trusted) =>
    trusted.issuer === ENTERPRISE ? { ...trusted, nested: true } : { ...trusted, ...ofProvider },
  ),
  ...other,
});

export const verifiers = {
  default: reading(),
  "not-reading": VERIFIER,
  preferred: reading({ policy: "preferred" }),
  "keys-unavailable": reading({ unavailableIssuers: [ISSUER] }),
  "keys-unavailable-preferred": reading({ unavailableIssuers: [ISSUER], policy: "preferred" }),
  "several-audiences": reading({ allowMultipleAudiences: true }),
  revoking: reading({ revoked: [{ iss: ISSUER, jti: "revoked-inside" }] }),
  "with-lists": reading({ statusLists: { [LIST]: { size: 131_072, statuses: { 1: 1 } } } }, { statusLists: [LIST] }),
  demanding: reading({ requiredClaims: ["agent_identity.deployment_id"] }),
};

const CORP = { issuer: ENTERPRISE, trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub };
const MAKER = { issuer: ISSUER, trustLevel: "provider", subject: BOUND_CLAIMS.sub };
const byEnterprise = { ...verified, trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub };
const both = { ...byEnterprise, layers: [CORP, MAKER] };
const alone = { ...byEnterprise, layers: [CORP] };

/** The enterprise's attestation around a text. */
const around = (nested, change = {}) =>
  attestation(
    ofEnterprise({
      ...change,
      attestation_metadata: { ...ENTERPRISE_CLAIMS.attestation_metadata, nested_attestation: nested },
    }),
  );

export function vectors() {
  const { list, put } = presenting("Nested", { verifier: "default" });
  const inside = (title, requirements, expected, change, other) =>
    put(title, requirements, expected, around(attestation(change)), other);
  const wrong = (title, requirements, code, change, other) => inside(title, requirements, refused(code), change, other);

  inside("honest", ["SPEC-20.7"], both);
  inside("not read by a verifier that is not configured for it", ["SPEC-20.1"], alone, {}, { verifier: "not-reading" });
  put("garbage, not read", ["SPEC-20.1"], alone, around("a.b.c"), { verifier: "not-reading" });
  put(
    "in a provider's attestation, where it is not read",
    ["SPEC-20.1"],
    verified,
    attestation(metadata({ nested_attestation: "a.b.c" })),
  );
  inside("that expires earlier", ["SPEC-20.6"], { ...both, expiresAt: NOW + 30 }, payload({ exp: NOW + 30 }));
  inside("for this server", ["T20", "SPEC-20.3"], both, payload({ aud: AUDIENCE }));

  // Not known to this verifier: the outer one stands alone.
  inside("of an unknown issuer", ["SPEC-20.4"], alone, payload({ iss: "https://unknown.example" }));
  inside("of an unknown issuer, forged", ["SPEC-20.4"], alone, {
    ...payload({ iss: "https://unknown.example" }),
    key: stranger,
  });
  inside("of an issuer that is trusted as an enterprise", ["T22", "SPEC-20.4"], alone, ofEnterprise());
  put("a bearer one", ["T24", "SPEC-20.4"], alone, around(bearer()));
  for (const typ of ["JWT", "agent-attestation-pop+jwt", "at+jwt"])
    inside(`of the typ ${typ}`, ["T9", "SPEC-20.4"], alone, { header: { typ } });
  for (const alg of ["none", "HS256", "ES256", "EdDSA"])
    inside(`of the alg ${alg}`, ["T1", "SPEC-20.4"], alone, { header: { alg } });
  inside("of another version", ["SPEC-20.4"], alone, metadata({ attestation_version: "0.9.0" }));

  // Known, and wrong: the whole is refused.
  for (const [title, nested] of [
    ["garbage", "a.b.c"],
    ["no token at all", "nothing"],
    ["with its last segment cut off", attestation().split(".").slice(0, 2).join(".")],
  ]) {
    put(
      `${title}, read`,
      ["SPEC-20.5"],
      refused(title === "garbage" ? "ERR_ATTESTATION_ENCODING" : "ERR_ATTESTATION_FORMAT"),
      around(nested),
    );
  }
  wrong("signed by a stranger", ["SPEC-20.5"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  wrong("signed by the enterprise", ["K7", "SPEC-20.5"], "ERR_ATTESTATION_SIGNATURE", { key: enterprise });
  wrong("with an unknown kid", ["K7", "SPEC-20.5"], "ERR_KEY_NOT_FOUND", { header: { kid: "another" } });
  wrong(
    "expired",
    ["T19", "SPEC-20.5"],
    "ERR_ATTESTATION_EXPIRED",
    payload({ iat: NOW - 400, nbf: NOW - 400, exp: NOW - 31 }),
  );
  wrong("not yet valid", ["T19", "SPEC-20.5"], "ERR_ATTESTATION_NOT_YET_VALID", payload({ nbf: NOW + 31 }));
  wrong("that lives too long", ["T18", "SPEC-20.5"], "ERR_ATTESTATION_LIFETIME", payload({ exp: NOW + 4000 }));
  wrong("without a key", ["T24", "SPEC-20.5"], "ERR_CONFIRMATION_KEY", payload({ cnf: undefined }));
  wrong("for another key", ["N1", "SPEC-20.3"], "ERR_NESTED_KEY", holding(stranger));
  wrong("for another key of another type", ["N1", "SPEC-20.3"], "ERR_NESTED_KEY", holding(agentP256));
  for (const name of ["model_family", "model_version", "provider"]) {
    wrong(`with another ${name}`, ["N1", "SPEC-20.3"], "ERR_NESTED_AGENT", identity({ [name]: "another" }));
  }
  inside("with another deployment", ["SPEC-20.3"], both, identity({ deployment_id: "d-2" }));
  wrong(
    "for another server",
    ["T20", "SPEC-20.3"],
    "ERR_ATTESTATION_AUDIENCE",
    payload({ aud: "https://other.example" }),
  );
  wrong(
    "for another name of this server than the proof",
    ["T20", "SPEC-20.3"],
    "ERR_PROOF_AUDIENCE",
    payload({ aud: SECOND_AUDIENCE }),
  );
  wrong(
    "for several servers",
    ["T20", "SPEC-20.3"],
    "ERR_ATTESTATION_AUDIENCES",
    payload({ aud: [AUDIENCE, "https://other.example"] }),
  );
  inside(
    "for several servers, where that is allowed",
    ["T20"],
    both,
    payload({ aud: [AUDIENCE, "https://other.example"] }),
    { verifier: "several-audiences" },
  );
  wrong(
    "in the enterprise's trust domain",
    ["T22", "SPEC-20.6"],
    "ERR_TRUST_DOMAIN",
    payload({ sub: ENTERPRISE_CLAIMS.sub }),
  );
  wrong(
    "that calls itself an enterprise's",
    ["T22", "SPEC-20.5"],
    "ERR_ATTESTATION_TYPE",
    metadata({ attestation_type: "enterprise" }),
  );
  wrong(
    "with another nested in it",
    ["N1", "SPEC-20.3"],
    "ERR_NESTED_TWICE",
    metadata({ nested_attestation: "a.b.c" }),
  );
  wrong("revoked", ["SPEC-20.6"], "ERR_REVOKED", payload({ jti: "revoked-inside" }), { verifier: "revoking" });
  const at = (idx) => payload({ status: { status_list: { idx, uri: LIST } } });
  inside("with a valid status", ["S1", "SPEC-20.6"], both, at(0), { verifier: "with-lists" });
  wrong("with a status that is revoked", ["S1", "SPEC-20.6"], "ERR_REVOKED", at(1), { verifier: "with-lists" });
  wrong("without a status", ["S1", "SPEC-20.6"], "ERR_CLAIM_REQUIRED", {}, { verifier: "with-lists" });
  wrong(
    "with a required claim that the outer lacks",
    ["SPEC-20.6"],
    "ERR_CLAIM_REQUIRED",
    identity({ deployment_id: "d" }),
    { verifier: "demanding" },
  );
  wrong(
    "signed by a stranger, under the policy preferred",
    ["T23", "SPEC-20.5"],
    "ERR_ATTESTATION_SIGNATURE",
    { key: stranger },
    { verifier: "preferred" },
  );
  inside(
    "of an unknown issuer, under the policy preferred",
    ["T23", "SPEC-20.4"],
    alone,
    payload({ iss: "https://unknown.example" }),
    { verifier: "preferred" },
  );
  wrong(
    "whose keys cannot be had",
    ["N2", "SPEC-20.5"],
    "ERR_KEY_SOURCE_UNAVAILABLE",
    {},
    { verifier: "keys-unavailable" },
  );
  inside(
    "whose keys cannot be had, under the policy preferred",
    ["N2", "SPEC-20.5"],
    unassessed("ERR_KEY_SOURCE_UNAVAILABLE"),
    {},
    { verifier: "keys-unavailable-preferred" },
  );

  // The outer comes first.
  put(
    "garbage, in an expired attestation",
    ["SPEC-20.2"],
    refused("ERR_ATTESTATION_EXPIRED"),
    around("a.b.c", { iat: NOW - 400, nbf: NOW - 400, exp: NOW - 31 }),
  );
  put(
    "garbage, in an attestation of another server's",
    ["SPEC-20.2"],
    refused("ERR_ATTESTATION_AUDIENCE"),
    around("a.b.c", { aud: "https://other.example" }),
  );
  for (const nested of [null, 1, "", "a b", "é"]) {
    put(`malformed as ${show(nested)}`, ["T18", "SPEC-20.2"], refused("ERR_ATTESTATION_CLAIMS"), around(nested));
  }
  const token = around(attestation(payload({ exp: NOW + 30 })));
  const use = (nth, time, expected) =>
    present(token, expected, {
      time,
      proof: proof(token, undefined, payload({ iat: time, jti: `nested-proof-number-${nth}` })),
    });
  list.push({
    title: "Nested: remembered, until the inner one has expired",
    requirements: ["T21", "SPEC-20.6"],
    verifier: "default",
    presentations: [
      use(1, NOW, both),
      use(2, NOW + 59, both),
      use(3, NOW + 60, refused("ERR_ATTESTATION_EXPIRED", NOW + 60)),
    ],
  });
  return list;
}
