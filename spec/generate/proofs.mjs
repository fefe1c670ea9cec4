// Proofs of all three kinds, each with an honest attestation: honest ones, and ones with one thing wrong.
import {
  AUDIENCE,
  agent,
  agentP256,
  authority,
  HTTP,
  MESSAGE,
  NOW,
  RESPONSE,
  SECOND_AUDIENCE,
  stranger,
  VERIFIER,
} from "./common/baseline.mjs";
import { base64url, fromLittleEndian, littleEndian, sha256 } from "./common/bytes.mjs";
import { payload, show } from "./common/changes.mjs";
import { present, refused, verified } from "./common/presentations.mjs";
import { mirrored } from "./common/signatures.mjs";
import { L, N, thumbprint, UNSAFE_POINTS, withNeutralR } from "./common/test-keys.mjs";
import { attestation, covered, proof } from "./common/tokens.mjs";
import { FOREIGN_ALGS, FOREIGN_TYPS, structureCases } from "./structure-cases.mjs";

const ATTESTATION = attestation();
const P256_CLAIMS = { cnf: { jwk: { crv: "P-256", kty: "EC", x: agentP256.jwk.x, y: agentP256.jwk.y } } };
const P256_ATTESTATION = attestation(payload(P256_CLAIMS));
const verifiedP256 = { ...verified, keyThumbprint: thumbprint(agentP256.jwk) };

export const verifiers = {
  default: VERIFIER,
  "ed25519-proofs": { ...VERIFIER, proofAlgorithms: ["Ed25519"] },
  "es256-proofs": { ...VERIFIER, proofAlgorithms: ["ES256"] },
  "several-audiences": { ...VERIFIER, allowMultipleAudiences: true },
};

