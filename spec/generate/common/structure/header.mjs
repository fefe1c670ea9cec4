// Members that a header must not have, or not with such a value.
import { base64url } from "../bytes.mjs";
import { insert } from "../changes.mjs";

export function addCases(add) {
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
}
