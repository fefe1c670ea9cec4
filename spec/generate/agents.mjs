// What an agent sends, and what it does with what comes back: over HTTP, and message by message on other transports.
import { AUDIENCE, agent, NOW } from "./common/baseline.mjs";
import { attestation } from "./common/tokens.mjs";
import { callOf, EXTENSION, INITIALIZE, note, ODD_FEATURES, result, rpc, STATELESS } from "./guards/steps.mjs";

const ENDPOINT = "https://server.example/mcp";
const TOKEN = attestation({ payload: { exp: NOW + 3000, iat: NOW - 300, nbf: NOW - 300 } });

/** In one order of members, which is not the same on every Node. */
const { kty, crv, x, d } = agent.privateKey.export({ format: "jwk" });

export const verifiers = {
  default: {
    jwk: { kty, crv, x, d },
    attestation: TOKEN,
    audience: AUDIENCE,
    endpoint: ENDPOINT,
  },
};

const CALL = callOf(STATELESS);
const ACCEPTED = { status: 202, fields: {} };
const NUMBERS = {
  attestation_required: -31001,
  attestation_invalid: -31002,
  attestation_expired: -31003,
  attestation_replay: -31004,
  attestation_issuer_untrusted: -31005,
  attestation_claims_insufficient: -31006,
  attestation_proof_invalid: -31007,
  attestation_revoked: -31008,
  attestation_unavailable: -31010,
};

function errorOf(reason, serverTime, id = 1) {
  const retryable = ["attestation_required", "attestation_expired", "attestation_unavailable"].includes(reason);
  const data = { extension: EXTENSION, reason, policy: "required", retryable, ...(serverTime && { serverTime }) };
  return { jsonrpc: "2.0", id, error: { code: NUMBERS[reason], message: "Refused", data } };
}

function refusal(reason, { serverTime, fields } = {}) {
  const time = serverTime && { "agent-attestation-time": String(serverTime) };
  const own = { "agent-attestation-error": reason, ...time, ...fields };
  return { status: 200, fields: { "content-type": "application/json", ...own }, body: errorOf(reason, serverTime) };
}

/** A request that the host makes. @param answers What the server answers, one for each time that it is sent. */
const request = (message, answers, expected, { method = "POST", url = ENDPOINT, fields, time = NOW } = {}) => ({
  time,
  request: { url, method, fields: { ...fields }, ...(message !== undefined && { body: JSON.stringify(message) }) },
  answers,
  expected,
});
const told = (message, answers, expected, { time = NOW } = {}) => ({ time, message, answers, expected });

const attested = { attested: true, iat: NOW };
const once = { sent: [attested] };

export function vectors() {
  const list = [];
  const put = (title, requirements, ...steps) =>
    list.push({ title: `Agent: ${title}`, requirements, verifier: "default", steps });
  overHttp(put);
  again(put);
  onWire(put);
  return list;
}

function overHttp(put) {
  put("an honest call", ["SPEC-4.2"], request(CALL, [result()], { ...once, got: result().body }));
  put("a notification", ["SPEC-4.2"], request(note("notifications/initialized"), [ACCEPTED], once));
  for (const method of ["GET", "DELETE"]) {
    put(
      `a ${method} in a session`,
      ["SPEC-4.2", "SPEC-3.12"],
      request(
        undefined,
        [ACCEPTED],
        {
          sent: [{ ...attested, session: "session-1" }],
        },
        { method, fields: { "mcp-session-id": "session-1" } },
      ),
    );
  }
  put(
    "a call with an access token",
    ["SPEC-3.12"],
    request(
      CALL,
      [result()],
      {
        sent: [{ ...attested, accessToken: "token-1" }],
      },
      { fields: { authorization: "Bearer token-1" } },
    ),
  );
  put(
    "the same call twice, each with a proof of its own",
    ["SPEC-4.2", "SPEC-9.1"],
    request(CALL, [result()], once),
    request(CALL, [result()], once),
  );
  for (const url of [
    "https://server.example/.well-known/oauth-protected-resource",
    "https://server.example/other",
    "https://other.example/mcp",
  ]) {
    put(
      `a request to ${url}`,
      ["SPEC-4.8", "M10"],
      request(undefined, [ACCEPTED], { sent: [{ attested: false }] }, { method: "GET", url }),
    );
  }
  put(
    "a redirect to another address",
    ["SPEC-4.9", "M10"],
    request(CALL, [{ status: 307, fields: { location: "https://other.example/mcp" } }, result()], once),
  );
  put(
    "a result that says something about attestation itself",
    ["SPEC-4.31"],
    request(CALL, [result({ content: [], _meta: { other: 1, "io.github.attest/context": { sub: "somebody" } } })], {
      ...once,
      got: { jsonrpc: "2.0", id: 1, result: { content: [], _meta: { other: 1 } } },
    }),
  );
}

