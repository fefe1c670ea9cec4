// Honest ones, of every kind of request; and what must be ignored or may be spelt differently.
import { agentP256, HTTP, RESPONSE, SECOND_AUDIENCE } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import { insert, payload } from "../common/changes.mjs";
import { verifiedFor } from "../common/presentations.mjs";
import { mirrored } from "../common/signatures.mjs";
import { P256_ATTESTATION, p256Proof } from "./attested.mjs";

export function addCases({ put, good }) {
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
    change: { payloadText: insert('"__proto__":{"aud":"x"}') },
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
  const byP256 = verifiedFor(agentP256);
  put("by a P-256 key", [], byP256, P256_ATTESTATION, {
    proof: p256Proof(),
  });
  put("by a P-256 key with the other S", ["K1"], byP256, P256_ATTESTATION, {
    proof: p256Proof({ signature: mirrored }),
  });
  put("by a P-256 key, the only kind accepted", ["T2"], byP256, P256_ATTESTATION, {
    proof: p256Proof(),
    verifier: "es256-proofs",
  });
}
