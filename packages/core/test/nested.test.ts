import { type AttestationErrorCode, AttestationVerifier, KeyPair, type VerificationResult } from "@attest/core";
import { beforeEach, describe, expect, it } from "vitest";
import { createNestedScene, ENTERPRISE, type NestedScene, without } from "./nested-scene.ts";
import { forge, takeApart } from "./spec-forge.ts";

const NOW = 1_800_000_000;
let now: number;
let scene: NestedScene;
beforeEach(async () => {
  now = NOW;
  scene = await createNestedScene(() => now);
});

const layersOf = (result: VerificationResult) => (result.verified ? result.layers : []);
const codeOf = (result: object) => ("code" in result ? result.code : (result as { outcome: string }).outcome);
/** The provider's attestation with its claims changed, signed by the provider. */
async function altered(change: (payload: Record<string, unknown>) => object, header: object = {}): Promise<string> {
  const token = takeApart(await scene.provider.attest());
  return forge(
    { ...token.header, ...header },
    { ...token.payload, ...change(token.payload) },
    scene.provider.authorityKey,
  );
}
/** An enterprise's attestation around anything, which an honest one would not embed. */
async function around(nested: unknown): Promise<string> {
  const { header, payload } = takeApart(await scene.attest());
  const metadata = { ...(payload["attestation_metadata"] as object), nested_attestation: nested };
  return forge(header, { ...payload, attestation_metadata: metadata }, scene.enterpriseKey);
}

