// What the request says: only what is not covered may differ.
import { HTTP, MESSAGE, RESPONSE } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import { show } from "../common/changes.mjs";
import { verified } from "../common/presentations.mjs";
import { proof } from "../common/tokens.mjs";
import { ATTESTATION } from "./attested.mjs";

export function addCases({ put, bad }) {
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
}
