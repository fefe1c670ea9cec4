// What `allow` opens: the table of methods, names, and URIs.
import { base64url } from "../common/bytes.mjs";
import { chain, KEYS } from "../common/chains.mjs";
import { payload, show } from "../common/changes.mjs";
import { refused, verifiedFor } from "../common/presentations.mjs";
import { attestation, proof } from "../common/tokens.mjs";

const honest = attestation();
/** Without members that are `undefined`, which JSON does not have. */
const message = (method, params) => JSON.parse(JSON.stringify({ kind: "message", method, params }));
const call = (name, other) => message("tools/call", { name, ...other });
const read = (uri) => message("resources/read", { uri });

const FREE = [
  "initialize",
  "ping",
  "server/discover",
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "notifications/initialized",
  "notifications/cancelled",
  "notifications/progress",
  "notifications/roots/list_changed",
];
const CLOSED = [
  "logging/setLevel",
  "tasks/get",
  "tasks/result",
  "tasks/cancel",
  "tasks/list",
  "notifications/message",
  "notifications/tools/list_changed",
  "tools/Call",
  "tools/call ",
  "__proto__",
  "constructor",
  "toString",
  "unknown",
];

/** Entries, URIs that meet them, and URIs that do not. */
const URIS = [
  [
    ["file:///a/b"],
    ["file:///a/b"],
    ["file:///a/b/", "file:///a/b/c", "file:///a", "FILE:///a/b", "file:///a/%62", "file:///a/./b"],
  ],
  [
    ["file:///a/*"],
    [
      "file:///a/",
      "file:///a/b",
      "file:///a/b/c",
      "file:///a/b?c#d",
      "file:///a/.b",
      "file:///a/b..",
      "file:///a/%20",
      "file:///a/~!$&'()*+,;=:@b",
    ],
    [
      "file:///a",
      "file:///b",
      "file:///A/b",
      "file:///a/..",
      "file:///a/../b",
      "file:///a/b/../../c",
      "file:///a/.",
      "file:///a/./b",
      "file:///a/...",
      "file:///a/..b",
      "file:///a/b?../c",
      "file:///a/b#../c",
      "file:///a/%2e%2e/b",
      "file:///a/%2E%2E/b",
      "file:///a/.%2e/b",
      "file:///a/b%2fc",
      "file:///a/b%2Fc",
      "file:///a/b%5cc",
      "file:///a/b%255cc",
      "file:///a/b\\..\\c",
      "file:///a/b c",
      "file:///a/b\tc",
      "file:///a/b\n",
      "file:///a/é",
      "file:///a/%",
      "file:///a/%2",
      "file:///a/%zz",
      "file:///a/b{c}",
      "file:///a/b|c",
      "file:///a/b^c",
      "file:///a/[b]",
      'file:///a/"b"',
      "file:///a/<b>",
      "file:///a/`b`",
    ],
  ],
  [
    ["file:///a/b*"],
    ["file:///a/b", "file:///a/bc", "file:///a/b/c"],
    ["file:///a/b..", "file:///a/b/../c", "file:///a/c"],
  ],
  [["file:///a/.*"], ["file:///a/.b"], ["file:///a/.", "file:///a/..", "file:///a/./b", "file:///a/../b"]],
  [["file:///a/%2*"], ["file:///a/%20"], ["file:///a/%2e%2e/b", "file:///a/%2f"]],
  [["*"], ["file:///a", "https://x.example/a", "urn:a:b"], ["file:..", "file:../a", "file:///..", "..", "a b"]],
  [["urn:example:*"], ["urn:example:a", "urn:example:a/b"], ["urn:example", "urn:other:a", "URN:example:a"]],
  [
    ["https://x.example/*"],
    ["https://x.example/", "https://x.example/a?b=c"],
    ["https://x.example", "https://x.example.evil/", "https://x.example@evil/", "http://x.example/a"],
  ],
  [["bank:*"], ["bank:a", "bank://accounts/a"], ["bank:../a", "bank:.", "other:a"]],
];

/** Entries that make a link invalid. */
const WRONG_URIS = [
  "https://a*",
  "https://*",
  "https://x.example*",
  "https://x.example?a*",
  "HTTPS://x.example/*",
  "file:/*/../*x y",
  "a*",
  "/a/*",
  "1a:*",
  "a b",
  "",
  "é",
  1,
  null,
];

