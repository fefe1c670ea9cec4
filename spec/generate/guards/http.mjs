// Single requests over HTTP: carriers, what is open, what is no message, and how each refusal is answered.
import { authorityP256, stranger } from "../common/baseline.mjs";
import { attestation } from "../common/tokens.mjs";
import {
  bodiless,
  callOf,
  DECLARED,
  EXTENSION,
  fieldsFor,
  handled,
  INITIALIZE,
  inMessage,
  META,
  NOW,
  note,
  post,
  refusedBare,
  refusedPost,
  rpc,
  STATELESS,
} from "./steps.mjs";

const OWN = { credentials: {} };
const CALL = callOf(STATELESS);
const TEXT = JSON.stringify(CALL);
/** Without credentials, in the stateless era and without a declaration. */
const UNDECLARED = {
  handled: false,
  status: 400,
  reason: "attestation_required",
  error: {
    id: 1,
    code: -32021,
    reason: "attestation_required",
    requiredCapabilities: { extensions: { [EXTENSION]: {} } },
  },
};

export function http(put) {
  put("an honest call with HTTP fields", ["SPEC-4.2", "SPEC-7.8"], [post(CALL, handled(CALL), OWN)]);
  put("an honest call that carries its credentials", ["SPEC-4.1", "SPEC-4.21"], [post(inMessage(CALL), handled(CALL))]);
  put(
    "an honest notification",
    ["SPEC-4.15"],
    [post(note("notifications/roots/list_changed"), { handled: true, status: 202 }, OWN)],
  );

  put("a call with nothing, in the stateless era", ["SPEC-7.3"], [post(CALL, UNDECLARED)]);
  put(
    "a call with nothing, whose client declares the extension",
    ["SPEC-7.3", "SPEC-7.5"],
    [post(callOf({ ...STATELESS, ...DECLARED }), refusedPost("attestation_required", -31001))],
  );
  put(
    "initialize with nothing",
    ["SPEC-7.1"],
    [post(rpc("initialize", INITIALIZE), refusedPost("attestation_required", -32001))],
  );
  put(
    "a notification with nothing",
    ["SPEC-4.15", "SPEC-7.6"],
    [post(note("notifications/initialized"), refusedBare("attestation_required"))],
  );
  put("a GET with nothing", ["SPEC-4.15", "SPEC-7.6"], [bodiless("GET", refusedBare("attestation_required"))]);
  put("a DELETE with nothing", ["SPEC-4.15", "SPEC-7.6"], [bodiless("DELETE", refusedBare("attestation_required"))]);
  put(
    "a method that nobody knows, with nothing",
    ["SPEC-4.15"],
    [post(rpc("x/unknown", { _meta: STATELESS }), UNDECLARED)],
  );
  put(
    "an id beyond 2^53 − 1",
    ["SPEC-7.1"],
    [
      post(TEXT.replace('"id":1', '"id":9007199254740993'), {
        ...UNDECLARED,
        error: { ...UNDECLARED.error, id: null },
      }),
    ],
  );

  carriers(put);
  open(put);
  malformed(put);
  refusals(put);
}

