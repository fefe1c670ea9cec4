// Messages as they arrive, whose text says more than the value that is digested (SPEC-3.15, SPEC-3.16): what a verifier may
// pass on.
import { sha256 } from "./common/bytes.mjs";
import { covered } from "./common/tokens.mjs";

/** Numbers by their text, and whether a double holds exactly what is written. */
const NUMBERS = [
  ["the greatest that every integer below it has a double", "9007199254740991", true],
  ["one that has a double of its own", "9007199254740992", true],
  ["one beyond 2^53 that has none of its own", "9007199254740993", false],
  ["its negative", "-9007199254740993", false],
  ["an account of 20 digits", "12345678901234567891", false],
  ["a fraction beyond 2^53", "9007199254740992.5", false],
  ["a fraction with more digits than a double tells apart", "12.50000000000000000001", false],
  ["an exponent for an integer", "9.007199254740992e15", true],
  ["a fraction of zero", "25.0", true],
];

export function vectors() {
  const list = [];
  /** @param values What may be passed on, as JSON; the first is what most parsers of JSON read. */
  const put = (title, requirements, text, values, mayRefuse = true) =>
    list.push({
      title: `Message: ${title}`,
      requirements,
      text,
      mayRefuse,
      passedOn: values.map((value) => {
        const canonical = covered({ kind: "message", ...JSON.parse(value) });
        return { canonical, digest: sha256(canonical) };
      }),
    });
  const call = (params) => `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":${params}}`;
  const read = (params) => `{"method":"tools/call","params":${params}}`;

  for (const [title, number, exact] of NUMBERS) {
    const params = `{"name":"transfer","arguments":{"amount":${number}}}`;
    put(title, ["M15"], call(params), [read(params)], !exact);
  }
  put("a number that no double holds", ["M15", "T18"], call('{"name":"transfer","arguments":{"amount":1e400}}'), []);
  for (const [title, written, last, first] of [
    ["an argument twice", '"amount":1,"amount":2', '"amount":2', '"amount":1'],
    ["an argument twice, once with an escape", '"amount":1,"\\u0061mount":2', '"amount":2', '"amount":1'],
  ]) {
    const params = (inner) => `{"name":"transfer","arguments":{"to":"savings",${inner}}}`;
    put(title, ["T10", "M15"], call(params(written)), [read(params(last)), read(params(first))]);
  }
  put(
    "the name of a tool twice",
    ["T10", "M15"],
    call('{"name":"balance","arguments":{},"name":"transfer"}'),
    ['{"name":"transfer","arguments":{}}', '{"name":"balance","arguments":{}}'].map(read),
  );
  put(
    "the method twice",
    ["T10", "M15"],
    '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{},"method":"tools/call"}',
    ['{"method":"tools/call","params":{}}', '{"method":"tools/list","params":{}}'],
  );
  return list;
}
