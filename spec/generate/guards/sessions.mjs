// Sessions over HTTP: who owns one, and what others may do with its id.
import { agentP256, authority } from "../common/baseline.mjs";
import { holding } from "../common/changes.mjs";
import { attestation, bearer } from "../common/tokens.mjs";
import {
  bodiless,
  callOf,
  handled,
  INITIALIZE,
  inMessage,
  NOW,
  note,
  post,
  refusedBare,
  refusedPost,
  result,
  rpc,
} from "./steps.mjs";

const SESSION = "session-1";
const OWNER = { credentials: {}, sessionId: SESSION };
/** Another instance of the agent: the same subject with a key and an attestation of its own, so another owner. */
const OTHER = {
  key: agentP256,
  token: attestation({ payload: { ...holding(agentP256).payload, jti: "attestation-0002" } }),
};
const opening = rpc("initialize", INITIALIZE);
const opened = result({
  protocolVersion: "2025-11-25",
  capabilities: {},
  serverInfo: { name: "bank", version: "1.0.0" },
});
const answer = { ...opened, fields: { ...opened.fields, "mcp-session-id": SESSION } };
const begin = post(opening, handled(opening), { credentials: {}, answer });
const beginUnverified = post(opening, { handled: true, status: 200, verified: null }, { answer });
const call = callOf(undefined, 2);
const id2 = (refusal) => ({ ...refusal, error: { ...refusal.error, id: 2 } });

export function sessions(put) {
  put(
    "a session of one agent",
    ["SPEC-4.19"],
    [
      begin,
      post(note("notifications/initialized"), { handled: true, status: 202 }, OWNER),
      post(call, handled(call), OWNER),
      bodiless("GET", { handled: true, status: 200 }, OWNER),
      bodiless("DELETE", { handled: true, status: 200 }, OWNER),
    ],
  );
  put(
    "a call in it by another agent",
    ["SPEC-4.19", "M1"],
    [
      begin,
      post(call, id2(refusedPost("attestation_invalid", -31002)), { credentials: { by: OTHER }, sessionId: SESSION }),
      post(call, handled(call), OWNER),
    ],
  );
  put(
    "a call in it by nobody",
    ["SPEC-4.19", "SPEC-4.6", "M1"],
    [begin, post(call, id2(refusedPost("attestation_required", -31001)), { sessionId: SESSION })],
  );
  put(
    "a GET in it by another agent",
    ["SPEC-4.19", "M1"],
    [begin, bodiless("GET", refusedBare("attestation_invalid"), { credentials: { by: OTHER }, sessionId: SESSION })],
  );
  put(
    "a DELETE in it by another agent",
    ["SPEC-4.19", "M1"],
    [
      begin,
      bodiless("DELETE", refusedBare("attestation_invalid"), { credentials: { by: OTHER }, sessionId: SESSION }),
      post(call, handled(call), OWNER),
    ],
  );
  put(
    "a call whose proof is for another session",
    ["SPEC-3.12", "M1"],
    [
      begin,
      post(call, id2(refusedPost("attestation_proof_invalid", -31007)), {
        credentials: { sessionId: "session-2" },
        sessionId: SESSION,
      }),
    ],
  );
  put(
    "a ping in it by nobody",
    ["SPEC-4.26"],
    [
      begin,
      post(rpc("ping", undefined, 2), id2(refusedPost("attestation_required", -31001)), { sessionId: SESSION }),
      post(rpc("ping", undefined, 3), { handled: true, status: 200, verified: "provider" }, OWNER),
    ],
  );
  put(
    "a session that was never opened here",
    ["SPEC-4.20"],
    [post(call, { handled: false, status: 404 }, { credentials: {}, sessionId: "session-9" })],
  );
  put(
    "an error response, with the fields of its request",
    ["SPEC-4.15", "M12"],
    [begin, post({ jsonrpc: "2.0", id: 5, error: { code: 1, message: "no" } }, { handled: true, status: 202 }, OWNER)],
  );
  put(
    "an error response by nobody",
    ["SPEC-4.15", "M12"],
    [
      begin,
      post({ jsonrpc: "2.0", id: 5, error: { code: 1, message: "no" } }, refusedBare("attestation_required"), {
        sessionId: SESSION,
      }),
    ],
  );
  put(
    "a verified agent in a session that was opened unverified",
    ["SPEC-4.19"],
    [
      beginUnverified,
      post(call, { handled: true, status: 200, verified: null }, { sessionId: SESSION }),
      post(call, id2(refusedPost("attestation_invalid", -31002, { policy: "optional" })), OWNER),
    ],
    "optional",
  );
  bearers(put);
}

function bearers(put) {
  const withToken = (token) =>
    rpc("initialize", {
      ...INITIALIZE,
      capabilities: { experimental: { "security.attestation": { version: "0.1.0", token } } },
    });
  const token = bearer();
  const stripped = rpc("initialize", {
    ...INITIALIZE,
    capabilities: { experimental: { "security.attestation": { version: "0.1.0" } } },
  });
  const open = post(
    withToken(token),
    { handled: true, message: stripped, status: 200, verified: "provider" },
    { answer },
  );
  put(
    "a bearer attestation at initialize",
    ["SPEC-4.3", "SPEC-4.7", "SPEC-4.21"],
    [open, post(call, handled(call), { sessionId: SESSION })],
    "allow-bearer",
  );
  put(
    "a bearer attestation a second time",
    ["SPEC-9.1"],
    [open, post(withToken(token), refusedPost("attestation_replay", -32004), { answer })],
    "allow-bearer",
  );
  put(
    "a bearer attestation in an HTTP field",
    ["SPEC-4.3"],
    [post(callOf(undefined), refusedPost("attestation_invalid", -31002), { fields: { "agent-attestation": token } })],
    "allow-bearer",
  );
  put(
    "a bearer attestation in the message",
    ["SPEC-4.3"],
    [
      post(
        inMessage(callOf(undefined), { by: { token, key: authority } }),
        refusedPost("attestation_proof_invalid", -31007),
      ),
    ],
    "allow-bearer",
  );
  put(
    "what a bearer attestation proved, an hour later",
    ["SPEC-4.7"],
    [
      open,
      post(
        call,
        { ...id2(refusedPost("attestation_expired", -31003)), serverTime: String(NOW + 3700) },
        {
          sessionId: SESSION,
          time: NOW + 3700,
        },
      ),
    ],
    "allow-bearer",
  );
}
