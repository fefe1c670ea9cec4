import {
  AttestationError,
  VECTOR_FILES,
  decodeAttestation,
  decodeBase64url,
  decodeStrictJson,
  grantVectors,
  importVerificationKey,
  messageDigest,
  verifierOf
} from "./chunk-BHSXX57O.js";

// proof/fuzz.ts
import { parseArgs } from "util";

// test/fuzz/fuzz.ts
import { createHash as createHash3, createHmac as createHmac2, createPrivateKey, sign } from "crypto";

// test/fuzz/mutate.ts
var VALUES = [
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
  '"\u{1F600}"',
  '"\u2028"',
  '"\\/"',
  '"\\x41"',
  '"\\u00e"',
  '"	"',
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
  "/**/1"
];
var NAMES = [
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
  "length"
];
var CHARS = [
  ...'{}[]:,"\\/ 	\n\r0123456789.eE+-tfnu',
  "\0",
  "\x07",
  "\uFEFF",
  "\xE9",
  "\uD800",
  "\uDFFF",
  "\u{1F600}",
  "\u2028",
  "\xA0"
];
var at = (text, random, change) => {
  const i = random.below(text.length + 1);
  return change(text.slice(0, i), text.slice(i));
};
var escaped = (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
var STRING = /"(?:[^"\\]|\\.)*"/g;
function replaceOne(text, pattern, random, change) {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const match = random.pick(found);
  return text.slice(0, match.index) + change(match[0]) + text.slice(match.index + match[0].length);
}
var JSON_EDITS = [
  // A member more: a new one, or one that is there already.
  (text, random) => text.replace("{", () => `{${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)},`),
  (text, random) => text.replace(/}\s*$/, () => `,${JSON.stringify(random.pick(NAMES))}:${random.pick(VALUES)}}`),
  (text, random) => replaceOne(text, /"[a-z_]+":("[^"]*"|\d+)/g, random, (member) => `${member},${member}`),
  (text, random) => replaceOne(
    text,
    /"[a-z_]+":("[^"]*"|\d+)/g,
    random,
    (member) => `${member},"${escaped(member.charAt(1))}${member.slice(2)}`
  ),
  // Another spelling of the same.
  (text, random) => replaceOne(text, /[a-z]/g, random, escaped),
  (text, random) => replaceOne(text, /[{}[\]:,]/g, random, (mark) => `${random.pick([" ", "\n", "	", "\r"])}${mark} `),
  (text, random) => replaceOne(text, /:\d+/g, random, (number) => random.pick([`${number}.0`, `${number}e0`, `${number}0e-1`, number])),
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
      ['{"a":', "}"]
    ]);
    return text.replace("{", () => `{"x":${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)},`);
  },
  (text, random) => text.replace("{", () => `{"x":"${"a".repeat(random.pick([300, 1500, 4e3, 6e3]))}",`),
  (text) => `{"__proto__":${text}}`,
  (text) => `[${text}]`,
  (text) => `\uFEFF${text}`,
  (text) => text + text,
  // Noise.
  (text, random) => at(text, random, (before, after) => before + random.pick(CHARS) + after),
  (text, random) => at(text, random, (before, after) => before + after.slice(1)),
  (text, random) => at(text, random, (before, after) => before + random.pick(CHARS) + after.slice(1)),
  (text, random) => at(text, random, (before) => before)
];
function mutateJson(text, random) {
  let changed = text;
  for (let i = random.pick([1, 1, 1, 2, 3]); i > 0; i--) changed = random.pick(JSON_EDITS)(changed, random);
  const bytes = Buffer.from(changed);
  if (bytes.length > 0 && random.oneIn(10)) {
    const hostile = random.pick([
      [192, 175],
      [237, 160, 128],
      [128],
      [255],
      [244, 144, 128, 128],
      [226, 130]
    ]);
    const i = random.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, i), Buffer.from(hostile), bytes.subarray(i)]);
  }
  return bytes;
}
var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
var segmentwise = (change) => (token, random) => {
  const segments = token.split(".");
  const i = random.below(segments.length);
  segments[i] = change(segments[i], random);
  return segments.join(".");
};
var TOKEN_EDITS = [
  segmentwise(
    (s, random) => s.slice(0, -1) + (ALPHABET[(ALPHABET.indexOf(s.slice(-1)) + 1 + random.below(15)) % 64] ?? "")
  ),
  segmentwise((s, random) => s + "=".repeat(1 + random.below(3))),
  segmentwise((s) => s.replaceAll("-", "+").replaceAll("_", "/")),
  segmentwise((s) => s.slice(0, -1)),
  segmentwise((s) => `${s}A`),
  segmentwise(() => ""),
  segmentwise((s) => Buffer.from(s, "base64url").toString("hex")),
  (token, random) => at(
    token,
    random,
    (before, after) => before + random.pick([" ", "\n", "	", "\0", ".", "=", "%2E", "\xE9", "A"]) + after
  ),
  (token, random) => at(token, random, (before, after) => before + after.slice(1)),
  (token, random) => at(token, random, (before, after) => before + random.pick([...ALPHABET]) + after.slice(1)),
  (token, random) => at(token, random, (before, after) => after + before),
  (token) => token + token,
  (token) => token.split(".").reverse().join("."),
  (token) => `${token}.`,
  (token) => token.toLowerCase()
];
function mutateToken(token, random) {
  return random.pick(TOKEN_EDITS)(token, random);
}

