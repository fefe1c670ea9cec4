// Bound attestations: honest ones, and ones with one thing wrong. Each comes with the agent's honest proof for what it became.
import { createHmac, createPublicKey } from "node:crypto";
import {
  AUDIENCE,
  agent,
  agentP256,
  authority,
  authorityP256,
  BOUND_CLAIMS,
  BOUND_HEADER,
  ENTERPRISE,
  enterprise,
  ISSUER,
  NOW,
  SECOND_AUDIENCE,
  stranger,
  trusting,
  VERIFIER,
} from "./common/baseline.mjs";
import { base64url, fromLittleEndian, littleEndian } from "./common/bytes.mjs";
import { payload, show } from "./common/changes.mjs";
import { present, refused, verified } from "./common/presentations.mjs";
import { mirrored } from "./common/signatures.mjs";
import { es256Key, L, N, thumbprint, UNSAFE_POINTS, withNeutralR } from "./common/test-keys.mjs";
import { attestation, proof } from "./common/tokens.mjs";
import { FOREIGN_ALGS, FOREIGN_TYPS, structureCases } from "./structure-cases.mjs";

const SHARED = "shared-kid";
const twin = { ...authority, kid: SHARED };
const enterpriseTwin = { ...enterprise, kid: SHARED };
const { agent_identity: IDENTITY, attestation_metadata: METADATA, cnf: CNF } = BOUND_CLAIMS;
const identity = (change) => ({ payload: { agent_identity: { ...IDENTITY, ...change } } });
const metadata = (change) => ({ payload: { attestation_metadata: { ...METADATA, ...change } } });
const integrity = (agent_integrity) => ({ payload: { agent_integrity } });
const cnf = (change) => ({ payload: { cnf: { jwk: { ...CNF.jwk, ...change } } } });
const insert = (member) => ({ payloadText: (text) => text.replace("{", `{${member},`) });
const spell = (name, json) => ({
  payloadText: (text) => text.replace(new RegExp(`"${name}":[^,}]+`), `"${name}":${json}`),
});
const HASH = `sha256:${"0123456789abcdef".repeat(4)}`;

/** An HMAC over the signing input, keyed with something public: what algorithm confusion would verify. */
function hmacWith(secret, hash) {
  const sign = (data) => {
    const mac = createHmac(hash, secret).update(data).digest();
    return Buffer.concat([mac, Buffer.alloc(64)]).subarray(0, 64);
  };
  return { ...authority, sign };
}

const spki = createPublicKey(authority.privateKey).export({ format: "pem", type: "spki" });

export const verifiers = {
  default: VERIFIER,
  p256: trusting(["Ed25519", "ES256"]),
  "shared-kid": {
    ...VERIFIER,
    keys: {
      [ISSUER]: { keys: [{ ...authority.jwk, kid: SHARED }] },
      [ENTERPRISE]: { keys: [{ ...enterprise.jwk, kid: SHARED }] },
    },
  },
  bearer: { ...VERIFIER, allowBearer: true },
  "several-audiences": { ...VERIFIER, allowMultipleAudiences: true },
  demanding: {
    ...VERIFIER,
    requiredClaims: [
      "aud",
      "nbf",
      "agent_identity.deployment_id",
      "agent_identity.enterprise",
      "agent_integrity.config_hash",
      "agent_integrity.system_prompt_hash",
    ],
  },
  revoking: { ...VERIFIER, revoked: ["revoked-0001"] },
  "short-lived": { ...VERIFIER, maxLifetime: { bound: 60, bearer: 60 } },
};

