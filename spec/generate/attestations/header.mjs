// The header: `alg`, `typ` and `kid`.
import { createHmac, createPublicKey } from "node:crypto";
import { authority, authorityP256 } from "../common/baseline.mjs";
import { BY_P256, show } from "../common/changes.mjs";
import { FOREIGN_ALGS, FOREIGN_TYPS } from "../common/foreign.mjs";
import { refused } from "../common/presentations.mjs";
import { zeros } from "../common/signatures.mjs";
import { attestation, proof } from "../common/tokens.mjs";

/** An HMAC over the signing input, keyed with something public: what algorithm confusion would verify. */
function hmacWith(secret, hash) {
  const sign = (data) => {
    const mac = createHmac(hash, secret).update(data).digest();
    return Buffer.concat([mac, Buffer.alloc(64)]).subarray(0, 64);
  };
  return { ...authority, sign };
}

export function addCases({ put, bad }) {
  bad(
    "Ed25519, of an issuer that is configured for ES256 alone",
    ["T2"],
    "ERR_ATTESTATION_ALG",
    {},
    { verifier: "p256-only" },
  );
  for (const [alg, requirement] of FOREIGN_ALGS)
    bad(`\`alg\` ${show(alg)}`, [requirement], "ERR_ATTESTATION_ALG", { header: { alg } });
  bad("`alg` EdDSA, which only bearer attestations may have", ["T1"], "ERR_ATTESTATION_ALG", {
    header: { alg: "EdDSA" },
  });
  bad("`alg` none and no bytes that sign", ["T1"], "ERR_ATTESTATION_ALG", {
    header: { alg: "none" },
    signature: zeros,
  });
  bad("ES256, from an issuer that is not configured for it", ["T1", "T2"], "ERR_ATTESTATION_ALG", BY_P256);
  const spki = createPublicKey(authority.privateKey).export({ format: "pem", type: "spki" });
  for (const [name, secret] of [
    ["raw public key", Buffer.from(authority.jwk.x, "base64url")],
    ["public JWK", JSON.stringify(authority.jwk)],
    ["public key in PEM", spki],
  ]) {
    for (const [alg, hash] of [
      ["HS256", "sha256"],
      ["HS512", "sha512"],
    ]) {
      bad(`${alg} keyed with the ${name}`, ["T2"], "ERR_ATTESTATION_ALG", {
        header: { alg },
        key: hmacWith(secret, hash),
      });
    }
    bad(`an HMAC keyed with the ${name} as an Ed25519 signature`, ["T2"], "ERR_ATTESTATION_SIGNATURE", {
      key: hmacWith(secret, "sha512"),
    });
  }
  bad(
    "Ed25519 by the name of a P-256 key",
    ["T2"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { kid: authorityP256.kid }, key: authorityP256 },
    { verifier: "p256" },
  );
  bad(
    "ES256 by the name of an Ed25519 key",
    ["T2"],
    "ERR_ATTESTATION_SIGNATURE",
    { header: { alg: "ES256" } },
    { verifier: "p256" },
  );
  for (const typ of FOREIGN_TYPS) bad(`\`typ\` ${show(typ)}`, ["T9"], "ERR_ATTESTATION_TYP", { header: { typ } });
  bad("`typ` of a bearer attestation", ["T24"], "ERR_BEARER_NOT_ALLOWED", { header: { typ: "JWT" } });
  put("a proof in its place", ["T9"], refused("ERR_ATTESTATION_TYP"), proof(attestation()));
  for (const kid of [undefined, "", "a b", "authority\u0000", "authority\n", "аuthority", "k".repeat(257)]) {
    bad(`\`kid\` ${show(kid)}`, ["T6"], "ERR_ATTESTATION_HEADER", { header: { kid } });
  }
  for (const kid of [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "/dev/null",
    "'OR'1'='1",
    "authority'--",
    "$(id)",
    "|id",
    "https://evil.example/key",
    "Authority",
    "AUTHORITY",
    "authorit",
    "authority1",
    "*",
    ".*",
    "__proto__",
    "constructor",
    "toString",
    "k".repeat(256),
  ]) {
    bad(`\`kid\` ${show(kid)}`, ["T6"], "ERR_KEY_NOT_FOUND", { header: { kid } });
  }
}
