// 0.1.0 bearer attestations: where they are accepted, once; and everything that is wrong with one.
import {
  AUDIENCE,
  BEARER_CLAIMS,
  BOUND_CLAIMS,
  ISSUER,
  MESSAGE,
  NOW,
  SECOND_AUDIENCE,
  stranger,
  trusting,
  VERIFIER,
} from "./common/baseline.mjs";
import {
  BY_ENTERPRISE,
  BY_P256,
  ENTERPRISE_CLAIMS,
  insert,
  ofEnterprise,
  payload,
  show,
  spell,
} from "./common/changes.mjs";
import { FOREIGN_ALGS } from "./common/foreign.mjs";
import { altering, presenting, verifiedBearer } from "./common/presentations.mjs";
import { bearer, proof } from "./common/tokens.mjs";

const METADATA = BEARER_CLAIMS.attestation_metadata;

export const verifiers = {
  closed: VERIFIER,
  bearer: { ...VERIFIER, allowBearer: true },
  "bearer-p256": { ...trusting(["Ed25519", "ES256"]), allowBearer: true },
  "bearer-several-audiences": { ...VERIFIER, allowBearer: true, allowMultipleAudiences: true },
};

export function vectors() {
  const { list, put } = presenting("Bearer attestation", { verifier: "bearer", request: undefined, proof: undefined });
  const { good, bad } = altering(put, bearer, verifiedBearer);

  good("honest", []);
  good("with the message it came in", [], {}, { request: MESSAGE });
  good("`alg` Ed25519", ["T1"], { header: { alg: "Ed25519" } });
  good("no `nbf`", [], payload({ nbf: undefined }));
  good("made out in a list of one", ["T20"], payload({ aud: [AUDIENCE] }));
  good(
    "made out to another too, where that is allowed",
    ["T20"],
    payload({ aud: ["https://other.example", SECOND_AUDIENCE] }),
    { verifier: "bearer-several-audiences" },
  );
  for (const sub of ["agent-7", "urn:agent:7", "https://example.com/agents/7"])
    put(`\`sub\` ${show(sub)}`, [], { ...verifiedBearer, subject: sub }, bearer(payload({ sub })));
  for (const attestation_type of ["enterprise", "provider"]) {
    put(
      `an enterprise that calls its own one a ${attestation_type}'s`,
      ["T22"],
      { ...verifiedBearer, trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub },
      bearer(ofEnterprise({ attestation_metadata: { ...METADATA, attestation_type } })),
    );
  }

  bad("where none is accepted", ["T23"], "ERR_BEARER_NOT_ALLOWED", {}, { verifier: "closed" });
  for (const [alg, requirement] of FOREIGN_ALGS)
    bad(`\`alg\` ${show(alg)}`, [requirement], "ERR_ATTESTATION_ALG", { header: { alg } });
  bad("ES256", ["T1"], "ERR_ATTESTATION_ALG", BY_P256, { verifier: "bearer-p256" });
  for (const typ of ["jwt", "Jwt", "JWT ", "at+jwt", "application/jwt"])
    bad(`\`typ\` ${show(typ)}`, ["T9"], "ERR_ATTESTATION_TYP", { header: { typ } });
  bad("no `typ`", ["T9"], "ERR_ATTESTATION_HEADER", { header: { typ: undefined } });
  bad("made to look like a bound one", ["T9", "T24"], "ERR_ATTESTATION_ALG", {
    header: { typ: "agent-attestation+jwt" },
  });
  bad("an access token of the same issuer", ["T9"], "ERR_ATTESTATION_CLAIMS", {
    payloadText: () =>
      JSON.stringify({ iss: ISSUER, sub: "user", aud: AUDIENCE, iat: NOW, exp: NOW + 60, jti: "at-1", scope: "all" }),
  });
  bad("a SPIFFE JWT-SVID of the same issuer", ["T9"], "ERR_ATTESTATION_CLAIMS", {
    payloadText: () => JSON.stringify({ iss: ISSUER, sub: "spiffe://example.com/w", aud: [AUDIENCE], exp: NOW + 60 }),
  });
  bad("signed by a stranger", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  bad("another issuer's key", ["K7"], "ERR_KEY_NOT_FOUND", BY_ENTERPRISE);
  bad("an agent's key inside", ["T24"], "ERR_BEARER_CONFIRMATION", payload({ cnf: BOUND_CLAIMS.cnf }));
  bad("a proof beside it", ["T24"], "ERR_PROOF_UNEXPECTED", {}, { request: MESSAGE, proof: proof(bearer()) });
  bad("nonsense for a proof beside it", ["T24"], "ERR_PROOF_UNEXPECTED", {}, { request: MESSAGE, proof: "" });
  bad("no audience", ["T20"], "ERR_ATTESTATION_AUDIENCE", payload({ aud: undefined }));
  bad("another audience", ["T20"], "ERR_ATTESTATION_AUDIENCE", payload({ aud: "https://other.example" }));
  bad("several audiences", ["T20"], "ERR_ATTESTATION_AUDIENCES", payload({ aud: [AUDIENCE, "https://other.example"] }));
  for (const version of ["0.2.0", "0.1", "1.0"])
    bad(
      `version ${show(version)}`,
      ["T9"],
      "ERR_ATTESTATION_VERSION",
      payload({ attestation_metadata: { ...METADATA, attestation_version: version } }),
    );
  for (const sub of ["spiffe://example.com", "SPIFFE://example.com/x", "spiffe:agent", "spiffe://example.com/../x"])
    bad(`\`sub\` ${show(sub)}`, ["T22"], "ERR_ATTESTATION_SUBJECT", payload({ sub }));
  bad(
    "a subject of another's trust domain",
    ["T22"],
    "ERR_TRUST_DOMAIN",
    payload({ sub: "spiffe://corp.example/agent/7" }),
  );
  bad(
    "a provider that calls its own one an enterprise's",
    ["T22"],
    "ERR_ATTESTATION_TYPE",
    payload({ attestation_metadata: { ...METADATA, attestation_type: "enterprise" } }),
  );
  for (const name of ["exp", "iat", "jti", "sub"])
    bad(
      `no \`${name}\``,
      [name === "jti" || name === "sub" ? "T13" : "T18"],
      "ERR_ATTESTATION_CLAIMS",
      payload({ [name]: undefined }),
    );
  bad("`exp` 1e400", ["T18"], "ERR_ATTESTATION_CLAIMS", { payloadText: spell("exp", "1e400") });
  bad("`iss` twice", ["T10"], "ERR_ATTESTATION_DUPLICATE_MEMBER", {
    payloadText: insert('"iss":"https://evil.example"'),
  });
  bad("`cnf` that is hidden by a second one", ["T10", "T24"], "ERR_ATTESTATION_DUPLICATE_MEMBER", {
    payloadText: insert('"cnf":{},"cnf":1'),
  });
  bad("a newline behind it", ["T16"], "ERR_ATTESTATION_ENCODING", { token: (token) => `${token}\n` });
  return list;
}