function carriers(put) {
  const invalid = refusedPost("attestation_invalid", -31002);
  put("credentials in fields and in the message", ["SPEC-4.4"], [post(inMessage(CALL), invalid, OWN)]);
  put(
    "an attestation in a field, and its proof in the message",
    ["SPEC-4.4"],
    [
      post(callOf({ ...STATELESS, [META.proof]: inMessage(CALL).params._meta[META.proof] }), invalid, {
        fields: { "agent-attestation": attestation() },
      }),
    ],
  );
  const twice = fieldsFor("POST", TEXT);
  for (const name of Object.keys(twice)) {
    put(
      `the field ${name} twice`,
      ["SPEC-4.4"],
      [post(CALL, invalid, { fields: { ...twice, [name]: [twice[name], twice[name]] } })],
    );
  }
  for (const [what, value] of [
    ["null", null],
    ["a number", 7],
    ["an empty text", ""],
    ["an object", {}],
  ]) {
    put(
      `${what} for an attestation in the message`,
      ["SPEC-4.5"],
      [post(callOf({ ...STATELESS, [META.attestation]: value }), invalid)],
    );
  }
  put(
    "an attestation without a proof",
    ["SPEC-4.1", "T24"],
    [post(CALL, refusedPost("attestation_proof_invalid", -31007), { fields: { "agent-attestation": attestation() } })],
  );
  put(
    "a proof without an attestation",
    ["SPEC-4.5"],
    [
      post(CALL, refusedPost("attestation_proof_invalid", -31007), {
        fields: { "agent-attestation-proof": twice["agent-attestation-proof"] },
      }),
    ],
  );
  put(
    "a bound attestation in the place of a bearer one",
    ["SPEC-4.3"],
    [
      post(
        rpc("initialize", {
          ...INITIALIZE,
          capabilities: { experimental: { "security.attestation": { version: "0.2.0", token: attestation() } } },
        }),
        refusedPost("attestation_proof_invalid", -32002),
      ),
    ],
  );
}

function open(put) {
  const ping = rpc("ping");
  put("ping with nothing", ["SPEC-4.14"], [post(ping, { handled: true, message: ping, status: 200 })]);
  put(
    "server/discover with nothing",
    ["SPEC-4.14"],
    [post(rpc("server/discover", { _meta: STATELESS }), { handled: true, status: 200 })],
  );
  put(
    "ping with what it does not need",
    ["SPEC-4.14"],
    [
      post(rpc("ping", { amount: 1, _meta: { progressToken: 3, other: 1 } }), {
        handled: true,
        message: rpc("ping", { _meta: { progressToken: 3 } }),
        status: 200,
      }),
    ],
  );
  put(
    "ping twice with the same credentials, which it does not use up",
    ["SPEC-4.14"],
    [
      post(ping, { handled: true, message: ping, status: 200 }, OWN),
      post(ping, { handled: true, message: ping, status: 200 }, OWN),
    ],
  );
  put(
    "a ping that is too large to be open",
    ["SPEC-4.14"],
    [post(rpc("ping", { _meta: { progressToken: "x".repeat(16_400) } }), refusedPost("attestation_required", -31001))],
  );
  put(
    "a ping with too many values to be open",
    ["SPEC-4.14"],
    [post(rpc("ping", { list: Array.from({ length: 300 }, () => 0) }), refusedPost("attestation_required", -31001))],
  );
  for (const method of ["Ping", "ping/", "tools/list", "notifications/ping"]) {
    put(
      `the method ${method}, which is not open`,
      ["SPEC-4.14"],
      [post(rpc(method), refusedPost("attestation_required", -31001))],
    );
  }
  put(
    "a ping without an id, which is a notification",
    ["SPEC-4.14", "SPEC-4.15"],
    [post(note("ping"), refusedBare("attestation_required"))],
  );
}

function malformed(put) {
  const answered = (status, code) => ({ handled: false, status, error: { id: null, code } });
  for (const [what, text, code] of [
    ["a batch", `[${TEXT}]`, -32600],
    ["an empty batch", "[]", -32600],
    ["a text", '"ping"', -32600],
    ["a message without a version", '{"id":1,"method":"ping"}', -32600],
    ["a request that is a response too", '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}', -32600],
    ["a result that is an error too", '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}', -32600],
    ["a request with null for an id", '{"jsonrpc":"2.0","id":null,"method":"tools/list"}', -32600],
    ["params that are a list", '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}', -32600],
    ["no JSON", "{", -32700],
    ["nothing", "", -32700],
    ["a byte-order mark", `\uFEFF${TEXT}`, -32700],
  ]) {
    put(
      `a body that is ${what}`,
      [code === -32600 ? "SPEC-4.16" : "SPEC-4.17"],
      [post(text, answered(400, code), OWN)],
    );
  }
  for (const method of ["PUT", "PATCH", "HEAD"]) {
    put(`the method ${method}`, ["SPEC-4.18"], [bodiless(method, { handled: false, status: 405 }, OWN)]);
  }
}

