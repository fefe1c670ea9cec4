// The key that the agent must hold.
import { agent, agentP256, BOUND_CLAIMS } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import { agentKey, insert, payload, show } from "../common/changes.mjs";
import { thumbprint, UNSAFE_POINTS } from "../common/test-keys.mjs";

export function addCases({ bad }) {
  const claims = (title, requirements, change) => bad(title, requirements, "ERR_ATTESTATION_CLAIMS", change);
  for (const wrong of [
    null,
    "x",
    [],
    {},
    { jkt: thumbprint(agent.jwk) },
    { kid: "agent" },
    { jwk: null },
    { jwk: "x" },
    { jwk: [] },
    { jwk: {} },
  ])
    claims(`\`cnf\` ${show(wrong)}`, ["T24"], payload({ cnf: wrong }));
  for (const change of [
    { kty: undefined },
    { crv: undefined },
    { kty: 1 },
    { x: 1 },
    { x: null },
    { kty: "OKP\u0000" },
  ])
    claims(`a key with ${show(change)}`, ["K6"], agentKey(change));
  const key = (title, requirements, change) => bad(title, requirements, "ERR_CONFIRMATION_KEY", change);
  key("no agent's key", ["T24"], payload({ cnf: undefined }));
  key("the agent's key by its prototype alone", ["T11", "T24"], {
    payload: { cnf: undefined },
    payloadText: insert(`"__proto__":${JSON.stringify({ cnf: BOUND_CLAIMS.cnf })}`),
  });
  key("the agent's private key", ["K3"], agentKey({ d: base64url(Buffer.alloc(32, 1)) }));
  key("an empty private half in the agent's key", ["K3"], agentKey({ d: "" }));
  key("a symmetric key as the agent's", ["K3"], payload({ cnf: { jwk: { kty: "oct", crv: "x", k: "c2VjcmV0" } } }));
  for (const [name, point] of UNSAFE_POINTS)
    key(`an agent's key with ${name}`, ["K2"], agentKey({ x: base64url(point) }));
  for (const [what, change] of [
    ["`use` for encryption", { use: "enc" }],
    ["`key_ops` for signing only", { key_ops: ["sign"] }],
    ["`key_ops` that are no list", { key_ops: "verify" }],
    ["the `alg` of another type", { alg: "ES256" }],
    ["`alg` none", { alg: "none" }],
    ["curve X25519", { crv: "X25519" }],
    ["curve Ed448", { crv: "Ed448" }],
    ["type EC and no `y`", { kty: "EC", crv: "P-256" }],
    ["type RSA", { kty: "RSA", n: "AQAB", e: "AQAB" }],
    ["a type in another case", { kty: "okp" }],
    ["no `x`", { x: undefined }],
    ["31 bytes", { x: base64url(Buffer.alloc(31, 9)) }],
    ["33 bytes", { x: base64url(Buffer.alloc(33, 9)) }],
    ["padding", { x: `${agent.jwk.x}=` }],
    ["stray bits", { x: base64url(Buffer.alloc(32, 8)).replace(/.$/, "h") }],
    ["a `kid` too long", { kid: "k".repeat(257) }],
  ]) {
    (change.kid ? claims : key)(`an agent's key with ${what}`, ["K6"], agentKey(change));
  }
  const curve = agentP256.jwk;
  key(
    "a P-256 key that is not on its curve",
    ["K6"],
    payload({ cnf: { jwk: { kty: "EC", crv: "P-256", x: curve.x, y: curve.x } } }),
  );
  key(
    "a P-256 key at zero",
    ["K6"],
    payload({
      cnf: { jwk: { kty: "EC", crv: "P-256", x: base64url(Buffer.alloc(32)), y: base64url(Buffer.alloc(32)) } },
    }),
  );
  key(
    "a P-384 key",
    ["K6"],
    payload({
      cnf: { jwk: { kty: "EC", crv: "P-384", x: base64url(Buffer.alloc(48, 1)), y: base64url(Buffer.alloc(48, 1)) } },
    }),
  );
}
