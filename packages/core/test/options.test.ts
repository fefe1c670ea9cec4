import {
  AttestationIssuer,
  type AttestationRequest,
  AttestationVerifier,
  createProof,
  InMemoryReplayCache,
  KeyPair,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeAll, describe, expect, it } from "vitest";

let authority: TestAuthority;
const request = { kind: "message", method: "tools/call" } as const;
const trusted = { issuer: "https://authority.example", trustLevel: "provider", trustDomains: ["example.com"] };

/** An error that is meant for whoever wrote the options, and names the one that is wrong. */
const naming = (option: string) =>
  expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(option) });

beforeAll(async () => {
  authority = await createTestAuthority();
});

describe("a verifier's options", () => {
  it.each<[string, object]>([
    ["maxLifetime", { maxLifetime: 60 }],
    ["maxLifetime", { maxLifetime: null }],
    ["maxLifetime", { maxLifetime: [60, 60] }],
    ["attestations", { maxLifetime: { attestations: 60 } }],
    ["maxLifetime.attestation", { maxLifetime: { attestation: null } }],
    ["isRevoked", { isRevoked: true }],
    ["isRevoked", { isRevoked: null }],
    ["clock", { clock: null }],
    ["trustedIssuers", { trustedIssuers: [null] }],
    ["trustedIssuers", { trustedIssuers: ["https://authority.example"] }],
    ["trustedIssuers", { trustedIssuers: { 0: trusted, length: 1 } }],
    ["algorithm", { trustedIssuers: [{ ...trusted, algorithm: ["ES256"] }] }],
    ["requiredClaims", { requiredClaims: "cnf" }],
    ["requiredClaims", { requiredClaims: null }],
    ["requiredClaims", { requiredClaims: [null] }],
    ["requiredClaims", { requiredClaims: [undefined] }],
    ["proofAlgorithms", { proofAlgorithms: null }],
    ["clockTolerance", { clockTolerance: null }],
    ["replayCache", { replayCache: null }],
    ["observer", { observer: true }],
    ["observer", { observer: null }],
    ["observer", { observer: {} }],
    ["observer", { observer: { onEvent: () => {}, onStart: true } }],
  ])("are refused when they are of no use, naming %s: %j", (option, wrong) => {
    expect(() => new AttestationVerifier({ ...authority.verifierOptions, ...wrong })).toThrow(naming(option));
  });

  it.each<[string, object, RegExp]>([
    ["an address without a scheme", { audience: "bank.example/mcp" }, /such as https:.*without a scheme/],
    ["a replay cache of one process", { instances: "multiple" }, /Use RedisReplayCache.*scope `shared`/],
    [
      "an issuer whose keys are nowhere",
      { trustedIssuers: [{ ...trusted, issuer: "https://authority.example/" }] },
      /addKey.*byte for byte; the resolver knows https:\/\/authority\.example$/,
    ],
  ])("say what to do about %s", (_, wrong, message) => {
    expect(() => new AttestationVerifier({ ...authority.verifierOptions, ...wrong })).toThrow(message);
  });

  it("may be limits of one format alone", () => {
    const maxLifetimeOf = (maxLifetime: VerifierOptions["maxLifetime"] & object) =>
      Object.fromEntries(
        new AttestationVerifier({ ...authority.verifierOptions, maxLifetime }).configuration.maxLifetime,
      );
    expect(maxLifetimeOf({ attestation: 60 })).toEqual({ attestation: 60, bearer: 900 });
    expect(maxLifetimeOf({ bearer: 60 })).toEqual({ attestation: 3600, bearer: 60 });
    expect(maxLifetimeOf({})).toEqual({ attestation: 3600, bearer: 900 });
  });

  it("may be an object with methods: isRevoked is called as one of it (T21)", async () => {
    class Options {
      readonly #revoked = new Set(["spiffe://example.com/model/example-1"]);
      isRevoked({ sub }: { sub: string }): boolean {
        return this.#revoked.has(sub);
      }
    }
    const verifier = new AttestationVerifier(Object.assign(new Options(), authority.verifierOptions));
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    expect(await verifier.verify(attestation, { proof, ...request })).toMatchObject({ code: "ERR_REVOKED" });
  });
});

