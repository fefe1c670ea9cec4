// What a gateway asserts to the server behind it, and what that server makes of it (SPEC section 22).
import { NOW } from "./common/baseline.mjs";
import { base64url, sha256 } from "./common/bytes.mjs";
import { ed25519Key, es256Key } from "./common/test-keys.mjs";

const GATEWAY = "https://gateway.example";
const UPSTREAM = "https://bank.internal/mcp";
const gateway = ed25519Key("gateway");
const gatewayP256 = es256Key("gateway-p256");
const other = ed25519Key("another gateway", "gateway");

export const verifiers = {
  default: { issuer: GATEWAY, audience: UPSTREAM, keys: { keys: [gateway.jwk, { ...gatewayP256.jwk, alg: "ES256" }] } },
};

const BODY = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}';
const REQUEST = { method: "POST", body: base64url(BODY), sessionId: "up-1", accessToken: "token-1" };
const CLAIMS = {
  iss: GATEWAY,
  aud: UPSTREAM,
  iat: NOW,
  exp: NOW + 30,
  jti: "1c9f0f6e-0f5b-4c7e-9a53-8f7b1b7d1e01",
  htm: "POST",
  body_digest: sha256(BODY),
  session: "up-1",
  ath: sha256("token-1"),
  sub: "spiffe://example.com/model/example-1",
  issuer: "https://authority.example",
  trust_level: "provider",
  agent_identity: { model_family: "example", model_version: "example-1", provider: "example" },
  key_thumbprint: sha256("a key"),
  proof: "signature",
};
const HEADER = { alg: "EdDSA", typ: "agent-attestation-verified+jwt", kid: "gateway" };

const signed = (header, claims, key = gateway) => {
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${input}.${base64url(key.sign(input))}`;
};

export function vectors() {
  const list = [];
  const of =
    (outcome) =>
    (title, { header, claims, key, request, time = NOW, field } = {}) => {
      const written = { ...CLAIMS, ...claims };
      const token = field === undefined ? signed({ ...HEADER, ...header }, written, key) : field;
      const sent = { ...REQUEST, ...request };
      list.push({
        title: `Assertion: ${title}`,
        requirements: ["G3"],
        verifier: "default",
        time,
        field: token,
        request: Object.fromEntries(Object.entries(sent).filter(([, value]) => value !== null)),
        outcome,
        ...(outcome === "verified" && { sub: written.sub, issuer: written.issuer, trust_level: written.trust_level }),
      });
    };
  const [good, bad] = [of("verified"), of("refused")];
  good("for a tool call");
  good("with the algorithm's other name", { header: { alg: "Ed25519" } });
  good("by a P-256 key", { header: { alg: "ES256", kid: "gateway-p256" }, key: gatewayP256 });
  good("in its last second", { time: NOW + 30 });
  good("by a clock that is 5 seconds ahead", { time: NOW - 5 });
  good("without session and access token", {
    claims: { session: undefined, ath: undefined },
    request: { sessionId: null, accessToken: null },
  });
  good("for a GET", {
    claims: { htm: "GET", body_digest: sha256(""), ath: undefined },
    request: { method: "GET", body: "", accessToken: null },
  });
  good("of a bearer attestation", { claims: { key_thumbprint: undefined, proof: "none" } });
  good("with claims that are not known", { claims: { hint: 1 } });
  of("nobody")("that is not there", { field: null });
  bad("after its time", { time: NOW + 61 });
  bad("long before its time", { time: NOW - 61 });
  bad("that lives too long", { claims: { exp: NOW + 31 } });
  bad("without an end", { claims: { exp: undefined } });
  bad("without a beginning", { claims: { iat: undefined } });
  bad("without an identifier", { claims: { jti: undefined } });
  bad("of another gateway", { claims: { iss: "https://other.example" } });
  bad("for another server", { claims: { aud: "https://other.internal/mcp" } });
  bad("for several servers", { claims: { aud: [UPSTREAM, "https://other.internal/mcp"] } });
  bad("by another key", { key: other });
  bad("by a key that is not known", { header: { kid: "other" } });
  bad("that is another kind of JWT", { header: { typ: "agent-attestation+jwt" } });
  bad("that says nothing of its kind", { header: { typ: undefined } });
  bad("without a signature", { header: { alg: "none" }, key: { sign: () => "" } });
  bad("with a symmetric algorithm", { header: { alg: "HS256" } });
  bad("with an algorithm that is not its key's", { header: { alg: "ES256" } });
  bad("for another method", { request: { method: "DELETE" } });
  bad("for another body", { request: { body: base64url(BODY.replace("add", "admin")) } });
  bad("for another session", { request: { sessionId: "up-2" } });
  bad("for a session, in a request without one", { request: { sessionId: null } });
  bad("without a session, in a request with one", { claims: { session: undefined } });
  bad("for another access token", { request: { accessToken: "token-2" } });
  bad("without an access token, in a request with one", { claims: { ath: undefined } });
  bad("without who was verified", { claims: { sub: undefined } });
  bad("that is no JWT", { field: "verified" });
  bad("that is empty", { field: "" });
  bad("of which there are two", { field: `${signed(HEADER, CLAIMS)}, ${signed(HEADER, CLAIMS)}` });
  return list;
}
