// JWKs of an issuer's set: which become keys to verify by, and which are refused (K2–K4, K6).
import { agentP256, authority, authorityP256, stranger } from "./common/baseline.mjs";
import { base64url } from "./common/bytes.mjs";
import { show } from "./common/changes.mjs";
import { thumbprint, UNSAFE_POINTS } from "./common/test-keys.mjs";

export function vectors() {
  const list = [];
  const put = (title, requirements, keys, expected) =>
    list.push({ title: `Key: ${title}`, requirements, keys, expected });
  const good = (title, requirements, jwk, ...before) =>
    put(title, requirements, [...before, jwk], { outcome: "accepted", thumbprint: thumbprint(jwk) });
  const bad = (title, requirements, code, jwk, ...before) =>
    put(title, requirements, [...before, jwk], { outcome: "refused", code });
  const ed = authority.jwk;
  const ec = authorityP256.jwk;

  good("Ed25519", [], ed);
  for (const alg of ["EdDSA", "Ed25519"]) good(`Ed25519 with \`alg\` ${alg}`, ["K6"], { ...ed, alg });
  good("Ed25519 for signatures", ["K6"], { ...ed, use: "sig", key_ops: ["verify"] });
  good("Ed25519 with members that nobody knows", ["T5"], { ...ed, x5u: "https://evil.example", ext: true });
  good("P-256", [], ec);
  good("P-256 with `alg` ES256", ["K6"], { ...ec, alg: "ES256" });
  good("another of the same issuer", ["K4"], stranger.jwk, ed);

  bad("one `kid` for two keys", ["K4"], "ERR_KEY_DUPLICATE", { ...stranger.jwk, kid: ed.kid }, ed);
  bad("one `kid` for the same key twice", ["K4"], "ERR_KEY_DUPLICATE", ed, ed);
  bad("one `kid` for keys of two types", ["K4"], "ERR_KEY_DUPLICATE", { ...ec, kid: ed.kid }, ed);
  for (const [name, point] of UNSAFE_POINTS) bad(name, ["K2"], "ERR_KEY_WEAK", { ...ed, x: base64url(point) });
  for (const member of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
    bad(`\`${member}\` in a public key`, ["K3"], "ERR_KEY_PRIVATE", {
      ...ed,
      [member]: base64url(Buffer.alloc(32, 1)),
    });
  bad("an empty `d`", ["K3"], "ERR_KEY_PRIVATE", { ...ed, d: "" });
  bad("null for `d`", ["K3"], "ERR_KEY_PRIVATE", { ...ec, d: null });
  bad("a symmetric key", ["K3"], "ERR_KEY_PRIVATE", { kty: "oct", kid: "k", k: "c2VjcmV0" });
  for (const jwk of [
    { kty: "RSA", n: "AQAB", e: "AQAB" },
    { ...ed, kty: "okp" },
    { ...ed, crv: "ed25519" },
    { ...ed, crv: "Ed448" },
    { ...ed, crv: "X25519" },
    { ...ec, crv: "P-384" },
    { ...ec, crv: "P-521" },
    { ...ec, crv: "secp256k1" },
    { ...ed, kty: "EC" },
    { ...ec, kty: "OKP" },
    { ...ed, kty: undefined },
    { ...ed, crv: undefined },
    { ...ed, kty: 1 },
    { ...ed, kty: ["OKP"] },
    { ...ed, kty: "__proto__" },
    {},
  ]) {
    bad(`${show({ kty: jwk.kty, crv: jwk.crv })}, which is no type of ours`, ["K6"], "ERR_KEY_UNSUPPORTED", jwk);
  }
  for (const [what, jwk] of [
    ["`use` for encryption", { ...ed, use: "enc" }],
    ["an empty `use`", { ...ed, use: "" }],
    ["null for `use`", { ...ed, use: null }],
    ["`alg` of P-256 for Ed25519", { ...ed, alg: "ES256" }],
    ["`alg` of Ed25519 for P-256", { ...ec, alg: "Ed25519" }],
    ["`alg` none", { ...ed, alg: "none" }],
    ["`alg` HS256", { ...ed, alg: "HS256" }],
    ["`alg` in another case", { ...ed, alg: "EDDSA" }],
    ["`key_ops` for signing", { ...ed, key_ops: ["sign"] }],
    ["no `key_ops` at all", { ...ed, key_ops: [] }],
    ["a text for `key_ops`", { ...ed, key_ops: "verify" }],
    ["no `kid`", { ...ed, kid: undefined }],
    ["an empty `kid`", { ...ed, kid: "" }],
    ["a number for `kid`", { ...ed, kid: 1 }],
    ["a NUL in `kid`", { ...ed, kid: "a\u0000" }],
    ["a `kid` too long", { ...ed, kid: "k".repeat(257) }],
    ["no `x`", { ...ed, x: undefined }],
    ["a number for `x`", { ...ed, x: 1 }],
    ["padding in `x`", { ...ed, x: `${ed.x}=` }],
    ["31 bytes in `x`", { ...ed, x: base64url(Buffer.alloc(31, 9)) }],
    ["33 bytes in `x`", { ...ed, x: base64url(Buffer.alloc(33, 9)) }],
    ["stray bits in `x`", { ...ed, x: base64url(Buffer.alloc(32, 8)).replace(/.$/, "h") }],
    ["the other alphabet in `x`", { ...ed, x: base64url(Buffer.alloc(32, 255)).replaceAll("_", "/") }],
    ["white space in `x`", { ...ed, x: ` ${ed.x.slice(1)}` }],
    ["no `y`", { ...ec, y: undefined }],
    ["a point that is not on P-256", { ...ec, y: agentP256.jwk.y }],
    ["the point at zero of P-256", { ...ec, x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) }],
    [
      "coordinates beyond the field of P-256",
      { ...ec, x: base64url(Buffer.alloc(32, 255)), y: base64url(Buffer.alloc(32, 255)) },
    ],
    ["a short coordinate", { ...ec, x: base64url(Buffer.alloc(31, 1)) }],
  ]) {
    bad(what, ["K6"], "ERR_KEY_FORMAT", jwk);
  }
  for (const jwk of [null, 1, "key", true, [], [ed]])
    bad(`${show(jwk)} in its place`, ["T3", "K6"], "ERR_KEY_FORMAT", jwk);
  return list;
}