describe("an enterprise's attestation around a provider's", () => {
  it("has two layers, and the enterprise's identity in every member (SPEC-20.7)", async () => {
    const { provider } = scene;
    const nested = await provider.attest({ lifetime: 60 });
    const result = await scene.use(scene.verifier(), await scene.attest({ nested }));
    expect(result).toMatchObject({
      outcome: "verified",
      issuer: ENTERPRISE,
      subject: "spiffe://corp.example/agent/7",
      trustLevel: "enterprise",
      claims: { iss: ENTERPRISE },
      layers: [
        { issuer: ENTERPRISE, trustLevel: "enterprise", subject: "spiffe://corp.example/agent/7" },
        { issuer: provider.issuer, trustLevel: "provider", subject: "spiffe://example.com/model/example-1" },
      ],
    });
  });

  it("expires with the earlier of both (SPEC-20.6)", async () => {
    const nested = await scene.provider.attest({ lifetime: 60 });
    const verifier = scene.verifier();
    const token = await scene.attest({ nested });
    const first = await scene.use(verifier, token);
    expect(first).toMatchObject({ expiresAt: NOW - 5 + 60 });
    now = NOW + 55 + 29;
    expect(codeOf(await scene.use(verifier, token))).toBe("verified");
    now = NOW + 55 + 30;
    expect(codeOf(await scene.use(verifier, token))).toBe("ERR_ATTESTATION_EXPIRED");
  });

  it("is one layer unless the issuer is configured for it (SPEC-20.1)", async () => {
    const token = await around("not even a token");
    expect(codeOf(await scene.use(scene.verifier(), token))).toBe("ERR_ATTESTATION_CLAIMS");
    const carried = await around("a.b.c");
    expect(codeOf(await scene.use(scene.verifier(), carried))).not.toBe("verified");
    const result = await scene.use(scene.verifier({}, { nested: false }), carried);
    expect(result).toMatchObject({ outcome: "verified", layers: [{ issuer: ENTERPRISE }] });
    expect(layersOf(result)).toHaveLength(1);
  });

  it("is not configured for a provider, whose field is not interpreted (SPEC-20.1)", async () => {
    const [own] = scene.provider.verifierOptions.trustedIssuers;
    const options = scene.provider.verifierOptions;
    expect(() => new AttestationVerifier({ ...options, trustedIssuers: [{ ...own, nested: true }] })).toThrow("nested");
    const nested = await around("a.b.c");
    const token = await altered(({ attestation_metadata }) => ({
      attestation_metadata: { ...(attestation_metadata as object), nested_attestation: nested.slice(0, 4096) },
    }));
    expect(codeOf(await scene.use(scene.verifier(), token))).toBe("verified");
  });

  it.each<[string, () => Promise<string>]>([
    ["an issuer that is not trusted", () => altered(() => ({ iss: "https://unknown.example" }))],
    ["an issuer that is trusted as an enterprise", () => scene.attest()],
    ["another typ", () => altered(() => ({}), { typ: "JWT" })],
    ["another alg", () => altered(() => ({}), { alg: "RS256" })],
    ["an alg that its issuer is not configured for", () => altered(() => ({}), { alg: "ES256" })],
    [
      "another version",
      () =>
        altered(({ attestation_metadata }) => ({
          attestation_metadata: { ...(attestation_metadata as object), attestation_version: "9.0.0" },
        })),
    ],
  ])("stands alone if the nested one is of %s (SPEC-20.4)", async (_what, make) => {
    const result = await scene.use(scene.verifier(), await around(await make()));
    expect(result).toMatchObject({ outcome: "verified", issuer: ENTERPRISE });
    expect(layersOf(result)).toHaveLength(1);
  });

  it.each<[AttestationErrorCode, string, (stranger: KeyPair) => Promise<string>]>([
    ["ERR_ATTESTATION_FORMAT", "cannot be read", async () => "garbage"],
    [
      "ERR_ATTESTATION_SIGNATURE",
      "was forged",
      async () => `${(await scene.provider.attest()).slice(0, -20)}AAAAAAAAAAAAAAAAAAAA`,
    ],
    ["ERR_KEY_NOT_FOUND", "names a key that its issuer lacks", () => altered(() => ({}), { kid: "other" })],
    [
      "ERR_ATTESTATION_EXPIRED",
      "has expired",
      () => altered(() => ({ iat: NOW - 400, nbf: NOW - 400, exp: NOW - 100 })),
    ],
    ["ERR_ATTESTATION_LIFETIME", "lives too long", () => altered(() => ({ exp: NOW + 4000 }))],
    ["ERR_CONFIRMATION_KEY", "has no key", () => altered(() => ({ cnf: undefined }))],
    ["ERR_ATTESTATION_AUDIENCE", "is for another server", () => altered(() => ({ aud: "https://other.example" }))],
    ["ERR_TRUST_DOMAIN", "is of another trust domain", () => altered(() => ({ sub: "spiffe://corp.example/agent/7" }))],
    ["ERR_NESTED_KEY", "is for another key", (stranger) => altered(() => ({ cnf: { jwk: stranger.toJwk() } }))],
    [
      "ERR_NESTED_AGENT",
      "is about another model",
      () =>
        altered(({ agent_identity }) => ({ agent_identity: { ...(agent_identity as object), model_version: "x" } })),
    ],
    [
      "ERR_NESTED_TWICE",
      "has one nested itself",
      () =>
        altered(({ attestation_metadata }) => ({
          attestation_metadata: { ...(attestation_metadata as object), nested_attestation: "a.b.c" },
        })),
    ],
    [
      "ERR_ATTESTATION_TYPE",
      "calls itself an enterprise's",
      () =>
        altered(({ attestation_metadata }) => ({
          attestation_metadata: { ...(attestation_metadata as object), attestation_type: "enterprise" },
        })),
    ],
  ])(
    "is refused with %s if the nested one %s, under every policy (SPEC-20.2, SPEC-20.3, SPEC-20.5)",
    async (code, _what, make) => {
      const token = await around(await make(await KeyPair.generate()));
      for (const policy of ["required", "optional"] as const) {
        expect(codeOf(await scene.use(scene.verifier({ policy }), token))).toBe(code);
      }
    },
  );

  it("cannot be assessed if the provider's keys cannot be had: blocking them must not choose who is heard (N2, SPEC-20.5)", async () => {
    const token = await scene.attest({ nested: await scene.provider.attest() });
    const keyResolver = without(scene.keys, scene.provider.issuer);
    expect(await scene.use(scene.verifier({ keyResolver }), token)).toMatchObject({ outcome: "refused" });
    expect(await scene.use(scene.verifier({ keyResolver, policy: "preferred" }), token)).toMatchObject({
      outcome: "unassessed",
      code: "ERR_KEY_SOURCE_UNAVAILABLE",
    });
  });

  it("is read only after it has passed every check of its own (SPEC-20.2)", async () => {
    const token = takeApart(await around("garbage"));
    const asked: string[] = [];
    const verifier = scene.verifier({ isRevoked: ({ iss }) => asked.push(iss ?? "") > 0 });
    const result = await scene.use(verifier, await forge(token.header, token.payload, scene.enterpriseKey));
    expect(codeOf(result)).toBe("ERR_REVOKED");
    expect(asked).toEqual([ENTERPRISE]);
  });

  it("asks for the revocation and keys of each layer with every message, cached or not (SPEC-20.6, T21)", async () => {
    const { provider } = scene;
    const token = await scene.attest({ nested: await provider.attest() });
    const asked: (string | undefined)[] = [];
    let revoked: string | undefined;
    const keyResolver = { resolve: (issuer: string, kid: string) => scene.keys.resolve(issuer, kid) };
    const verifier = scene.verifier({
      keyResolver,
      isRevoked: ({ iss }) => {
        asked.push(iss);
        return iss === revoked;
      },
    });
    expect(codeOf(await scene.use(verifier, token))).toBe("verified");
    expect(codeOf(await scene.use(verifier, token))).toBe("verified");
    expect(asked).toEqual([ENTERPRISE, provider.issuer, ENTERPRISE, provider.issuer]);
    revoked = provider.issuer;
    expect(codeOf(await scene.use(verifier, token))).toBe("ERR_REVOKED");
    revoked = undefined;
    keyResolver.resolve = (issuer, kid) => (issuer === provider.issuer ? undefined : scene.keys.resolve(issuer, kid));
    expect(codeOf(await scene.use(verifier, token))).toBe("ERR_KEY_NOT_FOUND");
  });

  it("asks for the status of each layer at its own issuer, also of a cached one (SPEC-20.6, SPEC-18.8)", async () => {
    const uri = `${scene.provider.issuer}/status`;
    const [own] = scene.provider.verifierOptions.trustedIssuers;
    let answer: "valid" | "revoked" = "valid";
    const asked: string[] = [];
    const corp = {
      issuer: ENTERPRISE,
      trustLevel: "enterprise",
      trustDomains: ["corp.example"],
      nested: true,
    } as const;
    const verifier = scene.verifier({
      trustedIssuers: [{ ...own, statusLists: [uri] }, corp],
      statusSource: {
        check(issuer, { idx }) {
          asked.push(`${issuer} ${idx}`);
          return answer;
        },
      },
    });
    const token = await scene.attest({ nested: await scene.provider.attest({ status: { uri, idx: 5 } }) });
    expect(codeOf(await scene.use(verifier, token))).toBe("verified");
    answer = "revoked";
    expect(codeOf(await scene.use(verifier, token))).toBe("ERR_REVOKED");
    expect(asked).toEqual([`${scene.provider.issuer} 5`, `${scene.provider.issuer} 5`]);
  });

  it("asks the outer layer alone for required claims (SPEC-20.6)", async () => {
    const nested = await scene.provider.attest();
    const verifier = scene.verifier({ requiredClaims: ["agent_identity.deployment_id"] });
    const identity = { ...scene.provider.identity, deploymentId: "d-1" };
    expect(codeOf(await scene.use(verifier, await scene.attest({ nested, identity })))).toBe("verified");
    const inner = await scene.provider.attest({ identity });
    expect(codeOf(await scene.use(verifier, await scene.attest({ nested: inner })))).toBe("ERR_CLAIM_REQUIRED");
  });

  it("needs a proof for an audience of both (SPEC-20.3, SPEC-6.13)", async () => {
    const { audience } = scene.provider;
    const second = "https://server.example/second";
    const verifier = scene.verifier({ audience: [audience, second] });
    const nested = await scene.provider.attest({ audience: second });
    expect(codeOf(await scene.use(verifier, await scene.attest({ nested })))).toBe("ERR_PROOF_AUDIENCE");
    const both = await scene.provider.attest({ audience });
    expect(codeOf(await scene.use(verifier, await scene.attest({ nested: both })))).toBe("verified");
  });
});

