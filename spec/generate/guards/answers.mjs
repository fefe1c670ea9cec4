// What goes back over HTTP: what a guard adds to answers, and what it takes out of them.
import { callOf, EXTENSION, handled, INITIALIZE, META, ODD_FEATURES, post, result, rpc, STATELESS } from "./steps.mjs";

const OWN = { credentials: {} };
const CALL = callOf(STATELESS);
const STATUS = { "io.github.attest/status": { verification_status: "verified", trust_level: "provider" } };
const answerOf = (body) => ({ ...result(), body });
const rpcResult = (content) => ({ jsonrpc: "2.0", id: 1, result: content });

export function answers(put) {
  put(
    "the result of a stateless call",
    ["SPEC-4.13"],
    [post(CALL, { ...handled(CALL), answer: rpcResult({ content: [], _meta: STATUS }) }, OWN)],
  );
  put(
    "a result that says something about attestation itself",
    ["SPEC-4.27", "SPEC-4.13"],
    [
      post(
        CALL,
        { ...handled(CALL), answer: rpcResult({ content: [], _meta: { other: 1, ...STATUS } }) },
        {
          ...OWN,
          answer: answerOf(
            rpcResult({
              content: [],
              _meta: {
                other: 1,
                "io.github.attest/status": { verification_status: "verified", trust_level: "enterprise" },
                "io.github.attest/context": { sub: "somebody" },
              },
            }),
          ),
        },
      ),
    ],
  );
  put(
    "a field that the server behind sends",
    ["SPEC-4.27"],
    [
      post(
        rpc("ping"),
        { handled: true, status: 200, verified: null, reason: null },
        {
          answer: {
            ...result({}),
            fields: {
              "content-type": "application/json",
              "agent-attestation-status": "verified;trust=enterprise",
              "agent-attestation-error": "attestation_replay",
            },
          },
        },
      ),
    ],
  );
  const refusal = { code: -31004, message: "Replayed", data: { extension: EXTENSION, reason: "attestation_replay" } };
  const replaced = { jsonrpc: "2.0", id: 1, error: { code: -32603 } };
  put(
    "a refusal that the server behind passes on",
    ["SPEC-4.27", "M13"],
    [
      post(
        CALL,
        { ...handled(CALL), reason: null, error: { id: 1, code: -32603, data: null } },
        {
          ...OWN,
          answer: answerOf({ ...replaced, error: refusal }),
        },
      ),
    ],
  );
  put(
    "an error that names the extension among what it requires",
    ["SPEC-4.27", "M13"],
    [
      post(
        CALL,
        { ...handled(CALL), error: { id: 1, code: -32603, data: null } },
        {
          ...OWN,
          answer: answerOf({
            ...replaced,
            error: { code: -32021, message: "x", data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } } },
          }),
        },
      ),
    ],
  );
  const other = { code: -32000, message: "No money", data: { balance: 3 } };
  put(
    "an error of another kind, which stays",
    ["SPEC-4.27"],
    [
      post(
        CALL,
        { ...handled(CALL), answer: { jsonrpc: "2.0", id: 1, error: other } },
        {
          ...OWN,
          answer: answerOf({ jsonrpc: "2.0", id: 1, error: other }),
        },
      ),
    ],
  );
  put(
    "the result of initialize",
    ["SPEC-4.11"],
    [
      post(
        rpc("initialize", INITIALIZE),
        {
          ...handled(),
          capability: { policy: "required", verification_status: "verified", trust_level: "provider" },
        },
        { ...OWN, answer: answerOf(rpcResult({ protocolVersion: "2025-11-25", capabilities: { tools: {} } })) },
      ),
    ],
  );
  for (const [what, features] of Object.entries(ODD_FEATURES)) {
    const meta = { ...STATELESS, [META.capabilities]: { extensions: { [EXTENSION]: { version: "0.2.0", features } } } };
    put(`a call whose client declares ${what}`, ["SPEC-4.34"], [post(callOf(meta), handled(), OWN)]);
  }
  put(
    "the result of server/discover",
    ["SPEC-4.12"],
    [
      post(
        rpc("server/discover", { _meta: STATELESS }),
        {
          handled: true,
          status: 200,
          extension: { policy: "required" },
        },
        { answer: answerOf(rpcResult({ capabilities: { tools: {} } })) },
      ),
    ],
  );
}