function again(put) {
  const later = NOW + 90;
  put(
    "a refusal as expired, by a server whose clock is ahead",
    ["SPEC-7.10", "SPEC-7.11"],
    request(CALL, [refusal("attestation_expired", { serverTime: later }), result()], {
      sent: [attested, { attested: true, iat: later }],
      got: result().body,
    }),
    request(CALL, [result()], { sent: [{ attested: true, iat: later }] }),
  );
  put(
    "a second refusal as expired",
    ["SPEC-7.10"],
    request(
      CALL,
      [
        refusal("attestation_expired", { serverTime: later }),
        refusal("attestation_expired", { serverTime: later }),
        result(),
      ],
      { sent: [attested, { attested: true }], got: errorOf("attestation_expired", later) },
    ),
  );
  for (const reason of Object.keys(NUMBERS).filter((each) => each !== "attestation_expired")) {
    put(
      `a refusal as ${reason}`,
      ["SPEC-7.10", "M6"],
      request(CALL, [refusal(reason), result()], { ...once, got: errorOf(reason) }),
    );
  }
  put(
    "a refusal as expired in an answer that says that it was verified",
    ["SPEC-7.10", "M6"],
    request(
      CALL,
      [
        refusal("attestation_expired", {
          serverTime: later,
          fields: { "agent-attestation-status": "verified;trust=provider" },
        }),
        result(),
      ],
      once,
    ),
  );
  const { "agent-attestation-error": _, ...bare } = refusal("attestation_expired", { serverTime: later }).fields;
  put(
    "a refusal as expired in the body alone",
    ["SPEC-7.10", "M6"],
    request(CALL, [{ ...refusal("attestation_expired", { serverTime: later }), fields: bare }, result()], once),
  );
  put(
    "a server whose clock is two days ahead",
    ["SPEC-7.11"],
    request(CALL, [refusal("attestation_expired", { serverTime: NOW + 172_800 }), result()], {
      sent: [attested],
      atMost: 2,
    }),
    request(CALL, [result()], once),
  );
}

function onWire(put) {
  put(
    "initialize",
    ["SPEC-4.1", "SPEC-4.10"],
    told(rpc("initialize", INITIALIZE), [{ jsonrpc: "2.0", id: 1, result: { capabilities: {} } }], {
      sent: [{ ...attested, declares: "capability" }],
    }),
  );
  for (const [what, features] of Object.entries(ODD_FEATURES)) {
    const capability = { version: "0.2.0", policy: "required", verification_status: "verified", features };
    const capabilities = { experimental: { "security.attestation": capability } };
    put(
      `a call after a server declared ${what}`,
      ["SPEC-4.34"],
      told(rpc("initialize", INITIALIZE), [{ jsonrpc: "2.0", id: 1, result: { capabilities } }], {
        sent: [{ ...attested, declares: "capability" }],
      }),
      told(callOf(undefined, 2), [result(undefined, 2).body], { ...once, got: result(undefined, 2).body }),
    );
  }
  put(
    "a stateless call in the message",
    ["SPEC-4.1", "SPEC-4.25"],
    told(CALL, [result().body], {
      sent: [{ ...attested, declares: "extension" }],
      got: result().body,
    }),
  );
  put("a notification in the message", ["SPEC-4.1"], told(note("notifications/cancelled", { requestId: 9 }), [], once));
  put(
    "the result of a request of the server's",
    ["SPEC-4.1"],
    told({ jsonrpc: "2.0", id: 7, result: { content: 1 } }, [], once),
  );
  put(
    "an error response to the server, which has no place for credentials",
    ["SPEC-4.1"],
    told({ jsonrpc: "2.0", id: 7, error: { code: -32000, message: "no" } }, [], { sent: [{ attested: false }] }),
  );
  put(
    "a refusal as expired, in the message",
    ["SPEC-7.10"],
    told(CALL, [errorOf("attestation_expired", NOW + 90), result().body], {
      sent: [attested, { attested: true, iat: NOW + 90 }],
      got: result().body,
    }),
  );
  for (const reason of ["attestation_replay", "attestation_invalid", "attestation_unavailable"]) {
    put(
      `a refusal as ${reason}, in the message`,
      ["SPEC-7.10", "M6"],
      told(CALL, [errorOf(reason)], { ...once, got: errorOf(reason) }),
    );
  }
}