export function vectors() {
  const list = [];
  const put = (title, requirements, expected, token, { verifier = "default", ...other } = {}) =>
    list.push({ title: `Proof: ${title}`, requirements, verifier, presentations: [present(token, expected, other)] });
  /** A proof of `request`, altered, presented with it unless `other.request` says that something else came. */
  const good = (title, requirements, { request = MESSAGE, change, ...other } = {}) =>
    put(title, requirements, verified, ATTESTATION, {
      request,
      proof: proof(ATTESTATION, request, change, other),
      ...other,
    });
  const bad = (title, requirements, code, change, { proves = MESSAGE, request = proves, ...other } = {}) =>
    put(title, requirements, refused(`ERR_PROOF_${code}`), ATTESTATION, {
      request,
      proof: proof(ATTESTATION, proves, change),
      ...other,
    });

  good("of a message", []);
  good("of a response", [], { request: RESPONSE });
  good("of a response whose id is a text", [], { request: { ...RESPONSE, id: "7" } });
  good("of an HTTP request", [], { request: HTTP });
  for (const method of ["GET", "DELETE"])
    good(`of an HTTP ${method} without a body`, [], { request: { kind: "http", method } });
  good("of an HTTP POST with an empty body", [], { request: { kind: "http", method: "POST", body: "" } });
  good("of an HTTP POST with a body that is no text", [], {
    request: { kind: "http", method: "POST", body: base64url(Buffer.from([0, 255, 128, 10])) },
  });
  good("of a message without params", [], { request: { kind: "message", method: "tools/list" } });
  good("of a notification", [], {
    request: { kind: "message", method: "notifications/cancelled", params: { requestId: 1 } },
  });
  good("with white space around members", ["T12"], { change: { payloadText: (text) => `\n{ ${text.slice(1)}\t` } });
  good("with an unknown claim", ["T11"], { change: payload({ nonce: "x", x: [1] }) });
  good("with `__proto__` among the claims", ["T11"], {
    change: { payloadText: (text) => text.replace("{", '{"__proto__":{"aud":"x"},') },
  });
  good("with a `kid` that nobody asks for", ["T6"], { change: { header: { kid: "../../agent" } } });
  good("for another of this server's names", ["M5"], { change: payload({ aud: SECOND_AUDIENCE }) });
  good("in a session", ["M1"], { sessionId: "session-1" });
  good("beside an access token", ["M5"], { accessToken: "access-token-1" });
  good("of an HTTP request in a session beside an access token", ["M1", "M5"], {
    request: HTTP,
    sessionId: "session-1",
    accessToken: "access-token-1",
  });
  put("by a P-256 key", [], verifiedP256, P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION, MESSAGE, {}, { key: agentP256 }),
  });
  put("by a P-256 key with the other S", ["K1"], verifiedP256, P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION, MESSAGE, { signature: mirrored }, { key: agentP256 }),
  });
  put("by a P-256 key, the only kind accepted", ["T2"], verifiedP256, P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION, MESSAGE, {}, { key: agentP256 }),
    verifier: "es256-proofs",
  });

  for (const [title, requirements, code, change] of structureCases({
    member: "aud",
    value: AUDIENCE,
    other: "https://other.example",
    limit: 2048,
  })) {
    bad(`with ${title}`, requirements, code, change);
  }

  for (const [alg, requirement] of FOREIGN_ALGS) bad(`\`alg\` ${show(alg)}`, [requirement], "ALG", { header: { alg } });
  bad("`alg` EdDSA", ["T1"], "ALG", { header: { alg: "EdDSA" } });
  bad("`alg` none and no bytes that sign", ["T1"], "ALG", {
    header: { alg: "none" },
    signature: () => Buffer.alloc(64),
  });
  bad("ES256 for an Ed25519 key", ["T2"], "ALG", { header: { alg: "ES256" } });
  bad("ES256 by a P-256 key that is not the attested one", ["T2"], "ALG", { header: { alg: "ES256" }, key: agentP256 });
  put("Ed25519 for a P-256 key", ["T2"], refused("ERR_PROOF_ALG"), P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION),
  });
  put("ES256 where only Ed25519 is accepted", ["T2"], refused("ERR_PROOF_ALG"), P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION, MESSAGE, {}, { key: agentP256 }),
    verifier: "ed25519-proofs",
  });
  put("Ed25519 where only ES256 is accepted", ["T2"], refused("ERR_PROOF_ALG"), ATTESTATION, {
    verifier: "es256-proofs",
  });
  for (const typ of [...FOREIGN_TYPS, "JWT", "agent-attestation+jwt"])
    bad(`\`typ\` ${show(typ)}`, ["T9"], "TYP", { header: { typ } });
  put("an attestation in its place", ["T9"], refused("ERR_PROOF_TYP"), ATTESTATION, {
    proof: attestation({ payload: { jti: "other" } }),
  });
  put("the attestation itself in its place", ["T9"], refused("ERR_PROOF_TYP"), ATTESTATION, { proof: ATTESTATION });

  bad("signed by a stranger", ["T3", "M5"], "SIGNATURE", { key: stranger });
  bad("signed by the authority", ["T3"], "SIGNATURE", { key: authority });
  bad("a signature of zeros", ["T3", "K2"], "SIGNATURE", { signature: () => Buffer.alloc(64) });
  bad("one bit of the signature flipped", ["T3"], "SIGNATURE", {
    signature: (s) => Buffer.concat([s.subarray(0, 63), Buffer.from([s[63] ^ 1])]),
  });
  const withS = (alter) => ({
    signature: (s) => Buffer.concat([s.subarray(0, 32), littleEndian(alter(fromLittleEndian(s.subarray(32))))]),
  });
  bad(
    "S + L for S",
    ["K1"],
    "SIGNATURE",
    withS((s) => s + L),
  );
  bad(
    "S + 2L for S",
    ["K1"],
    "SIGNATURE",
    withS((s) => s + 2n * L),
  );
  bad(
    "L − S for S",
    ["K1"],
    "SIGNATURE",
    withS((s) => L - s),
  );
  bad("R of order 1, in a signature that would verify", ["K2"], "SIGNATURE", { key: withNeutralR("agent", agent) });
  for (const [name, point] of UNSAFE_POINTS)
    bad(`R with ${name}`, ["K2"], "SIGNATURE", { signature: (s) => Buffer.concat([point, s.subarray(32)]) });
  const big = (value) => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  for (const [title, signature] of [
    ["r = 0", (s) => Buffer.concat([Buffer.alloc(32), s.subarray(32)])],
    ["s = 0", (s) => Buffer.concat([s.subarray(0, 32), Buffer.alloc(32)])],
    ["s = n", (s) => Buffer.concat([s.subarray(0, 32), big(N)])],
  ]) {
    put(`by a P-256 key with ${title}`, ["K1"], refused("ERR_PROOF_SIGNATURE"), P256_ATTESTATION, {
      proof: proof(P256_ATTESTATION, MESSAGE, { signature }, { key: agentP256 }),
    });
  }

  for (const [name, ...wrongs] of [
    ["aud", undefined, null, 1, "", [AUDIENCE], {}, `${AUDIENCE}\u0000`, "é"],
    [
      "jti",
      undefined,
      null,
      1,
      "",
      "fifteen-letters",
      "j".repeat(257),
      "a jti with spaces in it",
      "jti-with-a-nul-\u0000-inside",
      "jti-beyond-ascii-é",
      ["jti-in-a-list-of-one"],
    ],
    ["iat", undefined, null, String(NOW), NOW + 0.5, -1, true, [NOW], 2 ** 53],
    ["att_hash", undefined, null, 1, "", "short", `${sha256(ATTESTATION)}=`, [sha256(ATTESTATION)]],
    ["mcp_digest", null, 1, "", "short", `${sha256("x")}=`, {}],
    ["htm", null, 1, "", "PO ST", ["POST"]],
    ["body_digest", null, 1, "", "short"],
    ["session", null, 1, "", "a b", ["s"]],
    ["ath", null, 1, "", "short"],
  ]) {
    for (const wrong of wrongs) {
      bad(`\`${name}\` ${show(wrong)}`, [name === "iat" ? "T18" : "T13"], "CLAIMS", payload({ [name]: wrong }));
    }
  }
  bad("`iat` 1e400", ["T18"], "CLAIMS", { payloadText: (text) => text.replace(/"iat":\d+/, '"iat":1e400') });
  bad("`aud` by its prototype alone", ["T11"], "CLAIMS", {
    payload: { aud: undefined },
    payloadText: (text) => text.replace("{", `{"__proto__":{"aud":"${AUDIENCE}"},`),
  });

  // What it is for.
  const other = attestation(payload({ jti: "attestation-0002" }));
  put("of another attestation", ["M5"], refused("ERR_PROOF_ATTESTATION"), ATTESTATION, { proof: proof(other) });
  bad("the hash of another attestation", ["M5"], "ATTESTATION", payload({ att_hash: sha256(other) }));
  bad("the hash of nothing", ["M5"], "ATTESTATION", payload({ att_hash: sha256("") }));
  for (const aud of [
    "https://other.example",
    `${AUDIENCE}/`,
    "https://server.example",
    "https://SERVER.example/mcp",
    "https://server.example:443/mcp",
    "http://server.example/mcp",
    `${AUDIENCE}?`,
    `${AUDIENCE}%2F`,
    "*",
  ]) {
    bad(`\`aud\` ${show(aud)}`, ["M5", "T20"], "AUDIENCE", payload({ aud }));
  }
  const madeOut = attestation(payload({ aud: AUDIENCE }));
  put(
    "for a name of this server that the attestation is not made out to",
    ["M5", "T20"],
    refused("ERR_PROOF_AUDIENCE"),
    madeOut,
    { proof: proof(madeOut, MESSAGE, payload({ aud: SECOND_AUDIENCE })) },
  );
  const manyNames = attestation(payload({ aud: ["https://other.example", AUDIENCE] }));
  put(
    "for another server that the attestation is made out to as well",
    ["M5", "T20"],
    refused("ERR_PROOF_AUDIENCE"),
    manyNames,
    { proof: proof(manyNames, MESSAGE, payload({ aud: "https://other.example" })), verifier: "several-audiences" },
  );

  // Carriers.
  const { htm, body_digest } = { htm: "POST", body_digest: sha256("") };
  bad("of a message, with an HTTP request", ["M5"], "CARRIER", {}, { request: HTTP });
  bad("of an HTTP request, with a message", ["M5"], "CARRIER", {}, { proves: HTTP, request: MESSAGE });
  bad("of an HTTP request, with a response", ["M5"], "CARRIER", {}, { proves: HTTP, request: RESPONSE });
  bad("no digest at all", ["M5"], "CARRIER", payload({ mcp_digest: undefined }));
  bad("a method and no digest, of an HTTP request", ["M5"], "CARRIER", payload({ body_digest: undefined }), {
    proves: HTTP,
  });
  bad("a digest and no method, of an HTTP request", ["M5"], "CARRIER", payload({ htm: undefined }), { proves: HTTP });
  bad("`htm` beside the digest of a message", ["M5"], "CARRIER", payload({ htm }));
  bad("`body_digest` beside the digest of a message", ["M5"], "CARRIER", payload({ body_digest }));
  bad("both kinds of digest, with a message", ["M5"], "CARRIER", payload({ htm, body_digest }));
  bad(
    "both kinds of digest, with an HTTP request",
    ["M5"],
    "CARRIER",
    payload({ mcp_digest: sha256(covered(MESSAGE)) }),
    { proves: HTTP },
  );

  // The message.
  const params = (change) => ({ ...MESSAGE, params: { ...MESSAGE.params, ...change } });
  const withArguments = (change) => params({ arguments: { ...MESSAGE.params.arguments, ...change } });
  for (const [title, request] of [
    ["another method", { ...MESSAGE, method: "tools/list" }],
    ["the method in another case", { ...MESSAGE, method: "Tools/Call" }],
    ["another tool", params({ name: "transfer_all" })],
    ["another number", withArguments({ amount: 12.51 })],
    ["a number as a text", withArguments({ amount: "12.5" })],
    ["null for a member that was not there", withArguments({ memo: null })],
    ["one member more", withArguments({ memo: "" })],
    ["one member less", params({ arguments: { to: "Zoë", amount: 12.5 } })],
    ["a name in another case", params({ Name: "transfer", name: undefined })],
    ["a list in another order", withArguments({ notes: [null, "a", true] })],
    ["a list with one entry more", withArguments({ notes: ["a", null, true, true] })],
    ["false for true", withArguments({ notes: ["a", null, false] })],
    ["a text in another Unicode form", withArguments({ to: "Zoe\u0308" })],
    ["a text with a zero-width space", withArguments({ to: "Zoë\u200b" })],
    ["a member of `_meta`", params({ _meta: { progressToken: 1 } })],
    ["a member of `_meta` that only looks like ours", params({ _meta: { "io.github.attest": 1 } })],
    [
      "`__proto__` among the params",
      { ...MESSAGE, params: JSON.parse(`{"__proto__":{"name":"x"},${JSON.stringify(MESSAGE.params).slice(1)}`) },
    ],
    ["no params", { kind: "message", method: "tools/call" }],
    ["a list for params", { ...MESSAGE, params: [] }],
    ["null for params", { ...MESSAGE, params: null }],
    ["a text for params", { ...MESSAGE, params: "x" }],
    ["params too deep to be digested", params({ arguments: JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`) })],
    ["half a surrogate pair", withArguments({ to: "\ud800" })],
    ["a response", RESPONSE],
  ]) {
    bad(`of a message, with ${title}`, ["M5"], "DIGEST", {}, { request });
  }
  for (const [title, proves, request] of [
    [
      "members in another order",
      MESSAGE,
      { ...MESSAGE, params: { arguments: { notes: ["a", null, true], amount: 12.5, to: "Zoë" }, name: "transfer" } },
    ],
    [
      "our own members of `_meta`",
      MESSAGE,
      params({
        _meta: { "io.github.attest/proof": "x", "io.github.attest/attestation": "y", "io.github.attest/whatever": 1 },
      }),
    ],
    ["trace context in `_meta`", MESSAGE, params({ _meta: { traceparent: "x", tracestate: "y", baggage: "z" } })],
    [
      "changed trace context beside a member that is covered",
      params({ _meta: { progressToken: 1, traceparent: "x" } }),
      params({ _meta: { progressToken: 1, traceparent: "y" } }),
    ],
    ["an empty `_meta`", MESSAGE, params({ _meta: {} })],
    ["empty params for none", { kind: "message", method: "ping2" }, { kind: "message", method: "ping2", params: {} }],
  ]) {
    put(`of a message, with ${title}`, ["M5"], verified, ATTESTATION, { proof: proof(ATTESTATION, proves), request });
  }
  for (const [title, request] of [
    ["another id", { ...RESPONSE, id: 8 }],
    ["its id as a text", { ...RESPONSE, id: "7" }],
    ["another result", { ...RESPONSE, result: { action: "decline" } }],
    ["a list for its result", { ...RESPONSE, result: [] }],
    ["null for its result", { ...RESPONSE, result: null }],
    ["a message that looks like it", { kind: "message", method: "7", params: RESPONSE.result }],
  ]) {
    bad(`of a response, with ${title}`, ["M5", "M7"], "DIGEST", {}, { proves: RESPONSE, request });
  }
  for (const method of ["GET", "DELETE", "post", "Post", "PUT", ""])
    bad(
      `of an HTTP POST, with method ${show(method)}`,
      ["M5"],
      "METHOD",
      {},
      { proves: HTTP, request: { ...HTTP, method } },
    );
  const body = Buffer.from(HTTP.body, "base64url").toString();
  for (const [title, changed] of [
    ["a space at its end", `${body} `],
    ["another id", body.replace('"id":1', '"id":2')],
    ["one bracket less", body.slice(0, -1)],
    ["a byte-order mark", `\ufeff${body}`],
    ["nothing", ""],
  ]) {
    bad(
      `of an HTTP body, with ${title} in it`,
      ["M5"],
      "DIGEST",
      {},
      { proves: HTTP, request: { ...HTTP, body: base64url(changed) } },
    );
  }
  bad(
    "of an HTTP request without a body, with one",
    ["M5"],
    "DIGEST",
    {},
    { proves: { kind: "http", method: "DELETE" }, request: { kind: "http", method: "DELETE", body: base64url("{}") } },
  );

  // Session and access token.
  for (const [title, claimed, actual] of [
    ["no session, in one", undefined, "session-1"],
    ["a session, in none", "session-1", undefined],
    ["one session, in another", "session-1", "session-2"],
    ["a session, in one of another case", "session-1", "Session-1"],
    ["a session, in a longer one", "session-1", "session-11"],
  ]) {
    const made = proof(ATTESTATION, MESSAGE, {}, { sessionId: claimed });
    put(`for ${title}`, ["M1"], refused("ERR_PROOF_SESSION"), ATTESTATION, { proof: made, sessionId: actual });
  }
  for (const [title, claimed, actual] of [
    ["no access token, beside one", undefined, "access-token-1"],
    ["an access token, beside none", "access-token-1", undefined],
    ["one access token, beside another", "access-token-1", "access-token-2"],
    ["an access token, beside an empty one", "access-token-1", ""],
  ]) {
    const made = proof(ATTESTATION, MESSAGE, {}, { accessToken: claimed });
    put(`for ${title}`, ["M5"], refused("ERR_PROOF_ACCESS_TOKEN"), ATTESTATION, { proof: made, accessToken: actual });
  }
  return list;
}