export function addCases({ put }) {
  const by = (allow, request, expected, title, requirements, other) => {
    const links = [allow].flat().map((one) => payload({ allow: one }));
    const text = chain(honest, ...links);
    const key = KEYS[links.length];
    const result = expected === "verified" ? verifiedFor(key) : refused(expected, undefined);
    put(title, ["D7", ...requirements], result, text, { request, proof: proof(text, request, {}, { key }), ...other });
  };
  const may = (allow, request, title, requirements = ["SPEC-21.8"]) =>
    by(allow, request, "verified", title, requirements);
  const mayNot = (allow, request, title, requirements = ["SPEC-21.8"]) =>
    by(allow, request, "ERR_DELEGATION_SCOPE", title, requirements);

  for (const method of FREE) may({}, message(method), `${method} is free`, ["SPEC-21.9"]);
  const everything = { tools: ["*"], prompts: ["*"], resources: ["*"] };
  for (const method of CLOSED)
    mayNot(everything, message(method, { name: "a", uri: "file:///a" }), `${show(method)} is closed`, ["SPEC-21.9"]);
  may({}, { kind: "response", id: 7, result: { ok: true } }, "an answer is free", ["SPEC-21.9"]);
  for (const method of ["GET", "DELETE"]) may({}, { kind: "http", method }, `${method} is free`, ["SPEC-21.9"]);
  mayNot(
    everything,
    { kind: "http", method: "POST", body: base64url('{"jsonrpc":"2.0","id":1,"method":"tools/list"}') },
    "bytes that say nothing to the verifier",
    ["SPEC-21.8"],
  );

  // Names.
  may({ tools: ["list"] }, call("list"), "a tool by its name");
  for (const name of ["List", "list ", "lis", "lists", "", undefined, 1, ["list"], { a: 1 }]) {
    mayNot({ tools: ["list"] }, call(name), `the tool ${show(name)} where list is allowed`);
  }
  may({ tools: ["read_*"] }, call("read_account"), "a tool by a prefix");
  may({ tools: ["read_*"] }, call("read_"), "a tool that is the prefix");
  mayNot({ tools: ["read_*"] }, call("read"), "a tool that is less than the prefix");
  may({ tools: ["a*b"] }, call("a*b"), "a tool with a star inside, exactly");
  mayNot({ tools: ["a*b"] }, call("axb"), "a tool that a star inside does not mean");
  may({ tools: ["*"] }, call("anything"), "any tool");
  mayNot({ prompts: ["*"], resources: ["*"] }, call("list"), "a tool where only prompts and resources are allowed", [
    "SPEC-21.7",
  ]);
  mayNot({}, call("list"), "a tool where nothing is allowed", ["SPEC-21.7"]);
  mayNot({ tools: ["list"] }, call("list", { task: { ttl: 1 } }), "a tool as a task", ["SPEC-21.9"]);
  mayNot({ tools: ["list"] }, message("tools/call"), "a tool without params");
  may({ prompts: ["report"] }, message("prompts/get", { name: "report" }), "a prompt by its name");
  mayNot(
    { tools: ["report"] },
    message("prompts/get", { name: "report" }),
    "a prompt where a tool of that name is allowed",
    ["SPEC-21.7"],
  );

  // URIs.
  for (const [entries, meets, misses] of URIS) {
    for (const uri of meets)
      may({ resources: entries }, read(uri), `${show(uri)} where ${show(entries[0])} is allowed`);
    for (const uri of misses)
      mayNot({ resources: entries }, read(uri), `not ${show(uri)} where ${show(entries[0])} is allowed`);
  }
  for (const method of ["resources/subscribe", "resources/unsubscribe"]) {
    may({ resources: ["bank:*"] }, message(method, { uri: "bank:a" }), `${method} by its URI`, ["SPEC-21.9"]);
    mayNot({ resources: ["bank:*"] }, message(method, { uri: "other:a" }), `${method} of another URI`, ["SPEC-21.9"]);
  }
  for (const uri of [undefined, null, 1, ["bank:a"]]) mayNot({ resources: ["*"] }, read(uri), `the URI ${show(uri)}`);

  // Methods with several, or other, places for names.
  const listen = (resourceSubscriptions) =>
    message("subscriptions/listen", { notifications: { resourceSubscriptions } });
  may({ resources: ["bank:*"] }, listen(["bank:a", "bank:b"]), "subscriptions to what is allowed", ["SPEC-21.9"]);
  for (const uris of [["bank:a", "other:b"], [], ["bank:a", 1], "bank:a", undefined, { 0: "bank:a" }, [["bank:a"]]]) {
    mayNot({ resources: ["bank:*"] }, listen(uris), `subscriptions to ${show(uris)}`, ["SPEC-21.9"]);
  }
  mayNot({ resources: ["*"] }, message("subscriptions/listen", {}), "subscriptions to nothing that is named", [
    "SPEC-21.9",
  ]);
  const complete = (ref) => message("completion/complete", { ref, argument: { name: "a", value: "b" } });
  const both = { prompts: ["report"], resources: ["bank:*", "vault://{account}/x", "file:///a/{b}"] };
  may(both, complete({ type: "ref/prompt", name: "report" }), "a completion for a prompt", ["SPEC-21.9"]);
  mayNot(both, complete({ type: "ref/prompt", name: "other" }), "a completion for another prompt", ["SPEC-21.9"]);
  mayNot(both, complete({ type: "ref/prompt", uri: "bank:a" }), "a completion for a prompt that is a resource", [
    "SPEC-21.9",
  ]);
  for (const uri of ["bank:{account}", "bank:a", "vault://{account}/x"]) {
    may(both, complete({ type: "ref/resource", uri }), `a completion for ${show(uri)}`, ["SPEC-21.9"]);
  }
  for (const uri of ["{+a}", "ban{k}:a", "vault://{account}/y", "file:///a/{c}", "bank:../{a}", 1, undefined]) {
    mayNot(both, complete({ type: "ref/resource", uri }), `a completion for ${show(uri)}`, ["SPEC-21.9"]);
  }
  for (const ref of [{ type: "ref/tool", name: "report" }, { name: "report" }, "report", undefined, ["ref/prompt"]]) {
    mayNot(everything, complete(ref), `a completion for ${show(ref)}`, ["SPEC-21.9"]);
  }

  // Several links: each allows it.
  may([{ tools: ["a", "b"] }, { tools: ["a"] }], call("a"), "what both links allow", ["SPEC-21.7"]);
  mayNot([{ tools: ["a"] }, { tools: ["a", "b"] }], call("b"), "what the last link alone allows", ["SPEC-21.7"]);
  mayNot([{ tools: ["a"] }, { tools: ["*"] }, undefined], call("b"), "what the first link does not allow", [
    "SPEC-21.7",
  ]);
  mayNot([{ tools: ["a"] }, { prompts: ["a"] }], call("a"), "what the second link is silent about", ["SPEC-21.7"]);
  may([undefined, { tools: ["a"] }, undefined], call("a"), "what the one link with a list allows", ["SPEC-21.7"]);
  may([undefined, undefined], message("tasks/get"), "anything, where no link has a list", ["SPEC-21.7"]);

  // Malformed lists.
  const wrong = (allow, title) =>
    by([{}, allow, {}], message("ping"), "ERR_DELEGATION_CLAIMS", title, ["T18", "SPEC-21.4"]);
  for (const allow of [
    null,
    "tools",
    [],
    { tool: ["a"] },
    { tools: ["a"], sampling: ["b"] },
    { tools: [] },
    { tools: "a" },
    { tools: [1] },
    { tools: [""] },
    { tools: ["é"] },
    { tools: ["x".repeat(257)] },
    { tools: Array(65).fill("a") },
    { prompts: null },
  ]) {
    wrong(allow, `\`allow\` ${Array.isArray(allow?.tools) && allow.tools.length > 64 ? "with 65 tools" : show(allow)}`);
  }
  for (const uri of WRONG_URIS) wrong({ resources: [uri] }, `\`allow\` with the URI ${show(uri)}`);
  may({ tools: Array(64).fill("a") }, call("a"), "64 entries", ["SPEC-21.4"]);
}
