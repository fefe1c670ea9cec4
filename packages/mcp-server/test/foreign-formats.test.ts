import { EXTENSION, type KeyPair, META_ATTESTATION, META_PROOF, type VerifierOptions } from "@attest/core";
import { AttestationGuard, type GuardDecision, requireAttestation } from "@attest/mcp-server";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ForeignKey,
  foreignKey,
  NOW,
  prove,
  svid,
  trusting,
  WORKLOAD,
  wit,
  workloadKey,
} from "../../core/test/foreign-authority.ts";

let key: ForeignKey;
let witKey: ForeignKey;
let workload: KeyPair;
beforeAll(async () => {
  [key, witKey, workload] = await Promise.all([foreignKey("ES256"), foreignKey("RS256"), workloadKey()]);
});

const guardWith = (options: Partial<VerifierOptions> = {}) =>
  new AttestationGuard({ ...trusting([key.toJwk(), witKey.toJwk("wit-svid")]), ...options });
const plain = (id: number, method = "tools/list") => ({ jsonrpc: "2.0", id, method });
const initialize = (token: unknown) => ({
  ...plain(0, "initialize"),
  params: { capabilities: { experimental: { "security.attestation": { version: "0.1.0", token } } } },
});
const inBand = (id: number, token: string, proof?: string, meta: object = {}) => ({
  ...plain(id),
  params: { _meta: { ...meta, [META_ATTESTATION]: token, ...(proof !== undefined && { [META_PROOF]: proof }) } },
});
const reasonIn = (decision: GuardDecision): unknown =>
  decision.action === "reply"
    ? (decision.message as { error?: { data?: { reason?: string } } }).error?.data?.reason
    : decision.action;
const STATELESS = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": { extensions: { [EXTENSION]: {} } },
};

describe("a JWT-SVID", () => {
  it("opens a session at initialize, and is known there for an hour (SPEC-17.11, SPEC-4.7)", async () => {
    let now = NOW;
    const guard = guardWith({ clock: () => now });
    const session = guard.createSession();
    const opened = await guard.check(initialize(await svid(key)), session);
    expect(opened).toMatchObject({ action: "forward", attestation: { format: "spiffe-jwt-svid", subject: WORKLOAD } });
    expect(JSON.stringify(opened)).not.toContain("token");
    const later = await guard.check(plain(1), session);
    expect(later).toMatchObject({ action: "forward", attestation: { proof: "none", trustLevel: "enterprise" } });
    now = NOW + 3600;
    expect(reasonIn(await guard.check(plain(2), session))).toBe("attestation_expired");
  });

  it("opens one session: a second connection needs a new one (SPEC-17.12, F5)", async () => {
    const guard = guardWith();
    const token = await svid(key);
    expect(await guard.check(initialize(token), guard.createSession())).toMatchObject({ action: "forward" });
    expect(reasonIn(await guard.check(initialize(token), guard.createSession()))).toBe("attestation_replay");
    expect(await guard.check(initialize(await svid(key, { exp: NOW + 301 })), guard.createSession())).toMatchObject({
      action: "forward",
    });
  });

  it("is refused in every other place, in the stateless era too (SPEC-17.11)", async () => {
    const guard = guardWith();
    const fresh = (exp: number) => svid(key, { exp: NOW + exp });
    expect(reasonIn(await guard.check(inBand(1, await fresh(100))))).toBe("attestation_invalid");
    expect(reasonIn(await guard.check(inBand(1, await fresh(101), undefined, STATELESS)))).toBe("attestation_invalid");
    const proof = await prove(await fresh(102), workload);
    expect(reasonIn(await guard.check(inBand(1, await fresh(102), proof)))).toBe("attestation_proof_invalid");
    const http = { method: "POST", attestation: await fresh(103) };
    expect(reasonIn(await guard.check(plain(1), undefined, http))).toBe("attestation_invalid");
    expect(reasonIn(await guard.check(plain(1)))).toBe("attestation_required");
  });

  it("that is revoked, or whose key is withdrawn, ends its session (SPEC-17.11, T21)", async () => {
    const revoked = new Set<string>();
    const guard = guardWith({ isRevoked: ({ sub }) => revoked.has(sub) });
    const session = guard.createSession();
    await guard.check(initialize(await svid(key)), session);
    expect(await guard.check(plain(1), session)).toMatchObject({ action: "forward" });
    revoked.add(WORKLOAD);
    expect(reasonIn(await guard.check(plain(2), session))).toBe("attestation_revoked");
  });

  it("of another agent does not enter a session that one opened (SPEC-17.11, SPEC-4.19)", async () => {
    const guard = guardWith();
    const session = guard.createSession();
    await guard.check(initialize(await svid(key)), session);
    const token = await wit(witKey, workload);
    const answer = await guard.check(inBand(1, token, await proofFor(token)), session);
    expect(reasonIn(answer)).toBe("attestation_invalid");
  });
});

/** The workload's proof for the message that carries it. */
const proofFor = (token: string) =>
  prove(token, workload, { kind: "message", method: "tools/list", params: { _meta: {} } });

describe("a WIT", () => {
  it("is carried and proved with each message as a bound attestation is (SPEC-17.14)", async () => {
    const guard = guardWith();
    const token = await wit(witKey, workload);
    for (const id of [1, 2]) {
      const decision = await guard.check(inBand(id, token, await proofFor(token)));
      expect(decision).toMatchObject({ action: "forward", attestation: { format: "wimse-wit", subject: WORKLOAD } });
      expect(JSON.stringify(decision)).not.toContain(META_PROOF);
    }
  });

  it("is refused without a proof, and at initialize as a bearer token (SPEC-17.14, F3)", async () => {
    const guard = guardWith();
    const token = await wit(witKey, workload);
    expect(reasonIn(await guard.check(inBand(1, token)))).toBe("attestation_proof_invalid");
    expect(reasonIn(await guard.check(initialize(token), guard.createSession()))).toBe("attestation_proof_invalid");
  });
});

describe("a demand", () => {
  it("for a trust level or an issuer is met by what is configured, one for a model or safety level is not (SPEC-17.17)", async () => {
    const guard = guardWith();
    const session = guard.createSession();
    const claims = { safety_level: "enhanced", agent_integrity: { config_hash: "x" } };
    await guard.check(initialize(await svid(key, claims)), session);
    const decision = await guard.check({ ...plain(1, "tools/call"), params: { name: "t" } }, session);
    if (decision.action !== "forward") throw new Error("refused");
    const context = (decision.message as { params: { _meta: object } }).params;
    const called = (demand: Parameters<typeof requireAttestation>[0]) =>
      requireAttestation(demand, () => "called")(context as never);
    expect(await called({ minTrustLevel: "enterprise", issuer: "https://spire.prod.example" })).toBe("called");
    for (const demand of [
      { minTrustLevel: "provider" },
      { issuer: "https://oidc.prod.example" },
      { check: ({ claims }) => claims.attestationMetadata?.safetyLevel === "enhanced" },
      { check: ({ claims }) => claims.agentIntegrity !== undefined },
      { check: ({ identity }) => identity?.modelFamily !== undefined },
    ] satisfies Parameters<typeof requireAttestation>[0][]) {
      await expect(async () => called(demand)).rejects.toMatchObject({ code: expect.anything() });
    }
  });
});
