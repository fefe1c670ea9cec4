import {
  AttestationIssuer,
  AttestationVerifier,
  createProof,
  InMemoryReplayCache,
  importVerificationKey,
  KeyPair,
} from "@attest/core";
import { expect, it, onTestFinished } from "vitest";
import { HttpStatusSource, revocationBound, type StatusListPublisher } from "../src/index.ts";
import { authority, keyResolver, passingPublishDelay, signer } from "./authority.ts";
import { ISSUER, NOW, URI } from "./signed-lists.ts";

const passPublishDelay = passingPublishDelay();
const AUDIENCE = "https://server.example/mcp";
const TTL = 60;
const call = { kind: "message", method: "tools/call" } as const;
const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

/** An authority with a published list, and a verifier that fetches it, on one clock. */
async function worldOf(options: { staleIfError?: number } = {}) {
  const { open, time } = authority({ ttl: TTL });
  const clock = () => time.now;
  const publisher = await open();
  const issuer = new AttestationIssuer({ issuer: ISSUER, signer, clock, tokenLifetime: 3600 });
  const server = { serve: (url: string) => publisher.handler(new Request(url)) };
  const statusSource = new HttpStatusSource({
    lists: { [ISSUER]: URI },
    keyResolver,
    clock,
    timeoutMs: 1000,
    ...{ fetch: (url: string) => server.serve(url), allowUncheckedAddresses: true, ...options },
  });
  onTestFinished(() => statusSource.close());
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"], statusLists: [URI] }],
    ...{ keyResolver, statusSource, audience: AUDIENCE, allowBearer: true, clock },
    replayCache: new InMemoryReplayCache({ clock: () => NOW - 60 }),
  });
  return { time, clock, publisher, issuer, server, verifier, bound: statusBound(publisher, options.staleIfError ?? 0) };
}

function statusBound({ publishDelay }: StatusListPublisher, staleIfError: number): number {
  return revocationBound({ publishDelay, ttl: TTL, pollInterval: 300, timeoutMs: 1000, staleIfError });
}

/** An agent with an attestation that says its index, as an authority makes one. */
async function agentOf({ publisher, issuer, verifier, clock }: Awaited<ReturnType<typeof worldOf>>, workload: string) {
  const key = await KeyPair.generate();
  const { thumbprint } = await importVerificationKey(key.toJwk());
  const status = await publisher.allocate(thumbprint, { workload });
  const attestation = await issuer.createToken({ identity, confirmationKey: key.toJwk(), status });
  const use = async () => {
    const common = { attestation, signer: key, audience: AUDIENCE, request: call, clock };
    const result = await verifier.verify(attestation, { ...call, proof: await createProof(common) });
    return "code" in result ? result.code : result.outcome;
  };
  return { key, status, use };
}

it("refuses a revoked agent within the bound, though its attestation is cached, and no other (T21, S1, SPEC-18.8)", async () => {
  const world = await worldOf();
  const { time, publisher, bound } = world;
  const revoked = await agentOf(world, "revoked-bot");
  const other = await agentOf(world, "honest-bot");
  expect(bound).toBe(62);
  const revokedAt = NOW + 30;
  let last = 0;
  for (time.now = NOW; time.now <= NOW + 200; time.now++) {
    if (time.now === revokedAt) {
      await publisher.revoke({ workload: "revoked-bot" });
      passPublishDelay();
    }
    expect(await other.use()).toBe("verified");
    const outcome = await revoked.use();
    if (outcome === "verified") last = time.now;
    else expect(outcome).toBe("ERR_REVOKED");
  }
  expect(last).toBeGreaterThanOrEqual(revokedAt);
  expect(last - revokedAt).toBeLessThan(bound);
});

it("refuses everybody once the list cannot be had for as long as it may be used (S1, SPEC-18.7, SPEC-18.10)", async () => {
  for (const staleIfError of [0, 120]) {
    const world = await worldOf({ staleIfError });
    const agent = await agentOf(world, "bot");
    expect(await agent.use()).toBe("verified");
    world.server.serve = async () => new Response(null, { status: 503 });
    world.time.now = NOW + TTL + staleIfError - 1;
    expect(await agent.use()).toBe("verified");
    world.time.now += 1;
    expect(await agent.use()).toBe("ERR_REVOCATION_UNAVAILABLE");
  }
});

it("stays revoked when the list's server goes back to an older list (S1, SPEC-18.9)", async () => {
  const world = await worldOf();
  const { time, publisher, server } = world;
  const agent = await agentOf(world, "bot");
  expect(await agent.use()).toBe("verified");
  const old = await publisher.token();
  time.now += 10;
  await publisher.revoke({ workload: "bot" });
  passPublishDelay();
  time.now += TTL;
  expect(await agent.use()).toBe("ERR_REVOKED");
  server.serve = async () => new Response(old);
  for (let i = 0; i < 200; i++) {
    time.now += 1;
    expect(await agent.use()).toMatch(/^ERR_REVO/);
  }
});

it("takes no list of another issuer at the issuer's URI (S1, SPEC-18.9)", async () => {
  const world = await worldOf();
  const agent = await agentOf(world, "bot");
  const stranger = await KeyPair.generate({ kid: "a" });
  const foreign = await authority({ signer: stranger, issuer: "https://other.example" }).open();
  world.server.serve = (url) => foreign.handler(new Request(url));
  expect(await agent.use()).toBe("ERR_REVOCATION_UNAVAILABLE");
});

it("refuses an index that the list does not have (S1, SPEC-18.7)", async () => {
  const world = await worldOf();
  const key = await KeyPair.generate();
  const request = { identity, confirmationKey: key.toJwk(), status: { uri: URI, idx: 2 ** 17 } };
  const attestation = await world.issuer.createToken(request);
  const common = { attestation, signer: key, audience: AUDIENCE, request: call, clock: world.clock };
  const proof = await createProof(common);
  expect(await world.verifier.verify(attestation, { ...call, proof })).toMatchObject({
    code: "ERR_REVOCATION_UNAVAILABLE",
  });
});

it("ends the session of a bearer attestation that is revoked (SPEC-4.7, SPEC-18.8)", async () => {
  const { publisher, issuer, verifier, time } = await worldOf();
  const status = await publisher.allocate("k".repeat(43), { workload: "old-bot" });
  const attestation = await issuer.createToken({ identity, bearer: true, audience: AUDIENCE, lifetime: 900, status });
  const opened = await verifier.verify(attestation, { kind: "message", method: "initialize" });
  if (!opened.verified) throw new Error(opened.outcome);
  expect(await verifier.recheck(opened)).toBeUndefined();
  await publisher.revoke({ workload: "old-bot" });
  passPublishDelay();
  time.now += TTL + 1;
  expect(await verifier.recheck(opened)).toMatchObject({ code: "ERR_REVOKED" });
});
