// @attest/jwks: an authority with rotating keys publishes them, and a verifier fetches them over HTTP.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { AttestationIssuer, AttestationVerifier, createProof, KeyPair } from "@attest/core";
import { HttpKeyResolver, RotatingKeyStore } from "@attest/jwks";
import { createNodeJwksHandler, FileKeyStorage } from "@attest/jwks/node";

const issuer = "https://authority.example";
const audience = "https://server.example/mcp";
const store = await RotatingKeyStore.open({
  storage: new FileKeyStorage(join(mkdtempSync("jwks-"), "keys")),
});
const server = createServer(createNodeJwksHandler(store)).listen(0, "127.0.0.1");
await once(server, "listening");

const jwksUri = `http://127.0.0.1:${server.address().port}/jwks.json`;
const onNode = !("Deno" in globalThis || "Bun" in globalThis);
const client = onNode ? { allowPrivateNetwork: true } : { fetch, allowUncheckedAddresses: true };
const keyResolver = new HttpKeyResolver({ issuers: { [issuer]: { jwksUri } }, allowInsecureHttp: true, ...client });
const trustedIssuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }];
const verifier = new AttestationVerifier({ trustedIssuers, keyResolver, audience });
const request = { kind: "message", method: "tools/list", params: {} };

async function verdict(authorityKey) {
  const provider = new AttestationIssuer({ issuer, signer: authorityKey });
  const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
  const signer = await KeyPair.generate();
  const attestation = await provider.createToken({ identity, confirmationKey: signer.toJwk() });
  const proof = await createProof({ attestation, signer, audience, request });
  const result = await verifier.verify(attestation, { ...request, proof });
  return result.code ?? result.outcome;
}

assert.equal(await verdict(store), "verified");
assert.equal(await verdict(await KeyPair.generate()), "ERR_KEY_NOT_FOUND");
server.close();
console.log("keys fetched, an unknown key refused");
process.exit(0);
