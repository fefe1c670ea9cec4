// The RFC 8785 form of messages and its digest: what `mcp_digest` must be (SPEC §3).
import { sha256 } from "./common/bytes.mjs";
import { covered } from "./common/tokens.mjs";

export function vectors() {
  const list = [];
  const put = (title, request, requirements = []) => {
    const canonical = covered(request);
    list.push({ title: `Digest: ${title}`, requirements, request, canonical, digest: sha256(canonical) });
  };
  const none = (title, request, requirements = []) =>
    list.push({ title: `Digest: ${title}`, requirements, request, digest: null });
  const message = (params) => ({ kind: "message", method: "m", ...(params !== undefined && { params }) });

  put("no params", message());
  put("empty params", message({}));
  put(
    "names sorted by UTF-16 code units",
    message({
      "\u20ac": 1,
      "\r": 2,
      "\ufb33": 3,
      1: 4,
      "\ud83d\ude02": 5,
      "\u0080": 6,
      "\u00f6": 7,
      a: 8,
      A: 9,
      aa: 10,
      "": 11,
    }),
  );
  put(
    "numbers as ECMAScript writes them",
    message({
      n: [
        0, -0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000, 4.5, 2e-3, 9007199254740991, 5e-324,
        1.7976931348623157e308, 333333333.3333333,
      ],
    }),
  );
  put("escapes as RFC 8785 has them", message({ s: '\u0000\b\t\n\u000b\f\r\u001f"\\/\u007f\u2028\u2029é\u{1f511}' }));
  put("literals and nested containers", message({ a: [null, true, false, [], {}, [[{}]]] }));
  put("a list in its own order", message({ a: [3, 1, 2] }));
  put("`__proto__` as a name like any other", message(JSON.parse('{"b":1,"__proto__":{"a":1},"a":2}')), ["T11"]);
  put(
    "our own members of `_meta`",
    message({ a: 1, _meta: { "io.github.attest/proof": "p", "io.github.attest/x": 1 } }),
  );
  put("trace context", message({ a: 1, _meta: { traceparent: "a", tracestate: "b", baggage: "c" } }));
  put(
    "what else is in `_meta`",
    message({
      a: 1,
      _meta: { progressToken: 7, traceparent: "a", "io.github.attest/proof": "p", "io.github.attestation/x": 1 },
    }),
  );
  put("trace context outside `_meta`", message({ traceparent: "a", b: { _meta: { traceparent: "a" } } }));
  put("a response with a number for its id", { kind: "response", id: 1, result: { b: 1, a: 2 } });
  put("a response with a text for its id", { kind: "response", id: "1", result: {} });
  for (const [what, params] of [
    ["a list", []],
    ["null", null],
    ["a text", "x"],
    ["a number", 1],
    ["true", true],
  ])
    none(`${what} for params`, message(params));
  none("a list for a result", { kind: "response", id: 1, result: [] });
  none("half a surrogate pair in a value", message({ s: "\ud800" }), ["T13"]);
  none("half a surrogate pair in a name", message({ "\udc00": 1 }), ["T13"]);
  const nested = (levels) => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
  put("64 levels, of which the object that is digested is the first", message(nested(63)), ["T17"]);
  none("65 levels", message(nested(64)), ["T17"]);
  put("what is left out counts for no level", message({ a: 1, _meta: { "io.github.attest/x": nested(100) } }), ["T17"]);
  for (const [what, _meta] of [
    ["a list", [1]],
    ["null", null],
    ["a text", "x"],
  ])
    put(`${what} for \`_meta\`, which is kept`, message({ a: 1, _meta }));
  none("half a surrogate pair in the method", { kind: "message", method: "m\ud800", params: {} }, ["T13"]);
  none("100 levels", message(JSON.parse(`${'{"a":'.repeat(100)}1${"}".repeat(100)}`)), ["T17"]);
  return list;
}
