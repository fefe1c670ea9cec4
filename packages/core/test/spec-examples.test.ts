import { readFileSync } from "node:fs";
import {
  AttestationVerifier,
  createProof,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  type PrivateJwk,
  type ProofRequest,
} from "@attest/core";
import { beforeEach, describe, expect, it } from "vitest";

// spec/examples.json is made by a script that shares no code with this package.
const read = (name: string) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
const examples = JSON.parse(read("spec/examples.json"));
const { call, response, post, initialize, audience, issuer, now } = examples;
const bearer: string = initialize.params.capabilities.experimental["security.attestation"].token;
const utf8 = (text: string) => new TextEncoder().encode(text);

let verifier: AttestationVerifier;
beforeEach(async () => {
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, examples.authorityKey);
  verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: [examples.trustDomain] }],
    keyResolver,
    audience,
    allowBearer: true,
    clock: () => now,
    // Of a process that had been running for a minute.
    replayCache: new InMemoryReplayCache({ clock: () => now - 60 }),
  });
});

const requestOf = ({ method, body, fields }: typeof post) => ({
  proof: fields["Agent-Attestation-Proof"] as string,
  sessionId: fields["Mcp-Session-Id"] as string,
  accessToken: fields["Authorization"].replace("Bearer ", "") as string,
  kind: "http" as const,
  method: method as string,
  body: utf8(body),
});

describe("the worked examples of the specification", () => {
  it.each<[string, () => { proof: string } & ProofRequest]>([
    [
      "a request (SPEC-3.7, SPEC-3.8)",
      () => ({
        proof: call.params._meta["io.github.attest/proof"],
        kind: "message",
        method: call.method,
        params: call.params,
      }),
    ],
    [
      "a response (SPEC-3.7)",
      () => ({
        proof: response.result._meta["io.github.attest/proof"],
        kind: "response",
        id: response.id,
        result: response.result,
      }),
    ],
    ["a POST (SPEC-3.10, SPEC-3.11, SPEC-3.12)", () => requestOf(post)],
    ["a DELETE (SPEC-3.10)", () => requestOf(examples.delete)],
  ])("are verified: %s", async (_, request) => {
    expect(await verifier.verify(examples.attestation, request())).toMatchObject({
      outcome: "verified",
      profile: "bound",
      subject: "spiffe://example.com/model/example-1",
    });
  });

  it("are verified: a request that is proved by a MAC (SPEC-19.6, SPEC-19.7, SPEC-19.13)", async () => {
    const { ticket } = examples;
    const { replayCache } = verifier.configuration;
    const ringed = new AttestationVerifier({
      trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: [examples.trustDomain] }],
      keyResolver: verifier.configuration.keyResolver,
      audience,
      clock: () => now,
      replayCache: { scope: "shared", consume: (use) => replayCache.consume(use) },
      tickets: { ring: [Buffer.from(ticket.ringSecret, "base64url")] },
    });
    expect(await ringed.verify(examples.attestation, requestOf(ticket.post))).toMatchObject({ proof: "mac" });
    const { params } = ticket.asking;
    const proof = params._meta["io.github.attest/proof"];
    const asking = await ringed.verify(examples.attestation, { kind: "message", method: "tools/call", params, proof });
    expect(asking.verified && (await ringed.grantTicket(asking))).toMatchObject({ expires_in: 300 });
  });

  it("are verified: a nested attestation, and a chain (SPEC-20.3, SPEC-20.7, SPEC-21.4, SPEC-21.6)", async () => {
    const { nested, delegation } = examples;
    await (verifier.configuration.keyResolver as InMemoryKeyResolver).addKey(nested.issuer, nested.authorityKey);
    const both = new AttestationVerifier({
      trustedIssuers: [
        { issuer, trustLevel: "provider", trustDomains: [examples.trustDomain] },
        { issuer: nested.issuer, trustLevel: "enterprise", trustDomains: [nested.trustDomain], nested: true },
      ],
      keyResolver: verifier.configuration.keyResolver,
      audience,
      maxDelegationDepth: 1,
      clock: () => now,
      replayCache: verifier.configuration.replayCache,
    });
    const use = (attestation: string, { method, params }: typeof call) =>
      both.verify(attestation, { kind: "message", method, params, proof: params._meta["io.github.attest/proof"] });
    const layered = await use(nested.attestation, nested.call);
    expect(layered.verified && layered.layers).toMatchObject(
      nested.layers.map(({ trust_level: trustLevel, ...layer }: Record<string, string>) => ({ ...layer, trustLevel })),
    );
    const delegated = await use(delegation.chain, delegation.call);
    expect(delegated.verified && delegated.delegation).toMatchObject([
      { name: "reader", allow: { tools: ["list_*"] } },
    ]);
    const { message } = delegation.refused;
    expect(await use(delegation.chain, message)).toMatchObject({ code: "ERR_DELEGATION_SCOPE" });
  });

  it("are verified: a bearer attestation", async () => {
    expect(await verifier.verify(bearer)).toMatchObject({ outcome: "verified", profile: "bearer" });
  });

  it("are digested here as there: the same claims come out for the same message", async () => {
    const signer = await KeyPair.fromJwk(examples.agentKey as PrivateJwk);
    const own = await createProof({
      attestation: examples.attestation,
      signer,
      audience,
      request: { kind: "message", method: call.method, params: call.params },
      clock: () => now,
    });
    const claims = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { jti: _, ...theirs } = claims(call.params._meta["io.github.attest/proof"]);
    expect(claims(own)).toMatchObject(theirs);
  });

  it("are those that the document shows", () => {
    const shown = read("SPEC.md").replaceAll("\n", "");
    const link = examples.delegation.chain.split("~")[1];
    for (const token of [examples.attestation, call.params._meta["io.github.attest/proof"], link]) {
      expect(shown).toContain(token);
    }
  });
});