describe("an authority's options", () => {
  const make = (options?: object) => new AttestationIssuer(options as never);
  const issuer = "https://authority.example";

  it.each<[string, (() => object) | undefined]>([
    ["options", undefined],
    ["signer", () => ({ issuer })],
    ["signer", () => ({ issuer, signer: null })],
    ["signer", () => ({ issuer, signer: "key" })],
    ["signer", () => ({ issuer, signer: {} })],
    ["signer", () => ({ issuer, signer: { current: 1 } })],
    ["issuer", () => ({ signer: authority.authorityKey })],
    ["clock", () => ({ issuer, signer: authority.authorityKey, clock: 0 })],
    ["lifetime", () => ({ issuer, signer: authority.authorityKey, lifetime: 60 })],
  ])("are refused at construction, naming %s (%#)", (option, options) => {
    expect(() => make(options?.())).toThrow(naming(option));
  });

  it("may have a store that says which signer is current", async () => {
    const provider = make({ issuer, signer: { current: () => authority.authorityKey } });
    const { identity, agentKey } = authority;
    expect(await provider.createToken({ identity, confirmationKey: agentKey.toJwk() })).toMatch(/^[\w.-]+$/);
  });

  it("are told when that store has no signer", async () => {
    const provider = make({ issuer, signer: { current: () => undefined } });
    const { identity, agentKey } = authority;
    const asking = provider.createToken({ identity, confirmationKey: agentKey.toJwk() });
    await expect(asking).rejects.toEqual(naming("signer"));
  });

  it.each([
    ["audiance", { audiance: "https://server.example/mcp" }],
    ["liftime", { liftime: 60 }],
    ["confirmation_key", { confirmation_key: {} }],
  ])("are refused with an attestation's, naming %s", async (option, wrong) => {
    const { identity, agentKey, provider } = authority;
    const asking = provider.createToken({
      identity,
      confirmationKey: agentKey.toJwk(),
      ...wrong,
    } as AttestationRequest);
    await expect(asking).rejects.toEqual(naming(option));
  });

  it.each<[string, object]>([
    ["identity.modelFamilly", { identity: { modelFamilly: "example" } }],
    ["identity.enterprise.orgID", { identity: { enterprise: { orgID: "acme" } } }],
    ["integrity.config_hash", { integrity: { config_hash: `sha256:${"0".repeat(64)}` } }],
    ["metadata.saftyLevel", { metadata: { saftyLevel: "enhanced" } }],
    ["integrity", { integrity: `sha256:${"0".repeat(64)}` }],
    ["metadata", { metadata: null }],
    ["identity.enterprise", { identity: { enterprise: "acme" } }],
  ])("are refused within what is to be attested, naming %s", async (option, wrong) => {
    const { identity, agentKey, provider } = authority;
    const about = { ...wrong, identity: { ...identity, ...(wrong as { identity?: object }).identity } };
    const asking = provider.createToken({ ...about, confirmationKey: agentKey.toJwk() } as AttestationRequest);
    await expect(asking).rejects.toEqual(naming(option));
  });

  it.each([undefined, null, "an agent"])("are refused when an attestation has none: %j", async (wrong) => {
    await expect(authority.provider.createToken(wrong as never)).rejects.toEqual(naming("options"));
  });
});

describe("other options that are misspelt", () => {
  it("are refused by a replay cache, which would hold more than it was told", () => {
    expect(() => new InMemoryReplayCache({ maxEntry: 10 } as never)).toThrow(naming("maxEntry"));
    expect(() => new InMemoryReplayCache(null as never)).toThrow(naming("options"));
  });

  it("are refused by a new key, which would be of another kind", async () => {
    await expect(KeyPair.generate({ alg: "ES256" } as never)).rejects.toEqual(naming("alg"));
  });

  it("are refused by a proof, which would cover less", async () => {
    const attestation = await authority.attest();
    const { agentKey: signer, audience } = authority;
    const proving = createProof({ attestation, signer, audience, request, session: "s" } as never);
    await expect(proving).rejects.toEqual(naming("session"));
    await expect(createProof(undefined as never)).rejects.toEqual(naming("options"));
  });

  it("are refused by a test's authority, which would go by another clock", async () => {
    await expect(createTestAuthority({ now: () => 0 } as never)).rejects.toEqual(naming("now"));
  });
});
