// Ways to spell a compact JWS that a strict reader must refuse, of attestations and proofs alike (SPEC §6.1). Each is
// [title, requirements, end of the code, change]; where the spelling allows, the altered text is signed correctly.
import { BOUND_HEADER } from "./common/baseline.mjs";
import { base64url } from "./common/bytes.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const edit = (index, alter) => (token) => {
  const segments = token.split(".");
  segments[index] = alter(segments[index]);
  return segments.join(".");
};

/** The same bytes spelt with stray bits behind the last one; only where the length leaves room for them. */
function strayBits(segment) {
  if (segment.length % 4 === 0) return undefined;
  return segment.slice(0, -1) + ALPHABET[ALPHABET.indexOf(segment.at(-1)) + 1];
}

/** Adds white space to a JSON text until its base64url ends in a character with unused bits. */
const padded = (text) => {
  let result = text;
  while (Buffer.byteLength(result) % 3 === 0) result = `${result} `;
  return result;
};

const insert = (member) => (text) => text.replace("{", `{${member},`);
const bytes = (hex) => (text) =>
  Buffer.from(Buffer.from(text).toString("hex").replace("7b", `7b2278223a22${hex}222c`), "hex");
const nested = (depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

const NAMES = ["header", "payload", "signature"];
const text = (index, change) => ({ [index === 0 ? "headerText" : "payloadText"]: change });

/** @param honestMembers A member of the payload with its value, to be repeated. */
export function structureCases({ member, value, other, limit }) {
  const cases = [];
  const add = (title, requirements, code, change) => cases.push([title, requirements, code, change]);

  for (const [i, name] of NAMES.entries()) {
    add(`the ${name} padded with \`=\``, ["T16"], "ENCODING", {
      ...(i < 2 && text(i, padded)),
      token: edit(i, (s) => `${s}${"=".repeat((4 - (s.length % 4)) % 4)}`),
    });
    add(`stray bits behind the last byte of the ${name}`, ["T16"], "ENCODING", {
      ...(i < 2 && text(i, padded)),
      token: edit(i, strayBits),
    });
    for (const [what, char] of [
      ["a space", " "],
      ["a newline", "\n"],
      ["a tab", "\t"],
      ["a NUL", "\u0000"],
      ["a `+`", "+"],
      ["a `/`", "/"],
      ["a non-ASCII letter", "é"],
      ["a percent sign", "%"],
    ]) {
      add(`${what} inside the ${name}`, ["T16"], "ENCODING", {
        token: edit(i, (s) => `${s.slice(0, 8)}${char}${s.slice(8)}`),
      });
    }
  }
  add("a space before it", ["T16"], "ENCODING", { token: (t) => ` ${t}` });
  add("a newline behind it", ["T16"], "ENCODING", { token: (t) => `${t}\n` });
  add("an authentication scheme before it", ["T16"], "ENCODING", { token: (t) => `Bearer ${t}` });
  add("a byte-order mark before it", ["T16"], "ENCODING", { token: (t) => `\ufeff${t}` });
  add("a segment of impossible length", ["T16"], "ENCODING", {
    token: edit(1, (s) => s.slice(0, s.length - (s.length % 4) - 3)),
  });
  add("quotes around it", ["T16"], "ENCODING", { token: (t) => `"${t}"` });

  add("no dot", ["T17"], "FORMAT", { token: (t) => t.replaceAll(".", "") });
  add("one dot", ["T17"], "FORMAT", { token: (t) => t.split(".").slice(0, 2).join(".") });
  add("a fourth segment", ["T17"], "FORMAT", { token: (t) => `${t}.e30` });
  add("a dot at the end", ["T17"], "FORMAT", { token: (t) => `${t}.` });
  add("five segments, as encryption has them", ["T9", "T17"], "FORMAT", { token: (t) => `${t}.e30.e30` });
  add("a thousand dots", ["T17"], "FORMAT", { token: () => ".".repeat(1000) });
  add("dots alone", ["T17"], "JSON", { token: (t) => `..${t.split(".")[2]}` });
  add("more characters than allowed", ["T17"], "SIZE", { payloadText: insert(`"x":"${"a".repeat(limit)}"`) });
  add("one character more than allowed, unread", ["T17"], "SIZE", { token: (t) => t.padEnd(limit + 1, "A") });
  add("dots beyond the size", ["T17"], "SIZE", { token: () => ".".repeat(limit + 1) });
  add("no text", ["T17"], "FORMAT", { token: () => "" });
  for (const [what, wrong] of [
    ["a number", 1],
    ["true", true],
    ["false", false],
    ["null", null],
    ["a list", []],
    ["an object", {}],
  ]) {
    add(`${what} in its place`, ["T12"], "FORMAT", { token: () => wrong });
  }
  add("its parts as a JSON serialization", ["T9"], "FORMAT", {
    token: (t) => JSON.stringify({ protected: t.split(".")[0], payload: t.split(".")[1], signature: t.split(".")[2] }),
  });
  add("no signature", ["T1", "T3"], "FORMAT", { signature: () => Buffer.alloc(0) });
  add("a signature of 63 bytes", ["K1"], "FORMAT", { signature: (s) => s.subarray(0, 63) });
  add("a signature of 65 bytes", ["K1"], "FORMAT", { signature: (s) => Buffer.concat([s, Buffer.alloc(1)]) });

  for (const [i, name] of [
    [0, "header"],
    [1, "claims"],
  ]) {
    add(
      `an array for the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => `[${t}]`),
    );
    add(
      `a string for the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => JSON.stringify(t)),
    );
    add(
      `null for the ${name}`,
      ["T12"],
      "JSON",
      text(i, () => "null"),
    );
    add(
      `a number for the ${name}`,
      ["T12"],
      "JSON",
      text(i, () => "1"),
    );
    add(
      `true for the ${name}`,
      ["T12"],
      "JSON",
      text(i, () => "true"),
    );
    add(
      `nothing for the ${name}`,
      ["T12"],
      "JSON",
      text(i, () => ""),
    );
    add(
      `a byte-order mark before the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => `\ufeff${t}`),
    );
    add(
      `text behind the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => `${t}x`),
    );
    add(
      `two objects for the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => `${t}${t}`),
    );
    add(
      `a comma at the end of the ${name}`,
      ["T12"],
      "JSON",
      text(i, (t) => t.replace(/}$/, ",}")),
    );
    add(
      `the ${name} cut off`,
      ["T12"],
      "JSON",
      text(i, (t) => t.slice(0, -1)),
    );
    add(
      `the ${name} in UTF-16`,
      ["T12"],
      "JSON",
      text(i, (t) => Buffer.from(t, "utf16le")),
    );
    for (const [what, hex] of [
      ["an overlong slash", "c0af"],
      ["an overlong NUL", "e08080"],
      ["a lone continuation byte", "80"],
      ["a sequence that breaks off", "e282"],
      ["a surrogate as UTF-8", "eda080"],
      ["a surrogate pair as UTF-8", "eda080edb080"],
      ["a code point beyond Unicode", "f4908080"],
      ["the byte 0xff", "ff"],
    ]) {
      add(`${what} in the ${name}`, ["T12"], "JSON", text(i, bytes(hex)));
    }
    add(`half a surrogate pair in the ${name}`, ["T13"], "JSON", text(i, insert('"x":"\\ud800"')));
    add(`the second half of a surrogate pair in the ${name}`, ["T13"], "JSON", text(i, insert('"x":"a\\udc00"')));
    add(
      `a surrogate pair the wrong way round in the ${name}`,
      ["T13"],
      "JSON",
      text(i, insert('"x":"\\udc00\\ud800"')),
    );
    add(`half a surrogate pair in a name of the ${name}`, ["T13"], "JSON", text(i, insert('"\\ud800":1')));
    add(`17 levels in the ${name}`, ["T17"], "JSON", text(i, insert(`"x":${nested(16)}`)));
    add(`200 levels in the ${name}`, ["T17"], "JSON", text(i, insert(`"x":${nested(200)}`)));
  }
  for (const [what, json] of [
    ["a comment", '/**/"x":1'],
    ["single quotes", "'x':1"],
    ["a name without quotes", "x:1"],
    ["NaN", '"x":NaN'],
    ["Infinity", '"x":Infinity'],
    ["a number with a leading zero", '"x":01'],
    ["a number with a plus sign", '"x":+1'],
    ["a number that begins with a dot", '"x":.5'],
    ["a number that ends with a dot", '"x":1.'],
    ["a hexadecimal number", '"x":0x1'],
    ["undefined", '"x":undefined'],
    ["a raw newline in a string", '"x":"\n"'],
    ["a raw NUL in a string", '"x":"\u0000"'],
    ["an unknown escape", '"x":"\\x41"'],
    ["an escape that breaks off", '"x":"\\u00"'],
    ["a comma too many", '"x":1,'],
    ["a no-break space between members", '\u00a0"x":1'],
  ]) {
    add(`${what} in the claims`, ["T12"], "JSON", { payloadText: insert(json) });
  }

  const repeat = (title, json) => add(title, ["T10"], "DUPLICATE_MEMBER", { payloadText: insert(json) });
  repeat(`\`${member}\` twice with the same value`, `${JSON.stringify(member)}:${JSON.stringify(value)}`);
  repeat(`\`${member}\` twice, another value first`, `${JSON.stringify(member)}:${JSON.stringify(other)}`);
  add(`\`${member}\` twice, another value last`, ["T10"], "DUPLICATE_MEMBER", {
    payloadText: (t) => t.replace(/}$/, `,${JSON.stringify(member)}:${JSON.stringify(other)}}`),
  });
  const escaped = `\\u${member.charCodeAt(0).toString(16).padStart(4, "0")}${member.slice(1)}`;
  repeat(`\`${member}\` twice, once with an escape in its name`, `"${escaped}":${JSON.stringify(other)}`);
  repeat("an unknown claim twice", '"x":1,"x":1');
  repeat("a claim without a name twice", '"":1,"":2');
  repeat("`__proto__` twice", '"__proto__":1,"__proto__":2');
  repeat("a number for a name twice", '"1":1,"1":2');
  repeat("a member twice in an inner object", '"x":{"a":1,"b":2,"a":3}');
  repeat("a member twice in an object in a list", '"x":[1,{"a":1,"a":1}]');
  repeat("a member twice deep inside", '"x":{"y":{"z":[[{"a":[],"a":{}}]]}}');
  repeat("a member twice, its name outside the first plane", '"\u{1f511}":1,"\\ud83d\\udd11":2');
  repeat("a member twice behind a string that looks like JSON", '"x":"{\\"a\\":1,\\\\\\"","y":1,"y":2');
  for (const name of ["alg", "typ"]) {
    add(`\`${name}\` twice in the header`, ["T1", "T10"], "DUPLICATE_MEMBER", {
      headerText: (t) => insert(`"${name}":${JSON.stringify(JSON.parse(t)[name])}`)(t),
    });
    add(`\`${name}\` twice in the header, \`none\` last`, ["T1", "T10"], "DUPLICATE_MEMBER", {
      headerText: (t) => t.replace(/}$/, `,"${name}":"none"}`),
    });
  }

  const attackerKey = { kty: "OKP", crv: "Ed25519", x: base64url(Buffer.alloc(32, 9)) };
  for (const [name, wrong, ...requirements] of [
    ["jwk", attackerKey, "T4"],
    ["jwk", {}, "T4"],
    ["x5c", ["MIIB"], "T4"],
    ["x5t", "AAAA", "T4"],
    ["x5t#S256", "AAAA", "T4"],
    ["jku", "https://evil.example/jwks.json", "T5"],
    ["jku", "http://127.0.0.1:1/", "T5"],
    ["x5u", "https://evil.example/cert.pem", "T5"],
    ["crit", ["exp"], "T7"],
    ["crit", ["b64"], "T7"],
    ["crit", [], "T7"],
    ["crit", "exp", "T7"],
    ["b64", false, "T8"],
    ["b64", true, "T8"],
    ["cty", "JWT", "T9"],
    ["zip", "DEF", "T17"],
    ["enc", "A256GCM", "T9"],
    ["nonce", "x", "T4"],
    ["ALG", "none", "T1"],
    ["", 1, "T4"],
    ["constructor", {}, "T11"],
  ]) {
    add(`\`${name}\`: ${JSON.stringify(wrong).slice(0, 40)} in the header`, requirements, "HEADER", {
      header: { [name]: wrong },
    });
  }
  add("`__proto__` in the header", ["T11"], "HEADER", { headerText: insert('"__proto__":{"alg":"none"}') });
  add("`crit` and `b64` in the header", ["T7", "T8"], "HEADER", { header: { crit: ["b64"], b64: false } });
  for (const name of ["typ", "alg"]) {
    for (const wrong of [undefined, null, 1, true, ["x"], {}]) {
      add(
        `\`${name}\` ${wrong === undefined ? "missing" : JSON.stringify(wrong)} in the header`,
        [name === "alg" ? "T1" : "T9"],
        "HEADER",
        { header: { [name]: wrong } },
      );
    }
  }
  for (const wrong of [null, 1, true, ["authority"], {}]) {
    add(`\`kid\` ${JSON.stringify(wrong)} in the header`, ["T6"], "HEADER", { header: { kid: wrong } });
  }
  return cases;
}