describe("an authority", () => {
  it("embeds only what is for the very key and model that it attests (SPEC-20.9)", async () => {
    const stranger = await KeyPair.generate();
    const other = await scene.provider.attest({ confirmationKey: stranger.toJwk() });
    await expect(scene.attest({ nested: other })).rejects.toThrow("nested must be for the key");
    const nested = await scene.provider.attest();
    const identity = { ...scene.provider.identity, modelVersion: "another" };
    await expect(scene.attest({ nested, identity })).rejects.toThrow("same model");
    const twice = await scene.attest({ nested });
    await expect(scene.attest({ nested: twice })).rejects.toThrow("nested attestation of its own");
    await expect(scene.attest({ nested, metadata: { attestationType: "provider" } })).rejects.toThrow("enterprise");
    await expect(scene.attest({ nested, metadata: { nestedAttestation: nested } })).rejects.toThrow("one claim");
  });

  it("embeds bound attestations and nothing else (SPEC-20.9)", async () => {
    const bearer = await scene.provider.attestBearer();
    for (const nested of [bearer, "a.b.c", "", `${await scene.provider.attest()} `, null as never]) {
      await expect(scene.attest({ nested })).rejects.toThrow("nested must be a bound attestation");
    }
    await expect(scene.attest({ nested: "a".repeat(4097) })).rejects.toThrow("4097 characters");
    await expect(
      scene.enterprise.createToken({
        identity: scene.provider.identity,
        bearer: true,
        audience: "https://server.example",
        nested: bearer,
      } as never),
    ).rejects.toThrow();
  });
});
