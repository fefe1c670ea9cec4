// @attest/authority: a workload shows its secret, proves its key and is attested; a wrong secret gets nothing.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createAuthority, secretEvidence } from "@attest/authority";
import { AttestationVerifier, KeyPair } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";

const SECRET = "secret-of-the-one-workload-here";
const publicUrl = "https://authority.example/";
const audience = "https://server.example/mcp";
const signer = await KeyPair.generate();
const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
const authority = await createAuthority({
  issuer: publicUrl,
  publicUrl,
  signer,
  evidence: { desk: secretEvidence({ sha256: createHash("sha256").update(SECRET).digest("hex") }) },
  rules: [{ name: "workload", default: true, evidence: "desk", attest: { identity } }],
});
await authority.ready();
const keys = [signer.toJwk()];
const trustedIssuers = [{ issuer: publicUrl, trustLevel: "provider", trustDomains: ["example.com"], keys }];
const verifier = new AttestationVerifier({ trustedIssuers, audience });
const request = { kind: "message", method: "tools/list", params: {} };

async function verdict(secret) {
  const fetch = (url, init) => authority.fetch(new Request(url, init));
  const agent = new AttestingAgent({
    source: httpSource(`${publicUrl}attestations`, { credential: () => secret, fetch }),
  });
  const { attestation, proof } = await agent.credentialsFor(audience, request);
  return (await verifier.verify(attestation, { ...request, proof })).outcome;
}

assert.equal(await verdict(SECRET), "verified");
await assert.rejects(verdict("another-secret-of-some-length"), { code: "ERR_SOURCE_UNAVAILABLE" });
console.log("a workload attested, a wrong secret refused");
process.exit(0);