function refusals(put) {
  const refused = (title, requirements, reason, code, given, verifier, more) =>
    put(title, requirements, [post(CALL, refusedPost(reason, code, more), given)], verifier);
  const by = (token) => ({ credentials: { by: { token } } });
  refused(
    "an attestation with another signature",
    ["SPEC-7.1"],
    "attestation_invalid",
    -31002,
    by(attestation({ key: stranger })),
  );
  refused(
    "an attestation of another issuer",
    ["SPEC-7.1", "SPEC-7.2"],
    "attestation_issuer_untrusted",
    -31005,
    by(attestation({ payload: { iss: "https://other.example" } })),
  );
  put(
    "an attestation that has expired",
    ["SPEC-7.4", "SPEC-7.7"],
    [
      post(
        CALL,
        { ...refusedPost("attestation_expired", -31003, { serverTime: NOW }), serverTime: String(NOW) },
        by(attestation({ payload: { iat: NOW - 400, nbf: NOW - 400, exp: NOW - 100 } })),
      ),
    ],
  );
  refused("a proof for another body", ["SPEC-7.1"], "attestation_proof_invalid", -31007, {
    fields: fieldsFor("POST", TEXT.replace("12.5", "99")),
  });
  refused("a proof for another method", ["SPEC-7.1"], "attestation_proof_invalid", -31007, {
    fields: fieldsFor("DELETE", TEXT),
  });
  put(
    "a call that is sent again",
    ["SPEC-9.1", "SPEC-7.1"],
    [post(CALL, handled(CALL), OWN), post(CALL, refusedPost("attestation_replay", -31004), OWN)],
  );
  refused("a revoked attestation", ["SPEC-7.1"], "attestation_revoked", -31008, OWN, "revoking");
  refused(
    "an attestation without a claim that is required",
    ["SPEC-7.1"],
    "attestation_claims_insufficient",
    -31006,
    OWN,
    "demanding",
  );
  refused("keys that are not available", ["SPEC-7.1"], "attestation_unavailable", -31010, OWN, "key-source-down");
  put(
    "a GET while keys are not available",
    ["SPEC-7.6"],
    [bodiless("GET", refusedBare("attestation_unavailable", 503), OWN)],
    "key-source-down",
  );
  refused(
    "a kid that the issuer does not have",
    ["SPEC-7.1"],
    "attestation_invalid",
    -31002,
    by(attestation({ header: { kid: `${authorityP256.kid}x` } })),
  );
  for (const value of ["Bearer a b", "DPoP", "bearer", "BEARER a\tb"]) {
    const fields = { authorization: value };
    refused(`the field Authorization: ${value}`, ["SPEC-4.28"], "attestation_invalid", -31002, { ...OWN, fields });
  }
  put(
    "an access token that the proof covers",
    ["SPEC-4.28"],
    [
      post(CALL, handled(CALL), {
        credentials: { accessToken: "token-1" },
        fields: { authorization: "Bearer token-1" },
      }),
    ],
  );
  refused("an access token that the proof does not cover", ["SPEC-4.28"], "attestation_proof_invalid", -31007, {
    ...OWN,
    fields: { authorization: "Bearer token-1" },
  });
  put(
    "nothing, where the policy is optional",
    ["T23"],
    [post(CALL, { handled: true, message: CALL, status: 200, verified: null })],
    "optional",
  );
  put(
    "a false attestation, where the policy is optional",
    ["T23"],
    [
      post(
        CALL,
        refusedPost("attestation_invalid", -31002, { policy: "optional" }),
        by(attestation({ key: stranger })),
      ),
    ],
    "optional",
  );
}
