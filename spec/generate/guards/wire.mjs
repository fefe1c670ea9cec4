// Message by message, as over stdio: what is passed on in either direction, and what is answered.
import { agentP256 } from "../common/baseline.mjs";
import { holding } from "../common/changes.mjs";
import { attestation } from "../common/tokens.mjs";
import { callOf, EXTENSION, INITIALIZE, inMessage, note, resultInMessage, rpc, STATELESS, wired } from "./steps.mjs";

const OTHER = {
  key: agentP256,
  token: attestation({ payload: { ...holding(agentP256).payload, jti: "attestation-0002" } }),
};
const opening = rpc("initialize", INITIALIZE);
const passed = (message) => ({ passedOn: message });
const from = (message, expected) => wired("client", message, expected);
const back = (message, expected) => wired("server", message, expected);
const refused = (reason, code, id = 1) => ({ passedOn: null, reply: { id, code, reason } });
const dropped = { passedOn: null, reply: null };
const begin = [
  from(inMessage(opening), passed(opening)),
  back(
    { jsonrpc: "2.0", id: 1, result: { protocolVersion: "2025-11-25", capabilities: {} } },
    {
      capability: { policy: "required", verification_status: "verified", trust_level: "provider" },
    },
  ),
];
const failed = { jsonrpc: "2.0", id: 5, error: { code: 1, message: "no", data: { why: "secret" } } };

export function wire(put) {
  const call = callOf(undefined, 2);
  put(
    "a session over stdio",
    ["SPEC-4.1", "SPEC-4.11", "SPEC-4.21"],
    [
      ...begin,
      from(inMessage(note("notifications/initialized")), passed(note("notifications/initialized"))),
      from(inMessage(call), passed(call)),
      back(
        { jsonrpc: "2.0", id: 2, result: { content: [] } },
        { passedOn: { jsonrpc: "2.0", id: 2, result: { content: [] } } },
      ),
    ],
  );
  put(
    "a call with nothing, over stdio",
    ["SPEC-4.15", "SPEC-7.1"],
    [from(callOf(undefined), refused("attestation_required", -31001))],
  );
  put("initialize with nothing, over stdio", ["SPEC-7.1"], [from(opening, refused("attestation_required", -32001))]);
  put("a notification with nothing, over stdio", ["SPEC-7.6"], [from(note("notifications/initialized"), dropped)]);
  put(
    "a batch over stdio",
    ["SPEC-4.16"],
    [from([callOf(undefined)], { passedOn: null, reply: { id: null, code: -32600 } })],
  );
  put(
    "an honest answer to the server",
    ["SPEC-4.1"],
    [
      ...begin,
      back({ jsonrpc: "2.0", id: 7, method: "sampling/createMessage", params: {} }, {}),
      from(resultInMessage(7, { content: 1 }), passed({ jsonrpc: "2.0", id: 7, result: { content: 1 } })),
    ],
  );
  put(
    "an answer to the server with nothing",
    ["SPEC-4.15", "M7"],
    [
      ...begin,
      back({ jsonrpc: "2.0", id: 7, method: "sampling/createMessage", params: {} }, {}),
      from({ jsonrpc: "2.0", id: 7, result: { content: 1 } }, dropped),
    ],
  );
  put(
    "an error response in a session with an owner, over stdio",
    ["SPEC-4.15", "M12"],
    [
      ...begin,
      back({ jsonrpc: "2.0", id: 5, method: "sampling/createMessage", params: {} }, {}),
      from(failed, { passedOnError: { id: 5, code: -32603, data: null } }),
    ],
  );
  put(
    "a call by another agent on the same connection",
    ["SPEC-4.19", "M4"],
    [
      ...begin,
      from(inMessage(call, { by: OTHER }), refused("attestation_invalid", -31002, 2)),
      from(inMessage(call), passed(call)),
    ],
  );
  const own = callOf(STATELESS, 2);
  put(
    "the cancellation of another agent's call",
    ["SPEC-4.29", "M12"],
    [
      from(inMessage(own), passed(own)),
      from(inMessage(note("notifications/cancelled", { requestId: 2, _meta: STATELESS }), { by: OTHER }), dropped),
    ],
  );
  put(
    "a call under the id of another agent's pending call",
    ["SPEC-4.29", "M12"],
    [
      from(inMessage(own), passed(own)),
      from(inMessage(own, { by: OTHER }), refused("attestation_invalid", -31002, null)),
    ],
  );
  put(
    "the result of server/discover, over stdio",
    ["SPEC-4.12"],
    [
      from(rpc("server/discover", { _meta: STATELESS }), {}),
      back({ jsonrpc: "2.0", id: 1, result: { capabilities: {} } }, { extension: { policy: "required" } }),
    ],
  );
  put(
    "the result of a stateless call, over stdio",
    ["SPEC-4.13", "SPEC-4.27"],
    [
      from(inMessage(own), passed(own)),
      back(
        { jsonrpc: "2.0", id: 2, result: { content: [], _meta: { "io.github.attest/context": {}, other: 1 } } },
        {
          passedOn: {
            jsonrpc: "2.0",
            id: 2,
            result: {
              content: [],
              _meta: {
                other: 1,
                "io.github.attest/status": { verification_status: "verified", trust_level: "provider" },
              },
            },
          },
        },
      ),
    ],
  );
  put(
    "a refusal that the server behind passes on, over stdio",
    ["SPEC-4.27", "M13"],
    [
      from(inMessage(own), passed(own)),
      back(
        {
          jsonrpc: "2.0",
          id: 2,
          error: { code: -31004, message: "x", data: { extension: EXTENSION, reason: "attestation_replay" } },
        },
        { passedOnError: { id: 2, code: -32603, data: null } },
      ),
    ],
  );
}
