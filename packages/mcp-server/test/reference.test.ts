import {
  AttestationVerifier,
  CAPABILITY,
  InMemoryKeyResolver,
  META_ATTESTATION,
  type PublicJwk,
  type VerifierOptions,
} from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";
import wire from "./fixtures/wire-0.1.0.json" with { type: "json" };

const PROVIDER = "https://api.anthropic.com";
const ENTERPRISE = "https://idp.acme.corp";
let options: VerifierOptions;

beforeEach(async () => {
  const keyResolver = new InMemoryKeyResolver();
  for (const [issuer, { keys }] of Object.entries(wire.jwks)) {
    for (const jwk of keys) await keyResolver.addKey(issuer, jwk as PublicJwk);
  }
  options = {
    trustedIssuers: [{ issuer: PROVIDER, trustLevel: "provider", trustDomains: ["anthropic.com"] }],
    keyResolver,
    audience: wire.audience,
    allowBearer: true,
    clock: () => wire.generatedAt,
  };
});

const initialize = { jsonrpc: "2.0", id: 0, method: "initialize", params: wire.initializeParams };
const list = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/list", params: {} });

describe("tokens of the 0.1.0 reference implementation", () => {
  it("are verified once, with everything they say", async () => {
    const verifier = new AttestationVerifier(options);
    expect(await verifier.verify(wire.tokens.withIntegrity)).toMatchObject({
      verified: true,
      profile: "bearer",
      trustLevel: "provider",
      subject: "spiffe://anthropic.com/model/claude-sonnet-4-20250514",
      identity: { modelFamily: "claude-4", deploymentId: "api-prod-us-east-1" },
      claims: { agentIntegrity: { configHash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) } },
    });
    expect(await verifier.verify(wire.tokens.withIntegrity)).toMatchObject({ reason: "attestation_replay" });
  });

  it("are taken from an enterprise at no more than its configured trust (T22)", async () => {
    const trusted = { issuer: ENTERPRISE, trustDomains: ["acme.com"] } as const;
    const asConfigured = new AttestationVerifier({
      ...options,
      trustedIssuers: [{ ...trusted, trustLevel: "enterprise" }],
    });
    expect(await asConfigured.verify(wire.tokens.enterprise)).toMatchObject({
      verified: true,
      trustLevel: "enterprise",
    });
    const tooHigh = new AttestationVerifier({ ...options, trustedIssuers: [{ ...trusted, trustLevel: "provider" }] });
    expect(await tooHigh.verify(wire.tokens.enterprise)).toMatchObject({ code: "ERR_ATTESTATION_TYPE" });
  });

  it("are refused when made out elsewhere, or to several where that is not allowed (T20)", async () => {
    const verifier = new AttestationVerifier(options);
    expect(await verifier.verify(wire.tokens.otherAudience)).toMatchObject({ code: "ERR_ATTESTATION_AUDIENCE" });
    expect(await verifier.verify(wire.tokens.audienceList)).toMatchObject({ code: "ERR_ATTESTATION_AUDIENCES" });
    const lenient = new AttestationVerifier({ ...options, allowMultipleAudiences: true });
    expect(await lenient.verify(wire.tokens.audienceList)).toMatchObject({ verified: true });
  });

  it("are refused unless bearer attestations are allowed by name (T23)", async () => {
    const verifier = new AttestationVerifier({ ...options, allowBearer: false });
    expect(await verifier.verify(wire.tokens.plain)).toMatchObject({ code: "ERR_BEARER_NOT_ALLOWED" });
  });
});

describe("a client of the 0.1.0 reference implementation", () => {
  it("gets back the members that its own server would have given it", async () => {
    const guard = new AttestationGuard({ ...options, advertiseIssuers: true });
    const decision = await guard.processInitialize(wire.initializeParams);
    expect(decision).toMatchObject({ allowed: true, capability: wire.serverCapabilityAfter.verified });
    const replayed = await guard.processInitialize(wire.initializeParams);
    const { policy, trusted_issuers } = wire.errorResponse.replay.error.data;
    expect(replayed).toMatchObject({
      allowed: false,
      error: { code: -32004, data: { reason: "attestation_replay", policy, trustedIssuers: trusted_issuers } },
    });
  });

  it("is refused with the reference's number when it brings nothing", async () => {
    const guard = new AttestationGuard(options);
    const decision = await guard.processInitialize({ ...wire.initializeParams, capabilities: {} });
    const { code, message } = wire.errorResponse.nothing.error;
    expect(decision).toMatchObject({ allowed: false, error: { code, message } });
  });

  it("is known by what it brought for an hour of the session it opened, and not by its token again (M1)", async () => {
    let now = wire.generatedAt;
    const guard = new AttestationGuard({ ...options, clock: () => now });
    const session = guard.createSession();
    expect(await guard.check(initialize, session)).toMatchObject({
      action: "forward",
      attestation: { profile: "bearer" },
    });
    now += 3599;
    expect(await guard.check(list(1), session)).toMatchObject({
      action: "forward",
      attestation: { profile: "bearer" },
    });
    now += 1;
    expect(await guard.check(list(2), session)).toMatchObject({
      message: { error: { data: { reason: "attestation_expired" } } },
    });
    expect(await guard.check(list(3), guard.createSession())).toMatchObject({
      message: { error: { data: { reason: "attestation_required" } } },
    });
  });

  it("leaves no token in what is dispatched (SPEC-4.21)", async () => {
    const guard = new AttestationGuard(options);
    const decision = await guard.check(initialize, guard.createSession());
    const { token } = wire.initializeParams.capabilities.experimental[CAPABILITY];
    expect(decision.action).toBe("forward");
    expect(JSON.stringify(decision)).not.toContain(token);
    expect(JSON.stringify(decision)).toContain("supported_algorithms");
  });

  it.each(["the message", "HTTP fields"])(
    "brings its token at initialize, and nowhere in %s later (T23)",
    async (where) => {
      const guard = new AttestationGuard(options);
      const { token } = wire.initializeParams.capabilities.experimental[CAPABILITY];
      const _meta = { [META_ATTESTATION]: token };
      const decision =
        where === "the message"
          ? await guard.check({ ...list(1), params: { _meta } })
          : await guard.check(list(1), undefined, { method: "POST", attestation: token });
      expect(decision).toMatchObject({
        action: "reply",
        message: { error: { data: { reason: "attestation_invalid" } } },
      });
    },
  );
});
