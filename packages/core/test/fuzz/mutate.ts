import type { Random } from "./random.ts";

/** JSON texts that readers disagree about, or that grow into something unexpected. */
const VALUES = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1",
  "-1",
  "0.5",
  "1e3",
  "1e400",
  "-1e400",
  "1E999",
  "5e-324",
  "1e-400",
  "01",
  "+1",
  "1.",
  ".5",
  "0x10",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "1800000000.0",
  "18e8",
  "123456789012345678901234567890",
  "NaN",
  "Infinity",
  '""',
  '"x"',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\ud83d\\ude00"',
  '"😀"',
  '"\u2028"',
  '"\\/"',
  '"\\x41"',
  '"\\u00e"',
  '"\t"',
  '"\n"',
  "[]",
  "{}",
  "[[]]",
  '{"":1}',
  '{"":1,"":2}',
  '{"a":1,"a":1}',
  '{"a":1,"\\u0061":2}',
  '{"__proto__":{"a":1}}',
  '{"__proto__":1,"__proto__":2}',
  '{"constructor":null}',
  '["a",]',
  "[,]",
  '{"a":1,}',
  "{a:1}",
  "{'a':1}",
  '{"a" 1}',
  "[1 2]",
  "undefined",
  "//x",
  "/**/1",
];
const NAMES = [
  "iss",
  "sub",
  "aud",
  "exp",
  "iat",
  "nbf",
  "jti",
  "cnf",
  "jwk",
  "d",
  "alg",
  "typ",
  "kid",
  "crit",
  "b64",
  "jku",
  "x5c",
  "zip",
  "att_hash",
  "mcp_digest",
  "htm",
  "body_digest",
  "session",
  "ath",
  "agent_identity",
  "__proto__",
  "constructor",
  "toJSON",
  "",
  "length",
];
const CHARS = [
  ...'{}[]:,"\\/ \t\n\r0123456789.eE+-tfnu',
  "\0",
  "\u0007",
  "\ufeff",
  "é",
  "\ud800",
  "\udfff",
  "😀",
  "\u2028",
  "\u00a0",
];

type Edit = (text: string, random: Random) => string;

const at = (text: string, random: Random, change: (before: string, after: string) => string): string => {
  const i = random.below(text.length + 1);
  return change(text.slice(0, i), text.slice(i));
};

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Every string with the colon behind it, if it has one. */
const STRING = /"(?:[^"\\]|\\.)*"/g;

function replaceOne(text: string, pattern: RegExp, random: Random, change: (found: string) => string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = random.pick(found);
  return text.slice(0, match.index) + change(match[0]) + text.slice(match.index + match[0].length);
}

/** Ways to change the text of a JSON object, most of which keep it nearly one. */
const JSON_EDITS: readonly Edit[] = [
  // A member more: a new one, or one that is there already.
  (text, random) => text.replace("{", () => `{${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)},`),
  (text, random) => text.replace(/}\s*$/, () => `,${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)}}`),
  (text, random) => replaceOne(text, /"[a-z_]+":("[^"]*"|\d+)/g, random, (member) => `${member},${member}`),
  (text, random) =>
    replaceOne(
      text,
      /"[a-z_]+":("[^"]*"|\d+)/g,
      random,
      (member) => `${member},"${escaped(member.charAt(1))}${member.slice(2)}`,
    ),
  // Another spelling of the same.
  (text, random) => replaceOne(text, /[a-z]/g, random, escaped),
  (text, random) => replaceOne(text, /[{}[\]:,]/g, random, (mark) => `${random.pick([" ", "\n", "\t", "\r"])}${mark} `),
  (text, random) =>
    replaceOne(text, /:\d+/g, random, (number) => random.pick([`${number}.0`, `${number}e0`, `${number}0e-1`, number])),
  (text) => {
    try {
      return JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse()));
    } catch {
      return text;
    }
  },
  // Another value, or none.
  (text, random) => replaceOne(text, /:("[^"]*"|\d+)/g, random, () => `:${random.pick(VALUES)}`),
  (text, random) => replaceOne(text, /\d+/g, random, () => random.pick(VALUES)),
  (text, random) => replaceOne(text, /"[a-z_]+":("[^"]*"|\d+),/g, random, () => ""),
  (text, random) => replaceOne(text, STRING, random, () => random.pick(VALUES)),
  (text, random) => replaceOne(text, STRING, random, () => JSON.stringify(random.pick(NAMES))),
  // Depth and size.
  (text, random) => {
    const depth = random.pick([14, 15, 16, 17, 64, 500]);
    const [open, close] = random.pick([
      ["[", "]"],
      ['{"a":', "}"],
    ] as const);
    return text.replace("{", () => `{"x":${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)},`);
  },
  (text, random) => text.replace("{", () => `{"x":"${"a".repeat(random.pick([300, 1500, 4000, 6000]))}",`),
  (text) => `{"__proto__":${text}}`,
  (text) => `[${text}]`,
  (text) => `\ufeff${text}`,
  (text) => text + text,
  // Noise.
  (text, random) => at(text, random, (before, after) => before + random.pick(CHARS) + after),
  (text, random) => at(text, random, (before, after) => before + after.slice(1)),
  (text, random) => at(text, random, (before, after) => before + random.pick(CHARS) + after.slice(1)),
  (text, random) => at(text, random, (before) => before),
];

/** A JSON object's text, changed at least once; as bytes, so that they need not be text any more. */
export function mutateJson(text: string, random: Random): Buffer {
  let changed = text;
  for (let i = random.pick([1, 1, 1, 2, 3]); i > 0; i--) changed = random.pick(JSON_EDITS)(changed, random);
  const bytes = Buffer.from(changed);
  if (bytes.length > 0 && random.oneIn(10)) {
    const hostile = random.pick([
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0x80],
      [0xff],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82],
    ]);
    const i = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, i), Buffer.from(hostile), bytes.subarray(i)]);
  }
  return bytes;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const segmentwise =
  (change: (segment: string, random: Random) => string): Edit =>
  (token, random) => {
    const segments = token.split(".");
    const i = random.below(segments.length);
    segments[i] = change(segments[i] as string, random);
    return segments.join(".");
  };

/** Ways to change a compact JWS from outside, without signing it anew. */
const TOKEN_EDITS: readonly Edit[] = [
  segmentwise(
    (s, random) => s.slice(0, -1) + (ALPHABET[(ALPHABET.indexOf(s.slice(-1)) + 1 + random.below(15)) % 64] ?? ""),
  ),
  segmentwise((s, random) => s + "=".repeat(1 + random.below(3))),
  segmentwise((s) => s.replaceAll("-", "+").replaceAll("_", "/")),
  segmentwise((s) => s.slice(0, -1)),
  segmentwise((s) => `${s}A`),
  segmentwise(() => ""),
  segmentwise((s) => Buffer.from(s, "base64url").toString("hex")),
  (token, random) =>
    at(
      token,
      random,
      (before, after) => before + random.pick([" ", "\n", "\t", "\0", ".", "=", "%2E", "é", "A"]) + after,
    ),
  (token, random) => at(token, random, (before, after) => before + after.slice(1)),
  (token, random) => at(token, random, (before, after) => before + random.pick([...ALPHABET]) + after.slice(1)),
  (token, random) => at(token, random, (before, after) => after + before),
  (token) => token + token,
  (token) => token.split(".").reverse().join("."),
  (token) => `${token}.`,
  (token) => token.toLowerCase(),
];

/** A compact JWS, changed from outside. */
export function mutateToken(token: string, random: Random): string {
  return random.pick(TOKEN_EDITS)(token, random);
}