/** `alg` values that mean nothing here: refused by name, before any key is looked for. */
export const FOREIGN_ALGS = [
  ["none", "T1"],
  ["None", "T1"],
  ["NONE", "T1"],
  ["nOnE", "T1"],
  ["", "T1"],
  ["none ", "T1"],
  ["ed25519", "T1"],
  ["ED25519", "T1"],
  ["Ed25519 ", "T1"],
  ["Ed25519\u0000", "T1"],
  ["Ed448", "T1"],
  ["ES256K", "T1"],
  ["ES384", "T1"],
  ["RS256", "T1"],
  ["PS256", "T1"],
  ["HS256", "T2"],
  ["HS384", "T2"],
  ["HS512", "T2"],
  ["dir", "T2"],
  ["__proto__", "T11"],
  ["constructor", "T11"],
];

/** `typ` values of other kinds of JWT, and other spellings of our own. */
export const FOREIGN_TYPS = [
  "at+jwt",
  "dpop+jwt",
  "wit+jwt",
  "wpt+jwt",
  "oauth-client-attestation+jwt",
  "oauth-client-attestation-pop+jwt",
  "secevent+jwt",
  "JOSE",
  "jwt",
  "Jwt",
  "",
  "__proto__",
  ...[BOUND_HEADER.typ, "agent-attestation-pop+jwt"].flatMap((typ) => [
    typ.toUpperCase(),
    `${typ} `,
    `application/${typ}`,
  ]),
];
