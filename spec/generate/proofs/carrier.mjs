// The kind of request: a message or a response of MCP, or an HTTP request.
import { HTTP, MESSAGE, RESPONSE } from "../common/baseline.mjs";
import { sha256 } from "../common/bytes.mjs";
import { payload } from "../common/changes.mjs";
import { covered } from "../common/tokens.mjs";

export function addCases({ good, bad }) {
  const htm = "POST";
  const body_digest = sha256("");
  const methodOf = (length) => ({ ...HTTP, method: "M".repeat(length) });
  good("of an HTTP request whose method has 256 characters", ["T13"], { request: methodOf(256) });
  bad("of an HTTP request whose method has 257 characters", ["T13"], "CLAIMS", {}, { proves: methodOf(257) });
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
}
