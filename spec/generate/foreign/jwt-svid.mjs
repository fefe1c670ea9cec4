// SPIFFE JWT-SVIDs: honest in every way that is allowed, and with one thing wrong.
import { AUDIENCE, agent, MESSAGE, NOW, SECOND_AUDIENCE, stranger } from "../common/baseline.mjs";
import { insert, payload, show, spell } from "../common/changes.mjs";
import { presenting, refused, unassessed } from "../common/presentations.mjs";
import { thumbprint } from "../common/test-keys.mjs";
import { proof } from "../common/tokens.mjs";
import {
  jwtSvid,
  OTHER_DOMAIN,
  otherDomain,
  svidKey,
  svidP384,
  svidPss,
  svidRsa,
  TRUST_DOMAIN,
  WIT_CLAIMS,
  WORKLOAD,
  witKey,
} from "../common/workloads.mjs";
import { asSvid } from "./accepted.mjs";

export function vectors() {
  const { list, put } = presenting("JWT-SVID", { verifier: "foreign", request: undefined, proof: undefined });
  const good = (title, requirements, change, other, key) =>
    put(title, requirements, asSvid, jwtSvid(change, key), other);
  const bad = (title, requirements, code, change, other, key) =>
    put(title, requirements, refused(code), jwtSvid(change, key), other);

  good("honest", ["SPEC-17.1"]);
  good("with the message it came in", ["SPEC-17.11"], {}, { request: MESSAGE });
  for (const key of [svidP384, svidRsa, svidPss]) good(key.algorithm, ["SPEC-17.4"], {}, {}, key);
  for (const typ of [undefined, "JOSE"]) good(`\`typ\` ${show(typ)}`, ["SPEC-17.2"], { header: { typ } });
  for (const iss of ["https://evil.example", 7]) good(`\`iss\` ${show(iss)}`, ["SPEC-17.7"], payload({ iss }));
  good("audience as a text", ["SPEC-17.8"], payload({ aud: AUDIENCE }));
  good("the server's other name", ["SPEC-17.8"], payload({ aud: [SECOND_AUDIENCE] }));
  good("no `iat`", ["SPEC-17.9"], payload({ iat: undefined }));
  good("a `jti`", ["SPEC-17.12"], payload({ jti: "one" }));
  good("the greatest lifetime", ["SPEC-17.9"], payload({ exp: NOW + 900 }));
  good("an hour, where that is configured", ["SPEC-17.9"], payload({ exp: NOW + 3600 }), { verifier: "foreign-hour" });
  good(
    "claims about a model, of which none counts",
    ["SPEC-17.17"],
    payload({ agent_integrity: 7, safety_level: "x" }),
  );
  good("where bearer attestations are accepted too", ["F1"], {}, { verifier: "foreign-and-bearer" });

  for (const alg of ["none", "HS256", "EdDSA", "Ed25519", "ES256K", "rs256", "RS256 ", "constructor"])
    bad(`\`alg\` ${show(alg)}`, ["T1"], "ERR_ATTESTATION_ALG", { header: { alg } });
  bad("an `alg` of another curve", ["SPEC-17.5"], "ERR_ATTESTATION_SIGNATURE", { header: { alg: "ES384" } });
  bad("an `alg` of another type", ["T2"], "ERR_ATTESTATION_SIGNATURE", { header: { alg: "RS256" } });
  bad("RS256 that says it is PS256", ["T2"], "ERR_ATTESTATION_SIGNATURE", { header: { alg: "PS256" } }, {}, svidRsa);
  bad("PS256 that says it is RS256", ["T2"], "ERR_ATTESTATION_SIGNATURE", { header: { alg: "RS256" } }, {}, svidPss);
  bad(
    "an `alg` its issuer is not configured for",
    ["T1"],
    "ERR_ATTESTATION_ALG",
    {},
    { verifier: "foreign-es256" },
    svidRsa,
  );
  for (const typ of ["jwt", "at+jwt", "application/jwt", ""])
    bad(`\`typ\` ${show(typ)}`, ["SPEC-17.2", "T9"], "ERR_ATTESTATION_TYP", { header: { typ } });
  bad("no `kid`", ["SPEC-17.3"], "ERR_ATTESTATION_HEADER", { header: { kid: undefined } });
  bad("an unknown `kid`", ["T6"], "ERR_KEY_NOT_FOUND", { header: { kid: "other" } });
  bad("a key in the header", ["T4"], "ERR_ATTESTATION_HEADER", { header: { jwk: svidKey.jwk } });
  bad("a stranger's signature", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  bad("the signature of another domain's key with its kid", ["F4", "K7"], "ERR_ATTESTATION_SIGNATURE", {
    key: otherDomain,
  });
  bad("the key for WITs", ["F4", "SPEC-17.6"], "ERR_ATTESTATION_SIGNATURE", {}, {}, witKey);
  bad(
    "a signature that is one byte short",
    ["SPEC-17.5"],
    "ERR_ATTESTATION_SIGNATURE",
    { signature: (bytes) => bytes.subarray(1) },
    {},
    svidRsa,
  );
  bad("no signature", ["SPEC-17.3"], "ERR_ATTESTATION_FORMAT", { signature: (bytes) => bytes.subarray(0, 0) });
  for (const sub of [
    `spiffe://${TRUST_DOMAIN}`,
    `spiffe://${TRUST_DOMAIN}/a/`,
    `spiffe://${TRUST_DOMAIN}/../a`,
    `SPIFFE://${TRUST_DOMAIN}/a`,
    `spiffe://Prod.example/a`,
    `spiffe://${TRUST_DOMAIN}:8443/a`,
    `spiffe://${TRUST_DOMAIN}/%61`,
    `wimse://${TRUST_DOMAIN}/a`,
    undefined,
    7,
  ])
    bad(`\`sub\` ${show(sub)}`, ["SPEC-17.7"], "ERR_ATTESTATION_SUBJECT", payload({ sub }));
  bad("a trust domain of nobody", ["SPEC-17.7"], "ERR_ISSUER_UNTRUSTED", payload({ sub: "spiffe://nobody.example/a" }));
  bad("another's trust domain", ["F4"], "ERR_ATTESTATION_SIGNATURE", payload({ sub: `spiffe://${OTHER_DOMAIN}/a` }));
  bad(
    "a domain whose issuer signs attestations only",
    ["SPEC-17.1"],
    "ERR_FORMAT_NOT_ALLOWED",
    payload({ sub: "spiffe://example.com/a" }),
  );
  for (const aud of [["https://other.example"], `${AUDIENCE}/`, undefined])
    bad(`\`aud\` ${show(aud)}`, ["F2", "T20"], "ERR_ATTESTATION_AUDIENCE", payload({ aud }));
  for (const aud of [
    [AUDIENCE, "https://other.example"],
    [AUDIENCE, SECOND_AUDIENCE],
    [AUDIENCE, AUDIENCE],
  ])
    bad(`several audiences, ${show(aud)}`, ["SPEC-17.8"], "ERR_ATTESTATION_AUDIENCES", payload({ aud }), {
      verifier: "foreign-several-audiences",
    });
  for (const aud of [[], 7, null])
    bad(`\`aud\` ${show(aud)}`, ["SPEC-17.8"], "ERR_ATTESTATION_CLAIMS", payload({ aud }));
  bad("no `exp`", ["SPEC-17.9"], "ERR_ATTESTATION_CLAIMS", payload({ exp: undefined }));
  bad("`exp` 1e400", ["T18"], "ERR_ATTESTATION_CLAIMS", { payloadText: spell("exp", "1e400") });
  bad("`sub` twice", ["T10"], "ERR_ATTESTATION_DUPLICATE_MEMBER", { payloadText: insert(`"sub":"${WORKLOAD}"`) });
  bad("expired", ["T19"], "ERR_ATTESTATION_EXPIRED", payload({ iat: NOW - 300, exp: NOW - 30 }));
  bad("an `iat` ahead", ["T19"], "ERR_ATTESTATION_NOT_YET_VALID", payload({ iat: NOW + 31 }));
  bad("an `nbf` ahead", ["T19"], "ERR_ATTESTATION_NOT_YET_VALID", payload({ nbf: NOW + 31 }));
  bad("a lifetime too long", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: NOW + 901 }));
  bad(
    "no `iat`, and too much time left",
    ["T18"],
    "ERR_ATTESTATION_LIFETIME",
    payload({ iat: undefined, exp: NOW + 931 }),
  );
  bad("a key in it", ["SPEC-17.10", "T24"], "ERR_BEARER_CONFIRMATION", payload({ cnf: WIT_CLAIMS.cnf }));
  bad(
    "a thumbprint in it",
    ["SPEC-17.10"],
    "ERR_BEARER_CONFIRMATION",
    payload({ cnf: { jkt: thumbprint(agent.jwk) } }),
  );
  bad("a proof beside it", ["SPEC-17.11"], "ERR_PROOF_UNEXPECTED", {}, { request: MESSAGE, proof: proof(jwtSvid()) });
  bad("where a model must be named", ["SPEC-17.17"], "ERR_CLAIM_REQUIRED", {}, { verifier: "foreign-demanding" });
  bad("a newline behind it", ["T16"], "ERR_ATTESTATION_ENCODING", { token: (token) => `${token}\n` });
  bad(
    "longer than an attestation may be",
    ["SPEC-17.3"],
    "ERR_ATTESTATION_SIZE",
    payload({ padding: "x".repeat(6000) }),
  );
  bad("that calls itself a bearer attestation", ["F1"], "ERR_BEARER_NOT_ALLOWED", payload({ agent_identity: {} }));
  put(
    "of a domain whose issuer is not configured for it, under `preferred`",
    ["SPEC-17.1"],
    unassessed("ERR_FORMAT_NOT_ALLOWED"),
    jwtSvid(payload({ sub: "spiffe://example.com/a" })),
    { verifier: "foreign-preferred" },
  );
  bad(
    "for another server, under `preferred`",
    ["F2"],
    "ERR_ATTESTATION_AUDIENCE",
    payload({ aud: "https://other.example" }),
    {
      verifier: "foreign-preferred",
    },
  );
  return list;
}