// test/fuzz/random.ts
var Random = class {
  #state;
  constructor(seed2) {
    this.#state = seed2 >>> 0;
  }
  /** A whole number from 0 up to, not including, `end`. */
  below(end2) {
    this.#state = this.#state + 1831565813 >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ t >>> 15, t | 1);
    t ^= t + Math.imul(t ^ t >>> 7, t | 61);
    return ((t ^ t >>> 14) >>> 0) % end2;
  }
  /** True once in so many times. */
  oneIn(times) {
    return this.below(times) === 0;
  }
  pick(list) {
    return list[this.below(list.length)];
  }
};

// test/fuzz/reference-json.ts
var Refused = class extends Error {
};
function readReferenceJson(bytes, maxDepth) {
  try {
    const reader = new Reader(codePointsOf(bytes), maxDepth);
    return reader.document();
  } catch (error) {
    if (error instanceof Refused) return void 0;
    throw error;
  }
}
function codePointsOf(bytes) {
  const points = [];
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i];
    const length = first < 128 ? 1 : first < 192 ? 0 : first < 224 ? 2 : first < 240 ? 3 : first < 248 ? 4 : 0;
    if (length === 0 || i + length > bytes.length) throw new Refused();
    let point = length === 1 ? first : first & 255 >> length + 1;
    for (let j = 1; j < length; j++) {
      const next = bytes[i + j];
      if (next >> 6 !== 2) throw new Refused();
      point = point * 64 + (next & 63);
    }
    const least = [0, 0, 128, 2048, 65536][length];
    if (point < least || point > 1114111 || point >= 55296 && point <= 57343) throw new Refused();
    points.push(point);
    i += length;
  }
  return points;
}
var Reader = class {
  #points;
  #maxDepth;
  #at = 0;
  constructor(points, maxDepth) {
    this.#points = points;
    this.#maxDepth = maxDepth;
  }
  document() {
    const value = this.#value(0);
    this.#space();
    if (this.#at !== this.#points.length) throw new Refused();
    return value;
  }
  #value(depth) {
    this.#space();
    const next = this.#peek();
    if (next === "{" || next === "[") {
      if (depth >= this.#maxDepth) throw new Refused();
      return next === "{" ? this.#object(depth + 1) : this.#array(depth + 1);
    }
    if (next === '"') return this.#string();
    if (next === "t") return this.#literal("true", true);
    if (next === "f") return this.#literal("false", false);
    if (next === "n") return this.#literal("null", null);
    return this.#number();
  }
  #object(depth) {
    const members = /* @__PURE__ */ new Map();
    this.#take("{");
    this.#space();
    if (this.#peek() === "}") this.#at++;
    else {
      for (; ; ) {
        this.#space();
        const name = this.#string();
        if (members.has(name)) throw new Refused();
        this.#space();
        this.#take(":");
        members.set(name, this.#value(depth));
        this.#space();
        if (this.#peek() !== ",") break;
        this.#at++;
      }
      this.#take("}");
    }
    return members;
  }
  #array(depth) {
    const elements = [];
    this.#take("[");
    this.#space();
    if (this.#peek() === "]") this.#at++;
    else {
      for (; ; ) {
        elements.push(this.#value(depth));
        this.#space();
        if (this.#peek() !== ",") break;
        this.#at++;
      }
      this.#take("]");
    }
    return elements;
  }
  #string() {
    this.#take('"');
    const units = [];
    for (; ; ) {
      const point = this.#points[this.#at++];
      if (point === void 0 || point < 32) throw new Refused();
      if (point === 34) break;
      if (point === 92) units.push(this.#escape());
      else if (point < 65536) units.push(point);
      else units.push(55296 + (point - 65536 >> 10), 56320 + (point - 65536 & 1023));
    }
    for (let i = 0; i < units.length; i++) {
      const unit = units[i];
      if (unit < 55296 || unit > 57343) continue;
      const next = units[++i];
      if (unit > 56319 || next === void 0 || next < 56320 || next > 57343) throw new Refused();
    }
    return units.map((unit) => String.fromCharCode(unit)).join("");
  }
  #escape() {
    const char = this.#peek();
    this.#at++;
    if (char === "u") {
      let unit = 0;
      for (let i = 0; i < 4; i++) {
        const digit = "0123456789abcdef".indexOf((this.#peek() || "x").toLowerCase());
        if (digit < 0) throw new Refused();
        unit = unit * 16 + digit;
        this.#at++;
      }
      return unit;
    }
    const at2 = '"\\/bfnrt'.indexOf(char || "x");
    if (at2 < 0) throw new Refused();
    return '"\\/\b\f\n\r	'.charCodeAt(at2);
  }
  #number() {
    let text = "";
    const digits = () => {
      const before = text.length;
      while (/^[0-9]$/.test(this.#peek())) text += this.#next();
      if (text.length === before) throw new Refused();
    };
    if (this.#peek() === "-") text += this.#next();
    if (this.#peek() === "0") text += this.#next();
    else digits();
    if (this.#peek() === ".") {
      text += this.#next();
      digits();
    }
    if (/^[eE]$/.test(this.#peek())) {
      text += this.#next();
      if (/^[+-]$/.test(this.#peek())) text += this.#next();
      digits();
    }
    return Number(text);
  }
  #literal(word, value) {
    for (const char of word) this.#take(char);
    return value;
  }
  #space() {
    while ([" ", "	", "\n", "\r"].includes(this.#peek())) this.#at++;
  }
  #take(char) {
    if (this.#next() !== char) throw new Refused();
  }
  #next() {
    const char = this.#peek();
    this.#at++;
    return char;
  }
  #peek() {
    const point = this.#points[this.#at];
    return point === void 0 ? "" : String.fromCodePoint(point);
  }
};

// test/fuzz/reference-mac.ts
import { createDecipheriv, createHash as createHash2, createHmac, hkdfSync } from "crypto";

// test/fuzz/reference-verifier.ts
import { createHash, createPublicKey, verify } from "crypto";
var ALPHABET2 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
function readReferenceBase64url(text) {
  const bits = [];
  for (const char of text) {
    const value = ALPHABET2.indexOf(char);
    if (value < 0) return void 0;
    for (let i = 5; i >= 0; i--) bits.push(value >> i & 1);
  }
  const left = bits.length % 8;
  if (left >= 6 || bits.slice(bits.length - left).some((bit) => bit !== 0)) return void 0;
  const bytes = new Uint8Array((bits.length - left) / 8);
  for (let i = 0; i < bytes.length * 8; i++) bytes[i >> 3] = bytes[i >> 3] << 1 | bits[i];
  return bytes;
}
function readReferenceJws(token, maxLength) {
  if (typeof token !== "string" || token.length > maxLength) return void 0;
  const segments = token.split(".");
  if (segments.length !== 3) return void 0;
  const [first, second, third] = segments.map(readReferenceBase64url);
  if (!first || !second || third?.length !== 64) return void 0;
  const header = readReferenceJson(first, 16);
  const payload = readReferenceJson(second, 16);
  if (!(header instanceof Map) || !(payload instanceof Map)) return void 0;
  if ([...header.keys()].some((name) => !["typ", "alg", "kid"].includes(name))) return void 0;
  if (typeof header.get("typ") !== "string" || typeof header.get("alg") !== "string") return void 0;
  if (header.has("kid") && typeof header.get("kid") !== "string") return void 0;
  return { header, payload, signingInput: segments.slice(0, 2).join("."), signature: third };
}
var base64urlHash = (data) => createHash("sha256").update(data).digest("base64url");
function referenceCanonical(value) {
  if (typeof value === "number" && !Number.isFinite(value)) return void 0;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const list = Array.isArray(value);
  const names = list ? [...value.keys()] : Object.keys(value).sort();
  const members = names.map((name) => {
    const member = referenceCanonical(value[name]);
    return member === void 0 ? void 0 : list ? member : `${JSON.stringify(name)}:${member}`;
  });
  if (members.includes(void 0)) return void 0;
  return list ? `[${members}]` : `{${members}}`;
}
var isTime = (value) => Number.isSafeInteger(value) && value >= 0;
var isName = (value, longest = 256) => typeof value === "string" && value.length >= 1 && value.length <= longest && [...value].every((c) => c >= " " && c <= "~");
function isSigned(jws, jwk) {
  try {
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return verify(null, Buffer.from(jws.signingInput), key, jws.signature);
  } catch {
    return false;
  }
}
function objectionTo(trust, token, proof, request) {
  const attestation = readReferenceJws(token, 6144);
  if (!attestation) return "the attestation is not a strict JWS";
  const { header, payload } = attestation;
  if (header.get("typ") !== "agent-attestation+jwt") return "the attestation's typ";
  if (header.get("alg") !== "Ed25519") return "the attestation's alg";
  const issuer = trust.issuers.get(payload.get("iss"));
  if (!issuer) return "the issuer";
  const key = issuer.keys.get(header.get("kid"));
  if (!key) return "the key";
  if (!isSigned(attestation, key)) return "the attestation's signature";
  const [iat, exp, nbf] = ["iat", "exp", "nbf"].map((name) => payload.get(name));
  if (!isTime(iat) || !isTime(exp) || payload.has("nbf") && !isTime(nbf)) return "the times";
  if (trust.now >= exp + 30 || iat > trust.now + 30 || isTime(nbf) && nbf > trust.now + 30) return "the validity";
  if (exp <= iat || exp - iat > 3600) return "the lifetime";
  const aud = payload.get("aud");
  if (aud !== void 0 && !(typeof aud === "string" ? [aud] : Array.isArray(aud) && aud.length === 1 ? aud : []).some(
    (name) => trust.audience.includes(name)
  ))
    return "the audience";
  const sub = payload.get("sub");
  const path = typeof sub === "string" && sub.startsWith("spiffe://") ? sub.slice(9).split("/") : [];
  if (path.length < 2 || path.slice(1).some((segment2) => segment2 === "" || segment2 === "." || segment2 === ".."))
    return "the subject";
  if (!issuer.trustDomains.includes(path[0])) return "the trust domain";
  if (!isName(payload.get("jti")) || payload.get("jti").includes(" ")) return "the jti";
  const identity = payload.get("agent_identity");
  if (!(identity instanceof Map)) return "the identity";
  if (["model_family", "model_version", "provider"].some((name) => !isName(identity.get(name))))
    return "the identity's members";
  const metadata = payload.get("attestation_metadata");
  if (!(metadata instanceof Map) || metadata.get("attestation_version") !== "0.2.0") return "the version";
  if (metadata.get("attestation_type") !== issuer.trustLevel) return "the type";
  if (!["standard", "enhanced", "minimal"].includes(metadata.get("safety_level"))) return "the safety level";
  const cnf = payload.get("cnf");
  const jwk = cnf instanceof Map ? cnf.get("jwk") : void 0;
  if (!(jwk instanceof Map) || jwk.get("kty") !== "OKP" || jwk.get("crv") !== "Ed25519" || jwk.has("d"))
    return "the agent's key";
  const read = readReferenceJws(proof, 2048);
  if (!read) return "the proof is not a strict JWS";
  if (read.header.get("typ") !== "agent-attestation-pop+jwt" || read.header.get("alg") !== "Ed25519")
    return "the proof's header";
  if (!isSigned(read, Object.fromEntries(jwk))) return "the proof's signature";
  const claims = read.payload;
  if (claims.get("att_hash") !== base64urlHash(token)) return "the proof's attestation";
  if (!trust.audience.includes(claims.get("aud"))) return "the proof's audience";
  const made = claims.get("iat");
  if (!isTime(made) || made < trust.now - 90 || made > trust.now + 30) return "the proof's time";
  if (!isName(claims.get("jti")) || claims.get("jti").length < 16) return "the proof's jti";
  if (claims.get("mcp_digest") !== base64urlHash(referenceCanonical(request) ?? "")) return "the proof's digest";
  if (["htm", "body_digest", "session", "ath"].some((name) => claims.has(name)))
    return "the proof covers what was not there";
  return void 0;
}

// test/fuzz/reference-mac.ts
var sha256 = (data) => createHash2("sha256").update(data).digest();
var base64url = (data) => Buffer.from(data).toString("base64url");
var isOf = (text, least, most) => text.length >= least && text.length <= most && [...text].every((char) => /[A-Za-z0-9_-]/.test(char));
function openReference(ring, ticket) {
  const bytes = readReferenceBase64url(ticket);
  if (bytes?.length !== 153 || bytes[0] !== 1) return void 0;
  for (const secret of ring) {
    const id = Buffer.from(hkdfSync("sha256", secret, "", "io.github.attest/ticket-id/1", 8));
    if (!id.equals(bytes.subarray(1, 9))) continue;
    const sealing = Buffer.from(
      hkdfSync("sha256", secret, bytes.subarray(9, 33), "io.github.attest/ticket-seal/1", 44)
    );
    const cipher = createDecipheriv("aes-256-gcm", sealing.subarray(0, 32), sealing.subarray(32));
    cipher.setAAD(bytes.subarray(0, 33));
    cipher.setAuthTag(bytes.subarray(137));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(33, 137)), cipher.final()]);
    } catch {
      return void 0;
    }
  }
  return void 0;
}
function referenceLines([ticket = "", iat = "", jti = "", digest = ""], token, audience) {
  const [first, second] = [base64url(sha256(ticket)), base64url(sha256(token))];
  return ["io.github.attest/mac/1", first, second, audience, iat, jti, "mcp", digest, "-", "-"].join("\n");
}
function objectionToMac({ now, audience, ring, holder }, token, proof, request) {
  const [form, ...fields] = proof.split("~");
  const [ticket = "", iat = "", jti = "", digest = "", mac = ""] = fields;
  if (proof.length > 1024 || form !== "mac1" || fields.length !== 5) return "the form";
  if (!isOf(ticket, 64, 512) || !isOf(jti, 16, 64) || !isOf(digest, 43, 43)) return "the fields";
  if (String(Number(iat)) !== iat || !Number.isSafeInteger(Number(iat)) || Number(iat) < 0) return "the time's form";
  const content = openReference(ring, ticket);
  if (!content) return "the ticket";
  if (content.readBigUInt64BE(96) <= BigInt(now)) return "the ticket's time";
  const named = audience.find((name) => sha256(name).equals(content.subarray(64, 96)));
  if (named === void 0) return "the ticket's audience";
  if (base64url(content.subarray(32, 64)) !== holder) return "the ticket's holder";
  if (Number(iat) < now - 90 || Number(iat) > now + 30) return "the time";
  const lines = referenceLines(fields, token, named);
  if (createHmac("sha256", content.subarray(0, 32)).update(lines).digest("base64url") !== mac) return "the MAC";
  return digest === base64url(sha256(referenceCanonical(request) ?? "")) ? void 0 : "the digest";
}

// test/fuzz/fuzz.ts
var NOW = 18e8;
var REQUEST = { method: "tools/call", params: { name: "transfer", arguments: { amount: 1 } } };
var REQUEST_DIGEST = hash(referenceCanonical(REQUEST));
var RENEW_AFTER = 2e4;
function privateKey(name) {
  const seed2 = createHash3("sha256").update(`attest test vectors: ${name}`).digest();
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed2]);
  return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
}
function corpus() {
  const file = VECTOR_FILES.find(({ name }) => name === "attestations.json");
  const configuration = file?.verifiers["default"];
  if (!configuration) throw new Error("The vectors have no verifier called default");
  const presentations = VECTOR_FILES.flatMap(({ vectors }) => vectors.flatMap((vector) => vector.presentations));
  const texts = (member) => [
    ...new Set(presentations.map((one) => one[member]).filter((text) => typeof text === "string"))
  ];
  return { configuration, attestations: texts("attestation"), proofs: texts("proof") };
}
function macCorpus() {
  const file = VECTOR_FILES.find(({ name }) => name === "tickets.json");
  const configuration = file?.verifiers["default"];
  const honest = file?.vectors.find(({ id }) => id === "mac-proof-of-a-message")?.presentations[0];
  if (!configuration?.tickets || !honest) throw new Error("The vectors have no verifier with a ring");
  const presented = file?.vectors.flatMap(({ presentations }) => presentations.map(({ proof }) => proof)) ?? [];
  const proofs = presented.filter((proof) => typeof proof === "string" && proof.startsWith("mac1~"));
  const sealed = grantVectors().find(({ kind }) => kind === "sealed") ?? {};
  return {
    configuration,
    proofs,
    tickets: [String(honest.proof), ...proofs].map((proof) => proof.split("~")[1] ?? ""),
    ring: configuration.tickets.ring.map((secret) => Buffer.from(secret, "base64url")),
    key: Buffer.from(sealed.key ?? "", "base64url"),
    holder: sealed.holder ?? ""
  };
}
var segment = (token, index) => Buffer.from(token.split(".")[index] ?? "", "base64url").toString();
function hash(data) {
  return createHash3("sha256").update(data).digest("base64url");
}
function signed(header, payload, key) {
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}
async function fuzz(seed2, until) {
  const random = new Random(seed2);
  const report2 = { seed: seed2, executions: 0, verified: 0, verifiedMacs: 0, agreed: 0, failures: [] };
  const { configuration, attestations, proofs } = corpus();
  const macs = macCorpus();
  const [authority, agent] = [privateKey("authority"), privateKey("agent")];
  const trust = {
    now: NOW,
    audience: configuration.audience,
    issuers: new Map(
      configuration.trustedIssuers.map(({ issuer, trustDomains, trustLevel }) => [
        issuer,
        {
          trustDomains,
          trustLevel,
          keys: new Map(configuration.keys[issuer]?.keys.map((jwk) => [jwk.kid ?? "", jwk]))
        }
      ])
    )
  };
  let verifier = await verifierOf(configuration, () => NOW);
  const fail = (what, ...inputs) => {
    const shown = inputs.map(
      (input) => input instanceof Uint8Array ? `0x${Buffer.from(input).toString("hex")}` : JSON.stringify(input)
    );
    report2.failures.push(`seed ${seed2}, execution ${report2.executions}: ${what}: ${shown.join(" ")}`);
  };
  const honest = attestations[0];
  const [honestHeader, honestPayload] = [segment(honest, 0), segment(honest, 1)];
  const proofClaims = (token) => ({
    aud: configuration.audience[0],
    jti: `fuzz-${seed2}-${report2.executions}-proof`,
    iat: NOW,
    att_hash: hash(token),
    mcp_digest: REQUEST_DIGEST
  });
  const proofHeader = '{"alg":"Ed25519","typ":"agent-attestation-pop+jwt"}';
  const honestProof = (token) => signed(proofHeader, JSON.stringify(proofClaims(token)), agent);
  const attestation = () => {
    if (random.oneIn(2)) {
      const header = random.oneIn(3) ? mutateJson(honestHeader, random) : honestHeader;
      return signed(header, mutateJson(honestPayload, random), authority);
    }
    const base = random.pick(attestations);
    if (random.oneIn(4))
      return signed(mutateJson(segment(base, 0), random), mutateJson(segment(base, 1), random), authority);
    return random.oneIn(10) ? base : mutateToken(base, random);
  };
  const proof = (token) => {
    if (random.oneIn(10)) return random.pick(proofs);
    if (random.oneIn(4)) return mutateToken(honestProof(token), random);
    const header = random.oneIn(3) ? mutateJson(proofHeader, random) : proofHeader;
    return signed(header, mutateJson(JSON.stringify(proofClaims(token)), random), agent);
  };
  const present = async (made, proved) => {
    const result = await verifier.verify(made, { kind: "message", ...REQUEST, proof: proved });
    if ("code" in result && result.code === "ERR_INTERNAL") fail("an untyped throw inside the verifier", made, proved);
    if (!result.verified) return;
    report2.verified++;
    const objection = objectionTo(trust, made, proved, REQUEST);
    if (objection !== void 0) fail(`accepted, against ${objection}`, made, proved);
    else report2.agreed++;
  };
  let ringed = await verifierOf(macs.configuration, () => NOW);
  const macProof = () => {
    const fields = [random.pick(macs.tickets), String(NOW), `fuzz-${seed2}-${report2.executions}-proof`, REQUEST_DIGEST];
    if (random.oneIn(2)) {
      const at2 = random.below(fields.length);
      fields[at2] = random.oneIn(3) ? random.pick(["", "0", "-1", "1e9"]) : mutateToken(fields[at2], random);
    }
    const lines = referenceLines(fields, honest, configuration.audience[random.oneIn(8) ? 1 : 0]);
    const made = ["mac1", ...fields, createHmac2("sha256", macs.key).update(lines).digest("base64url")];
    if (random.oneIn(3)) return mutateToken(made.join("."), random).replaceAll(".", "~");
    return random.oneIn(20) ? random.pick(macs.proofs) : made.join("~");
  };
  const presentMac = async (proved) => {
    const result = await ringed.verify(honest, { kind: "message", ...REQUEST, proof: proved });
    if ("code" in result && result.code === "ERR_INTERNAL") fail("an untyped throw inside the verifier", proved);
    if (!result.verified) return;
    report2.verifiedMacs++;
    const objection = objectionToMac({ ...trust, ring: macs.ring, holder: macs.holder }, honest, proved, REQUEST);
    if (objection !== void 0) fail(`accepted, against ${objection}`, proved);
    else report2.agreed++;
  };
  const executions = [
    async () => {
      const made = attestation();
      await present(made, honestProof(made));
    },
    async () => {
      const made = attestation();
      await present(made, honestProof(made));
    },
    () => present(honest, proof(honest)),
    () => present(honest, proof(honest)),
    () => presentMac(macProof()),
    () => {
      const token = random.oneIn(2) ? attestation() : proof(honest);
      const read = typed(() => decodeAttestation(token));
      agree("decodeAttestation", token, read !== void 0, readReferenceJws(token, 6144) !== void 0);
      if (read) same("decodeAttestation", token, read.payload, readReferenceJws(token, 6144)?.payload);
    },
    () => {
      const bytes = mutateJson(random.oneIn(2) ? honestPayload : segment(random.pick(attestations), 1), random);
      const depth = random.pick([16, 16, 64]);
      const read = typed(() => decodeStrictJson(bytes, depth));
      const reference = readReferenceJson(bytes, depth);
      agree("decodeStrictJson", bytes, read !== void 0 && read.problem === void 0, reference !== void 0);
      if (read && read.problem === void 0) same("decodeStrictJson", bytes, read.value, reference);
    },
    () => {
      const text = mutateToken(random.pick(attestations).split(".")[random.below(3)] ?? "", random);
      agree(
        "decodeBase64url",
        text,
        typed(() => decodeBase64url(text)) !== void 0,
        readReferenceBase64url(text) !== void 0
      );
    },
    async () => {
      const jwk = random.pick(Object.values(configuration.keys).flatMap(({ keys }) => keys));
      const read = readReferenceJson(mutateJson(JSON.stringify(jwk), random), 16);
      if (read === void 0) return;
      const mutated = plain(read);
      try {
        await importVerificationKey(mutated);
      } catch (error) {
        if (!(error instanceof AttestationError)) fail("importVerificationKey threw untyped", mutated);
      }
    },
    async () => {
      const read = readReferenceJson(mutateJson(JSON.stringify(REQUEST.params), random), 64);
      if (!(read instanceof Map)) return;
      const params = plain(read);
      const digest = await typed(() => messageDigest({ kind: "message", method: "m", params }));
      const canonical = referenceCanonical({ method: "m", params });
      if (digest !== (canonical === void 0 ? void 0 : hash(canonical))) fail("another digest", params);
    }
  ];
  function typed(read) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof AttestationError)) fail(`an untyped throw: ${error}`);
      return void 0;
    }
  }
  function agree(reader, input, ours, reference) {
    if (ours && !reference) fail(`${reader} accepted what the reference refuses`, input);
    else if (!ours && reference) fail(`${reader} refused what the reference reads`, input);
    else if (ours) report2.agreed++;
  }
  function same(reader, input, ours, reference) {
    if (reference === void 0 || JSON.stringify(ours) !== JSON.stringify(plain(reference)))
      fail(`${reader} read another value`, input);
  }
  while (!until(report2) && report2.failures.length < 10) {
    report2.executions++;
    if (report2.executions % RENEW_AFTER === 0) {
      verifier = await verifierOf(configuration, () => NOW);
      ringed = await verifierOf(macs.configuration, () => NOW);
    }
    try {
      await random.pick(executions)();
    } catch (error) {
      fail(`an untyped throw: ${error instanceof Error ? error.stack : error}`);
    }
  }
  return report2;
}
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  return value;
}

// proof/fuzz.ts
var { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { seconds: { type: "string", default: "20" }, seed: { type: "string" } }
});
var seconds = Number(values.seconds);
var seed = values.seed === void 0 ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("--seconds must be a positive number, --seed an integer");
  process.exit(2);
}
console.info(`seed ${seed}, ${seconds} s`);
var end = performance.now() + seconds * 1e3;
var report = await fuzz(seed, () => performance.now() >= end);
for (const failure of report.failures) console.error(failure);
console.info(
  `${report.executions} executions, ${report.agreed} inputs accepted by both sides (${report.verified} attested requests verified), ${report.failures.length} failures`
);
if (report.failures.length > 0) process.exitCode = 1;
//# sourceMappingURL=fuzz.js.map