export function vectors() {
  const list = [];
  const put = (title, requirements, expected, token, { verifier = "default", ...other } = {}) =>
    list.push({
      title: `Bound attestation: ${title}`,
      requirements,
      verifier,
      presentations: [present(token, expected, other)],
    });
  const good = (title, requirements, change, other) => put(title, requirements, verified, attestation(change), other);
  const bad = (title, requirements, code, change, other) =>
    put(title, requirements, refused(code), attestation(change), other);

  // Honest ones, and what must be ignored or may be spelt differently.
  good("honest", []);
  good("white space around members", ["T12"], { payloadText: (text) => `\n\t{ ${text.slice(1)}\r\n ` });
  good("claims in another order", [], {
    payloadText: (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
  });
  good("an escape in a value", ["T10"], {
    payloadText: (text) => text.replace('"provider":"example"', '"provider":"\\u0065xample"'),
  });
  good("an unknown claim", ["T11"], payload({ x: { y: ["z"] } }));
  good("an unknown claim beyond ASCII", ["T13"], payload({ ключ: "\u{1f511}" }));
  good("the same name in different objects", ["T10"], payload({ x: { iss: 1, y: { iss: 2 } } }));
  good("`__proto__` among the claims", ["T11"], insert('"__proto__":{"iss":"https://evil.example","verified":true}'));
  good("`constructor` among the claims", ["T11"], insert('"constructor":{"prototype":{"iss":1}}'));
  good("16 levels", ["T17"], insert(`"x":${"[".repeat(15)}${"]".repeat(15)}`));
  good("as many characters as allowed", ["T17"], {
    payloadText: (text) => {
      const room = 6144 - base64url(JSON.stringify(BOUND_HEADER)).length - 2 - 86;
      return text.replace("{", `{"x":"${"a".repeat(Math.floor((room * 3) / 4) - text.length - 7)}",`);
    },
  });
  good("times as numbers with an exponent", ["T18"], spell("exp", "180000029.5e1"));
  good("no `nbf`", ["T18"], payload({ nbf: undefined }));
  good("made out to this server", ["T20"], payload({ aud: AUDIENCE }));
  good("made out to this server in a list of one", ["T20"], payload({ aud: [AUDIENCE] }));
  good(
    "made out to another too, where that is allowed",
    ["T20"],
    payload({ aud: ["https://other.example", AUDIENCE] }),
    { verifier: "several-audiences" },
  );
  good(
    "every optional claim",
    [],
    {
      payload: {
        aud: AUDIENCE,
        agent_identity: {
          ...IDENTITY,
          deployment_id: "d-1",
          enterprise: { org_id: "o", workload_id: "w", deployment_env: "prod" },
        },
        agent_integrity: { config_hash: HASH, system_prompt_hash: HASH },
        attestation_metadata: {
          ...METADATA,
          safety_level: "enhanced",
          capabilities_declared: ["a", "b c"],
          nested_attestation: "a.b.c",
        },
      },
    },
    { verifier: "demanding" },
  );
  good("a life of one second", ["T18"], payload({ iat: NOW, nbf: NOW, exp: NOW + 1 }));
  good("`alg` and `use` in the agent's key", ["K6"], cnf({ alg: "EdDSA", use: "sig", kid: "k" }));
  put(
    "of an enterprise",
    ["T22"],
    { ...verified, trustLevel: "enterprise", subject: "spiffe://corp.example/agent/7" },
    attestation({
      header: { kid: enterprise.kid },
      key: enterprise,
      payload: {
        iss: ENTERPRISE,
        sub: "spiffe://corp.example/agent/7",
        attestation_metadata: { ...METADATA, attestation_type: "enterprise" },
      },
    }),
  );
  put(
    "of an enterprise that claims the trust of a provider",
    ["T22"],
    { ...verified, trustLevel: "enterprise", subject: "spiffe://corp.example/agent/7" },
    attestation({
      header: { kid: enterprise.kid },
      key: enterprise,
      payload: {
        iss: ENTERPRISE,
        sub: "spiffe://corp.example/agent/7",
        trust_level: "provider",
        trustLevel: "provider",
        attestation_metadata: { ...METADATA, attestation_type: "enterprise" },
      },
    }),
  );
  const p256Header = { alg: "ES256", kid: authorityP256.kid };
  good(
    "ES256, from an issuer configured for it",
    ["T1"],
    { header: p256Header, key: authorityP256 },
    { verifier: "p256" },
  );
  good(
    "ES256 with the other S",
    ["K1"],
    { header: p256Header, key: authorityP256, signature: mirrored },
    { verifier: "p256" },
  );
  for (const [title, sub] of [
    ["a long path", `spiffe://example.com/${"a/".repeat(900)}z`],
    ["a dot and dashes in a segment", "spiffe://example.com/model/a.b-c_d/..x/.y"],
  ]) {
    put(`subject with ${title}`, ["T22"], { ...verified, subject: sub }, attestation(payload({ sub })));
  }

  // Strict reading.
  for (const [title, requirements, code, change] of structureCases({
    member: "iss",
    value: ISSUER,
    other: "https://evil.example",
    limit: 6144,
  })) {
    bad(title, requirements, `ERR_ATTESTATION_${code}`, change);
  }
  const claimTwice = (title, find, twice) =>
    bad(title, ["T10"], "ERR_ATTESTATION_DUPLICATE_MEMBER", { payloadText: (text) => text.replace(find, twice) });
  claimTwice("a member of the agent's key twice", '"crv":', '"crv":"P-256","crv":');
  claimTwice("a member of the identity twice", '"provider":"example"', '"provider":"other","provider":"example"');
  claimTwice(
    "a member of the metadata twice",
    '"attestation_type":',
    '"attestation_type":"enterprise","attestation_type":',
  );

  // Header.
  for (const [alg, requirement] of FOREIGN_ALGS)
    bad(`\`alg\` ${show(alg)}`, [requirement], "ERR_ATTESTATION_ALG", { header: { alg } });
  bad("`alg` EdDSA, which only bearer attestations may have", ["T1"], "ERR_ATTESTATION_ALG", {
    header: { alg: "EdDSA" },
  });
  bad("`alg` none and no bytes that sign", ["T1"], "ERR_ATTESTATION_ALG", {
    header: { alg: "none" },
    signature: () => Buffer.alloc(64),
  });
  bad("ES256, from an issuer that is not configured for it", ["T1", "T2"], "ERR_ATTESTATION_ALG", {
    header: p256Header,
    key: authorityP256,
  });
  for (const [name, secret] of [
    ["raw public key", Buffer.from(authority.jwk.x, "base64url")],
    ["public JWK", JSON.stringify(authority.jwk)],
    ["public key in PEM", spki],
  ]) {
    for (const [alg, hash] of [
      ["HS256", "sha256"],
      ["HS512", "sha512"],
    ]) {
      bad(`${alg} keyed with the ${name}`, ["T2"], "ERR_ATTESTATION_ALG", {
        header: { alg },
        key: hmacWith(secret, hash),
      });
    }
    bad(`an HMAC keyed with the ${name} as an Ed25519 signature`, ["T2"], "ERR_ATTESTATION_SIGNATURE", {
      key: hmacWith(secret, "sha512"),
    });
  }
  bad(
    "Ed25519 by the name of a P-256 key",
    ["T2"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: authorityP256.kid }, key: authorityP256 },
    { verifier: "p256" },
  );
  bad(
    "ES256 by the name of an Ed25519 key",
    ["T2"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { alg: "ES256" } },
    { verifier: "p256" },
  );
  for (const typ of FOREIGN_TYPS) bad(`\`typ\` ${show(typ)}`, ["T9"], "ERR_ATTESTATION_TYP", { header: { typ } });
  bad("`typ` of a bearer attestation", ["T24"], "ERR_BEARER_NOT_ALLOWED", { header: { typ: "JWT" } });
  put("a proof in its place", ["T9"], refused("ERR_ATTESTATION_TYP"), proof(attestation()));
  for (const kid of [undefined, "", "a b", "authority\u0000", "authority\n", "аuthority", "k".repeat(257)]) {
    bad(`\`kid\` ${show(kid)}`, ["T6"], "ERR_ATTESTATION_HEADER", { header: { kid } });
  }
  for (const kid of [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/dev/null",
    "'OR'1'='1",
    "authority'--",
    "$(id)",
    "|id",
    "https://evil.example/key",
    "Authority",
    "AUTHORITY",
    "authorit",
    "authority1",
    "*",
    ".*",
    "__proto__",
    "constructor",
    "toString",
    "k".repeat(256),
  ]) {
    bad(`\`kid\` ${show(kid)}`, ["T6"], "ERR_KEY_NOT_FOUND", { header: { kid } });
  }

  // Signature and key.
  bad("signed by a stranger", ["T3"], "ERR_ATTESTATION_SIGNATURE", { key: stranger });
  bad("signed by its own agent", ["T3", "T4"], "ERR_ATTESTATION_SIGNATURE", { key: agent });
  bad("a signature of zeros", ["T3", "K2"], "ERR_ATTESTATION_SIGNATURE", { signature: () => Buffer.alloc(64) });
  bad("a signature of ones", ["T3", "K1"], "ERR_ATTESTATION_SIGNATURE", { signature: () => Buffer.alloc(64, 255) });
  bad("a signature with one bit flipped", ["T3"], "ERR_ATTESTATION_SIGNATURE", {
    signature: (s) => Buffer.concat([s.subarray(0, 63), Buffer.from([s[63] ^ 1])]),
  });
  bad("its halves swapped in the signature", ["T3"], "ERR_ATTESTATION_SIGNATURE", {
    signature: (s) => Buffer.concat([s.subarray(32), s.subarray(0, 32)]),
  });
  bad("signed before it was altered", ["T3"], "ERR_ATTESTATION_SIGNATURE", {
    token: (t) =>
      t.replace(
        /\.(.*)\./,
        (_, s) => `.${base64url(Buffer.from(s, "base64url").toString().replace("example-1", "example-2"))}.`,
      ),
  });
  const withS = (alter) => ({
    signature: (s) => Buffer.concat([s.subarray(0, 32), littleEndian(alter(fromLittleEndian(s.subarray(32))))]),
  });
  bad(
    "S + L for S",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS((s) => s + L),
  );
  bad(
    "S + 2L for S",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS((s) => s + 2n * L),
  );
  bad(
    "S + 8L for S",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS((s) => s + 8n * L),
  );
  bad(
    "L for S",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS(() => L),
  );
  bad(
    "L − S for S",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS((s) => L - s),
  );
  bad(
    "the top bit of S set",
    ["K1"],
    "ERR_ATTESTATION_SIGNATURE",
    withS((s) => s + 2n ** 255n),
  );
  bad("R of order 1, in a signature that would verify", ["K2"], "ERR_ATTESTATION_SIGNATURE", {
    key: withNeutralR("authority", authority),
  });
  for (const [name, point] of UNSAFE_POINTS) {
    bad(`R with ${name}`, ["K2"], "ERR_ATTESTATION_SIGNATURE", {
      signature: (s) => Buffer.concat([point, s.subarray(32)]),
    });
  }
  const p256 = (title, signature) =>
    bad(
      `ES256 ${title}`,
      ["K1"],
      "ERR_ATTESTATION_SIGNATURE",
      { header: p256Header, key: authorityP256, signature },
      { verifier: "p256" },
    );
  const big = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  p256("with r = 0", (s) => Buffer.concat([Buffer.alloc(32), s.subarray(32)]));
  p256("with s = 0", (s) => Buffer.concat([s.subarray(0, 32), Buffer.alloc(32)]));
  p256("with r = s = 0", () => Buffer.alloc(64));
  p256("with r = n", (s) => Buffer.concat([big(N), s.subarray(32)]));
  p256("with s = n", (s) => Buffer.concat([s.subarray(0, 32), big(N)]));
  p256("with r and s swapped", (s) => Buffer.concat([s.subarray(32), s.subarray(0, 32)]));
  bad(
    "ES256 with a DER signature",
    ["K1"],
    "ERR_ATTESTATION_FORMAT",
    { header: p256Header, key: authorityP256, signature: (s) => derOf(s) },
    { verifier: "p256" },
  );
  bad(
    "ES256 signed by a stranger",
    ["T3"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: p256Header, key: es256Key("stranger") },
    { verifier: "p256" },
  );

  const byEnterprise = {
    ...BOUND_CLAIMS,
    iss: ENTERPRISE,
    sub: "spiffe://corp.example/agent/7",
    attestation_metadata: { ...METADATA, attestation_type: "enterprise" },
  };
  bad("another issuer's key by that issuer's name for it", ["K7"], "ERR_KEY_NOT_FOUND", {
    header: { kid: enterprise.kid },
    key: enterprise,
  });
  bad("another issuer's key by this issuer's name for its own", ["K7"], "ERR_ATTESTATION_SIGNATURE", {
    key: enterprise,
  });
  bad(
    "another issuer's key of the same name",
    ["K7"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: SHARED }, key: enterpriseTwin },
    { verifier: "shared-kid" },
  );
  bad(
    "this issuer's key of the same name, for another",
    ["K7"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: SHARED }, key: twin, payload: byEnterprise },
    { verifier: "shared-kid" },
  );
  good(
    "its issuer's key, of a name that two issuers use",
    ["K7"],
    { header: { kid: SHARED }, key: twin },
    { verifier: "shared-kid" },
  );

  // Issuer.
  for (const iss of [
    undefined,
    null,
    1,
    true,
    {},
    [ISSUER],
    [ISSUER, "https://evil.example"],
    "",
    "*",
    ".*",
    "https://*",
    `${ISSUER}/`,
    `${ISSUER}:443`,
    ` ${ISSUER}`,
    `${ISSUER}\u0000`,
    `${ISSUER}\n`,
    "HTTPS://authority.example",
    "https://AUTHORITY.example",
    "http://authority.example",
    "https://authority.exampl",
    `${ISSUER}.evil.example`,
    "https://evil.example/https://authority.example",
    "https://authority.example@evil.example",
    "https://authority%2eexample",
    "https://аuthority.example",
    "https://authority。example",
    "authority.example",
    "__proto__",
  ]) {
    bad(
      `\`iss\` ${show(iss)}`,
      [typeof iss === "string" && /[^\x20-\x7e]/.test(iss) ? "T13" : "T14"],
      "ERR_ISSUER_UNTRUSTED",
      payload({ iss }),
    );
  }

  // Claims by their schema.
  const claims = (title, requirements, change) => bad(title, requirements, "ERR_ATTESTATION_CLAIMS", change);
  for (const name of ["exp", "iat", "nbf"]) {
    if (name !== "nbf") claims(`\`${name}\` missing`, ["T18"], payload({ [name]: undefined }));
    for (const wrong of [null, String(NOW), NOW + 0.5, -1, true, [NOW], {}, 2 ** 53])
      claims(`\`${name}\` ${show(wrong)}`, ["T18"], payload({ [name]: wrong }));
    for (const json of ["1e400", "-1e400", "1e-400"]) {
      if (json === "1e-400") continue;
      claims(`\`${name}\` ${json}`, ["T18"], spell(name, json));
    }
  }
  for (const wrong of [undefined, null, 1, "", "a\u0000b", "a b", "a\nb", "é", "\u007f", "j".repeat(257), ["a"], {}])
    claims(`\`jti\` ${show(wrong)}`, ["T13"], payload({ jti: wrong }));
  for (const wrong of [
    undefined,
    null,
    1,
    "",
    "spiffe://example.com/a\u0000",
    "spiffe://example.com/é",
    "spiffe://example.com/a b",
    `spiffe://example.com/${"a".repeat(2048)}`,
    ["x"],
    {},
  ]) {
    claims(`\`sub\` ${show(wrong)}`, ["T13"], payload({ sub: wrong }));
  }
  for (const wrong of [
    null,
    "",
    1,
    [],
    [1],
    [""],
    [[AUDIENCE]],
    {},
    [AUDIENCE, null],
    [`${AUDIENCE}\u0000`],
    "é",
    Array(65).fill(AUDIENCE),
  ]) {
    claims(
      `\`aud\` ${Array.isArray(wrong) && wrong.length > 64 ? "of 65 entries" : show(wrong)}`,
      ["T20", "T13"],
      payload({ aud: wrong }),
    );
  }
  for (const wrong of [undefined, null, 1, "x", [], {}])
    claims(`\`agent_identity\` ${show(wrong)}`, [], payload({ agent_identity: wrong }));
  for (const name of ["model_family", "model_version", "provider"]) {
    for (const wrong of [undefined, null, 1, "", "a\u0000", "a\nb", "x".repeat(257), ["x"]])
      claims(`\`${name}\` ${show(wrong)}`, ["T13"], identity({ [name]: wrong }));
  }
  for (const [what, wrong] of [
    ["a Cyrillic letter", "exаmple"],
    ["a zero-width space", "exam\u200bple"],
    ["a right-to-left override", "exam\u202eple"],
    ["a full-width letter", "ｅxample"],
    ["a combining accent", "exa\u0301mple"],
    ["a DEL", "example\u007f"],
  ]) {
    claims(`${what} in the model's name`, ["T13"], identity({ model_version: wrong }));
  }
  for (const wrong of [null, 1, "", "é"])
    claims(`\`deployment_id\` ${show(wrong)}`, ["T13"], identity({ deployment_id: wrong }));
  const org = { org_id: "o", workload_id: "w", deployment_env: "prod" };
  for (const wrong of [
    null,
    "x",
    [],
    {},
    { ...org, org_id: undefined },
    { ...org, workload_id: 1 },
    { ...org, deployment_env: "" },
  ])
    claims(`\`enterprise\` ${show(wrong)}`, [], identity({ enterprise: wrong }));
  claims("an identity by its prototype alone", ["T11"], {
    payloadText: (text) =>
      text.replace('"agent_identity":{', '"agent_identity":{"__proto__":{').replace(/("provider":"example")}/, "$1}}"),
  });
  for (const wrong of [
    null,
    "x",
    [],
    { config_hash: "abc" },
    { config_hash: HASH.toUpperCase() },
    { config_hash: HASH.slice(0, -1) },
    { config_hash: `${HASH}0` },
    { config_hash: HASH.slice(7) },
    { system_prompt_hash: 1 },
    { system_prompt_hash: `md5:${"0".repeat(32)}` },
  ]) {
    claims(`\`agent_integrity\` ${show(wrong)}`, [], integrity(wrong));
  }
  for (const wrong of [undefined, null, "x", [], {}])
    claims(`\`attestation_metadata\` ${show(wrong)}`, [], payload({ attestation_metadata: wrong }));
  for (const [name, ...wrongs] of [
    ["attestation_version", undefined, 2, null, ""],
    ["attestation_type", undefined, "Provider", "root", 1, ["provider"], "__proto__"],
    ["safety_level", undefined, "maximum", null, 1],
    ["capabilities_declared", undefined, "a", {}, [1], [["a"]], [""], ["x".repeat(257)], Array(65).fill("a")],
    ["nested_attestation", null, 1, "", "a b", "é"],
  ]) {
    for (const wrong of wrongs)
      claims(
        `\`${name}\` ${Array.isArray(wrong) && wrong.length > 64 ? "of 65 entries" : show(wrong)}`,
        [],
        metadata({ [name]: wrong }),
      );
  }
  for (const version of ["0.1.0", "0.2", "0.2.1", "1.0.0", "0.2.0 "])
    bad(`version ${show(version)}`, ["T9"], "ERR_ATTESTATION_VERSION", metadata({ attestation_version: version }));

  // Lifetime, audience, subject, type. The edges of the times are in times.json.
  bad("a life of no time", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: NOW - 5 }));
  bad("an end before its beginning", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ iat: NOW, exp: NOW - 1 }));
  bad("a life without end", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: Number.MAX_SAFE_INTEGER }));
  bad("a life longer than this server allows", ["T18"], "ERR_ATTESTATION_LIFETIME", {}, { verifier: "short-lived" });
  for (const aud of [
    "https://other.example",
    `${AUDIENCE}/`,
    "https://server.example",
    "https://SERVER.example/mcp",
    "https://server.example:443/mcp",
    "http://server.example/mcp",
    `${AUDIENCE}?x`,
    `${AUDIENCE}#x`,
    "*",
    ["https://other.example"],
  ]) {
    bad(`\`aud\` ${show(aud)}`, ["T20"], "ERR_ATTESTATION_AUDIENCE", payload({ aud }));
  }
  for (const aud of [
    [AUDIENCE, "https://other.example"],
    ["https://other.example", AUDIENCE],
    [AUDIENCE, AUDIENCE],
    [AUDIENCE, SECOND_AUDIENCE],
  ]) {
    bad(`\`aud\` ${show(aud)}`, ["T20"], "ERR_ATTESTATION_AUDIENCES", payload({ aud }));
  }
  bad(
    "several audiences of which none is this server",
    ["T20"],
    "ERR_ATTESTATION_AUDIENCE",
    payload({ aud: ["https://a.example", "https://b.example"] }),
    { verifier: "several-audiences" },
  );
  for (const sub of [
    "agent-7",
    "https://example.com/model/x",
    "SPIFFE://example.com/model/x",
    "spiffe:/example.com/model/x",
    "spiffe://example.com",
    "spiffe://example.com/",
    "spiffe:///model/x",
    "spiffe://example.com/model/",
    "spiffe://example.com//model",
    "spiffe://example.com/./model",
    "spiffe://example.com/../other",
    "spiffe://example.com/model/..",
    "spiffe://example.com/model/.",
    "spiffe://Example.com/model/x",
    "spiffe://example.com:443/model/x",
    "spiffe://user@example.com/model/x",
    "spiffe://example.com/model/x?y",
    "spiffe://example.com/model/x#y",
    "spiffe://example.com/model/%2e%2e/x",
    "spiffe://example.com/model/x~",
    "spiffe://exam%70le.com/model/x",
    `spiffe://${"a".repeat(256)}/x`,
  ]) {
    bad(`\`sub\` ${show(sub)}`, ["T22"], "ERR_ATTESTATION_SUBJECT", payload({ sub }));
  }
  for (const sub of [
    "spiffe://other.example/model/x",
    "spiffe://corp.example/agent/7",
    "spiffe://example.com.evil.example/model/x",
    "spiffe://evil-example.com/model/x",
    "spiffe://a.example.com/model/x",
    "spiffe://example/model/x",
    "spiffe://example.com./model/x",
  ]) {
    bad(`\`sub\` ${show(sub)}`, ["T22"], "ERR_TRUST_DOMAIN", payload({ sub }));
  }
  bad(
    "a provider that calls its attestation an enterprise's",
    ["T22"],
    "ERR_ATTESTATION_TYPE",
    metadata({ attestation_type: "enterprise" }),
  );
  bad("an enterprise that calls its attestation a provider's", ["T22"], "ERR_ATTESTATION_TYPE", {
    header: { kid: enterprise.kid },
    key: enterprise,
    payload: { ...byEnterprise, attestation_metadata: METADATA },
  });
  bad("an enterprise that speaks for a provider's trust domain", ["T22"], "ERR_TRUST_DOMAIN", {
    header: { kid: enterprise.kid },
    key: enterprise,
    payload: { ...byEnterprise, sub: BOUND_CLAIMS.sub },
  });
  bad("revoked", ["T21"], "ERR_REVOKED", payload({ jti: "revoked-0001" }), { verifier: "revoking" });
  good("not the one that is revoked", ["T21"], payload({ jti: "revoked-0002" }), { verifier: "revoking" });
  bad("none of the claims that this server requires", [], "ERR_CLAIM_REQUIRED", {}, { verifier: "demanding" });
  for (const missing of ["aud", "nbf", "deployment_id", "enterprise", "config_hash", "system_prompt_hash"]) {
    const less = (object) => ({ ...object, [missing]: undefined });
    bad(
      `no \`${missing}\`, which this server requires`,
      [],
      "ERR_CLAIM_REQUIRED",
      payload(
        less({
          aud: AUDIENCE,
          nbf: NOW - 5,
          agent_identity: less({ ...IDENTITY, deployment_id: "d", enterprise: org }),
          agent_integrity: less({ config_hash: HASH, system_prompt_hash: HASH }),
        }),
      ),
      { verifier: "demanding" },
    );
  }

  // The agent's key.
  for (const wrong of [null, "x", []]) claims(`\`cnf\` ${show(wrong)}`, ["T24"], payload({ cnf: wrong }));
  for (const wrong of [
    {},
    { jkt: thumbprint(agent.jwk) },
    { kid: "agent" },
    { jwk: null },
    { jwk: "x" },
    { jwk: [] },
    { jwk: {} },
  ])
    claims(`\`cnf\` ${show(wrong)}`, ["T24"], payload({ cnf: wrong }));
  for (const change of [
    { kty: undefined },
    { crv: undefined },
    { kty: 1 },
    { x: 1 },
    { x: null },
    { kty: "OKP\u0000" },
  ])
    claims(`a key with ${show(change)}`, ["K6"], cnf(change));
  const key = (title, requirements, change) => bad(title, requirements, "ERR_CONFIRMATION_KEY", change);
  key("no agent's key", ["T24"], payload({ cnf: undefined }));
  key("the agent's key by its prototype alone", ["T11", "T24"], {
    payload: { cnf: undefined },
    payloadText: (text) => text.replace("{", `{"__proto__":${JSON.stringify({ cnf: CNF })},`),
  });
  key("the agent's private key", ["K3"], cnf({ d: base64url(Buffer.alloc(32, 1)) }));
  key("an empty private half in the agent's key", ["K3"], cnf({ d: "" }));
  key("a symmetric key as the agent's", ["K3"], payload({ cnf: { jwk: { kty: "oct", crv: "x", k: "c2VjcmV0" } } }));
  for (const [name, point] of UNSAFE_POINTS) key(`an agent's key with ${name}`, ["K2"], cnf({ x: base64url(point) }));
  for (const [what, change] of [
    ["`use` for encryption", { use: "enc" }],
    ["`key_ops` for signing only", { key_ops: ["sign"] }],
    ["`key_ops` that are no list", { key_ops: "verify" }],
    ["the `alg` of another type", { alg: "ES256" }],
    ["`alg` none", { alg: "none" }],
    ["curve X25519", { crv: "X25519" }],
    ["curve Ed448", { crv: "Ed448" }],
    ["type EC and no `y`", { kty: "EC", crv: "P-256" }],
    ["type RSA", { kty: "RSA", n: "AQAB", e: "AQAB" }],
    ["a type in another case", { kty: "okp" }],
    ["no `x`", { x: undefined }],
    ["31 bytes", { x: base64url(Buffer.alloc(31, 9)) }],
    ["33 bytes", { x: base64url(Buffer.alloc(33, 9)) }],
    ["padding", { x: `${agent.jwk.x}=` }],
    ["stray bits", { x: base64url(Buffer.alloc(32, 8)).replace(/.$/, "h") }],
    ["a `kid` too long", { kid: "k".repeat(257) }],
  ]) {
    (change.kid ? claims : key)(`an agent's key with ${what}`, ["K6"], cnf(change));
  }
  const curve = agentP256.jwk;
  key(
    "a P-256 key that is not on its curve",
    ["K6"],
    payload({ cnf: { jwk: { kty: "EC", crv: "P-256", x: curve.x, y: curve.x } } }),
  );
  key(
    "a P-256 key at zero",
    ["K6"],
    payload({
      cnf: { jwk: { kty: "EC", crv: "P-256", x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) } },
    }),
  );
  key(
    "a P-384 key",
    ["K6"],
    payload({
      cnf: { jwk: { kty: "EC", crv: "P-384", x: base64url(Buffer.alloc(48, 1)), y: base64url(Buffer.alloc(48, 1)) } },
    }),
  );

  // Downgrade.
  put("without its proof", ["T23", "T24"], refused("ERR_PROOF_REQUIRED"), attestation(), { proof: undefined });
  put("with a proof but not the message it is for", ["T24"], refused("ERR_PROOF_REQUEST"), attestation(), {
    request: undefined,
    proof: proof(attestation()),
  });
  put("alone, where bearer attestations are accepted", ["T23", "T24"], refused("ERR_PROOF_REQUIRED"), attestation(), {
    proof: undefined,
    request: undefined,
    verifier: "bearer",
  });
  put(
    "made to look like a bearer attestation",
    ["T24"],
    refused("ERR_BEARER_CONFIRMATION"),
    attestation({
      header: { typ: "JWT", alg: "EdDSA" },
      payload: { aud: AUDIENCE, attestation_metadata: { ...METADATA, attestation_version: "0.1.0" } },
    }),
    { proof: undefined, verifier: "bearer" },
  );
  put("nothing at all", ["T23"], refused("ERR_ATTESTATION_REQUIRED"), undefined, { proof: undefined });
  put("a proof without an attestation", ["T23", "T24"], refused("ERR_PROOF_UNEXPECTED"), undefined, {
    proof: proof(attestation()),
  });
  return list;
}

/** r ‖ s as the DER SEQUENCE that other protocols have. */
function derOf(signature) {
  const integer = (bytes) => {
    const positive = bytes[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  };
  const body = Buffer.concat([integer(signature.subarray(0, 32)), integer(signature.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
