// WIMSE WITs: honest in every way that is allowed, and with one thing wrong.
import { AUDIENCE, agentP256, HTTP, MESSAGE, NOW, stranger } from "../common/baseline.mjs";
import { holding, payload, show } from "../common/changes.mjs";
import { presenting, refused } from "../common/presentations.mjs";
import { thumbprint } from "../common/test-keys.mjs";
import { proof } from "../common/tokens.mjs";
import {
  OTHER_DOMAIN,
  SPIRE,
  svidKey,
  svidRsa,
  TRUST_DOMAIN,
  WIT_CLAIMS,
  wit,
  witEd25519,
} from "../common/workloads.mjs";
import { asWit } from "./accepted.mjs";

const WIT_KEY = WIT_CLAIMS.cnf.jwk;
const witKeyOf = (change) => payload({ cnf: { jwk: { ...WIT_KEY, ...change } } });

export function vectors() {
  const { list, put } = presenting("WIT", { verifier: "foreign" });
  const good = (title, requirements, change, other, expected = asWit, key) =>
    put(title, requirements, expected, wit(change, key), other);
  const bad = (title, requirements, code, change, other, key) =>
    put(title, requirements, refused(code), wit(change, key), other);

  good("honest", ["SPEC-17.14"]);
  good("over HTTP", ["SPEC-17.14"], {}, { request: HTTP });
  good("its issuer in `iss`", ["SPEC-17.13"], payload({ iss: SPIRE }));
  good("an audience", ["SPEC-17.16"], payload({ aud: AUDIENCE }));
  good("`iat` ahead", ["SPEC-17.15"], payload({ iat: NOW + 300, exp: NOW + 900 }));
  good("no `iat`", ["SPEC-17.15"], payload({ iat: undefined }));
  good("a key's other name, EdDSA", ["SPEC-17.14"], witKeyOf({ alg: "EdDSA" }));
  good(
    "signed with Ed25519 where that is configured",
    ["SPEC-17.4"],
    {},
    { verifier: "foreign-ed25519" },
    asWit,
    witEd25519,
  );
  const p256 = wit({ payload: { cnf: { jwk: { ...holding(agentP256).payload.cnf.jwk, alg: "ES256" } } } });
  put("for a key of P-256", ["SPEC-17.14"], { ...asWit, keyThumbprint: thumbprint(agentP256.jwk) }, p256, {
    proof: proof(p256, MESSAGE, {}, { key: agentP256 }),
  });
  for (const path of ["a", "a:b/~c!$&'()*+,;=@"]) {
    const sub = `wimse://${TRUST_DOMAIN}/${path}`;
    good(`\`sub\` ${show(sub)}`, ["SPEC-17.13"], payload({ sub }), {}, { ...asWit, subject: sub });
  }

  bad("no proof", ["F3"], "ERR_PROOF_REQUIRED", {}, { proof: undefined });
  bad("a stranger's proof", ["F3"], "ERR_PROOF_SIGNATURE", {}, { proof: proof(wit(), MESSAGE, {}, { key: stranger }) });
  bad(
    "the proof for another WIT",
    ["F3"],
    "ERR_PROOF_ATTESTATION",
    {},
    { proof: proof(wit(payload({ jti: "other" }))) },
  );
  for (const typ of ["WIT+JWT", "application/wit+jwt", "wpt+jwt"])
    bad(`\`typ\` ${show(typ)}`, ["SPEC-17.2", "T9"], "ERR_ATTESTATION_TYP", { header: { typ } });
  bad("the key for JWT-SVIDs", ["F4", "SPEC-17.6"], "ERR_ATTESTATION_SIGNATURE", {}, {}, svidKey);
  bad("a stranger's signature", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  bad("signed with Ed25519", ["SPEC-17.4"], "ERR_ATTESTATION_ALG", {}, {}, witEd25519);
  bad("no `kid`", ["SPEC-17.3"], "ERR_ATTESTATION_HEADER", { header: { kid: undefined } });
  for (const iss of ["https://evil.example", `${SPIRE}/`, 7, null, [SPIRE]])
    bad(`\`iss\` ${show(iss)}`, ["SPEC-17.13", "T14"], "ERR_ISSUER_UNTRUSTED", payload({ iss }));
  bad(
    "a subject of another's trust domain",
    ["T22"],
    "ERR_TRUST_DOMAIN",
    payload({ iss: SPIRE, sub: `spiffe://${OTHER_DOMAIN}/a` }),
  );
  bad(
    "an issuer that is configured for JWT-SVIDs only",
    ["SPEC-17.1"],
    "ERR_FORMAT_NOT_ALLOWED",
    payload({ sub: `spiffe://${OTHER_DOMAIN}/a` }),
  );
  for (const rest of ["", "/", "/a//b", "/../a", "/%61", "/a?b", "/a#b", ":443/a"])
    bad(
      `\`sub\` wimse:…${rest}`,
      ["SPEC-17.13"],
      "ERR_ATTESTATION_SUBJECT",
      payload({ sub: `wimse://${TRUST_DOMAIN}${rest}` }),
    );
  bad("no key", ["SPEC-17.14"], "ERR_CONFIRMATION_KEY", payload({ cnf: undefined }));
  bad("a thumbprint in the place of its key", ["SPEC-17.14"], "ERR_ATTESTATION_CLAIMS", payload({ cnf: { jkt: "x" } }));
  bad("a key without `alg`", ["SPEC-17.14"], "ERR_ATTESTATION_CLAIMS", witKeyOf({ alg: undefined }));
  for (const alg of ["ES256", "none", "HS256"])
    bad(`an Ed25519 key with \`alg\` ${show(alg)}`, ["SPEC-17.14"], "ERR_CONFIRMATION_KEY", witKeyOf({ alg }));
  bad("a private key", ["K3"], "ERR_CONFIRMATION_KEY", witKeyOf({ d: "AA" }));
  bad(
    "an RSA key",
    ["SPEC-17.14"],
    "ERR_CONFIRMATION_KEY",
    payload({ cnf: { jwk: { ...svidRsa.jwk, alg: "RS256" } } }),
  );
  bad("expired", ["T19"], "ERR_ATTESTATION_EXPIRED", payload({ iat: NOW - 300, exp: NOW - 30 }));
  bad("an `nbf` ahead", ["T19"], "ERR_ATTESTATION_NOT_YET_VALID", payload({ nbf: NOW + 31 }));
  bad("a lifetime too long", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: NOW + 3601 }));
  bad("no `exp`", ["T18"], "ERR_ATTESTATION_CLAIMS", payload({ exp: undefined }));
  bad("another audience", ["F2"], "ERR_ATTESTATION_AUDIENCE", payload({ aud: "https://other.example" }));
  bad(
    "several audiences",
    ["SPEC-17.16"],
    "ERR_ATTESTATION_AUDIENCES",
    payload({ aud: [AUDIENCE, "https://other.example"] }),
  );
  bad(
    "the claims of a JWT-SVID",
    ["F1"],
    "ERR_CONFIRMATION_KEY",
    payload({ cnf: undefined, aud: [AUDIENCE], exp: NOW + 300 }),
  );
  put(
    "in the place of a JWT-SVID",
    ["F1", "F3"],
    refused("ERR_BEARER_CONFIRMATION"),
    wit({ header: { typ: "JWT" }, payload: { exp: NOW + 300, aud: [AUDIENCE] } }, svidKey),
    { proof: undefined },
  );
  return list;
}
