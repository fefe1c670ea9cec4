import { AttestationIssuer, type AttestationRequest, AttestationVerifier, computeHash, KeyPair } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { forge, takeApart } from "./spec-forge.ts";

const START = 1_800_000_000;
const request = { kind: "message", method: "ping" } as const;

let now: number;
let authority: TestAuthority;
let lenient: AttestationVerifier;
beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
  lenient = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true });
});

/** How a token ends, with an honest proof for it where its profile has one. */
async function outcomeOf(token: string, verifier = lenient): Promise<string> {
  const bound = takeApart(token).header["typ"] !== "JWT";
  const proof = await authority.prove(token, request);
  const result = await (bound ? verifier.verify(token, { proof, ...request }) : verifier.verify(token));
  return "code" in result ? result.code : result.outcome;
}

/** An honest attestation, altered before it is signed. */
async function altered(
  profile: "bound" | "bearer",
  alter: (token: { header: Record<string, unknown>; payload: Record<string, unknown> }) => void,
): Promise<string> {
  const token = takeApart(await (profile === "bound" ? authority.attest() : authority.attestBearer()));
  alter(token);
  return forge(token.header, token.payload, authority.authorityKey);
}

/** Sets a member, or one of an inner object: `agent_identity.provider`. */
const set = (object: Record<string, unknown>, path: string, value: unknown): void => {
  const [outer = "", inner] = path.split(".");
  object[outer] = inner === undefined ? value : { ...(object[outer] as object), [inner]: value };
};

describe("the envelope", () => {
  it.each([[63], [65], [0]])("is refused with a signature of %i bytes (SPEC-2.1)", async (length) => {
    const [header, payload] = (await authority.attest()).split(".");
    const token = `${header}.${payload}.${Buffer.alloc(length).toString("base64url")}`;
    expect(await outcomeOf(token)).toBe("ERR_ATTESTATION_FORMAT");
  });

  it("is refused one character beyond the limit and looked at up to it (SPEC-2.1)", async () => {
    const padded = (length: number) => "a".repeat(length);
    const codeOf = async (token: string) => {
      const result = await authority.verifier.verify(token, request);
      return "code" in result ? result.code : result.outcome;
    };
    expect(await codeOf(padded(6145))).toBe("ERR_ATTESTATION_SIZE");
    expect(await codeOf(padded(6144))).toBe("ERR_ATTESTATION_FORMAT");
  });

  it.each<[string, string, unknown, string]>([
    ["typ in another case (SPEC-2.3)", "typ", "Agent-Attestation+JWT", "ERR_ATTESTATION_TYP"],
    ["the typ of an access token (SPEC-2.3)", "typ", "at+jwt", "ERR_ATTESTATION_TYP"],
    [
      "a typ with its media type's prefix (SPEC-2.3)",
      "typ",
      "application/agent-attestation+jwt",
      "ERR_ATTESTATION_TYP",
    ],
    ["ES256 from an issuer not configured for it (SPEC-2.4)", "alg", "ES256", "ERR_ATTESTATION_ALG"],
    ["an empty kid (SPEC-2.6)", "kid", "", "ERR_ATTESTATION_HEADER"],
    ["a kid of 257 characters (SPEC-2.6)", "kid", "k".repeat(257), "ERR_ATTESTATION_HEADER"],
    ["a kid with a space (SPEC-2.6)", "kid", "a b", "ERR_ATTESTATION_HEADER"],
  ])("is refused with %s", async (_, member, value, code) => {
    const token = await altered("bound", ({ header }) => set(header, member, value));
    expect(await outcomeOf(token)).toBe(code);
  });

  it("takes ES256 from an issuer that is configured for it (SPEC-2.4)", async () => {
    const key = await KeyPair.generate({ algorithm: "ES256" });
    await authority.keyResolver.addKeyPair(authority.issuer, key);
    const provider = new AttestationIssuer({ issuer: authority.issuer, signer: key, clock: authority.clock });
    const token = await provider.createToken({
      identity: authority.identity,
      confirmationKey: authority.agentKey.toJwk(),
    });
    const [trusted] = authority.verifierOptions.trustedIssuers;
    const trustedIssuers = [{ ...trusted, algorithms: ["Ed25519", "ES256"] }] as const;
    expect(await outcomeOf(token, new AttestationVerifier({ ...authority.verifierOptions, trustedIssuers }))).toBe(
      "verified",
    );
    expect(await outcomeOf(token)).toBe("ERR_ATTESTATION_ALG");
  });

  it.each([
    ["EdDSA", "verified"],
    ["Ed25519", "verified"],
    ["ES256", "ERR_ATTESTATION_ALG"],
    ["eddsa", "ERR_ATTESTATION_ALG"],
  ])("of a bearer attestation with alg %s: %s (SPEC-2.5)", async (alg, outcome) => {
    expect(takeApart(await authority.attestBearer()).header["alg"]).toBe("EdDSA");
    expect(await outcomeOf(await altered("bearer", ({ header }) => set(header, "alg", alg)))).toBe(outcome);
  });
});

describe("the claims", () => {
  it.each([
    ["iss", 7, "ERR_ISSUER_UNTRUSTED"],
    ["sub", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["sub", ["spiffe://example.com/model/x"], "ERR_ATTESTATION_CLAIMS"],
    ["jti", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["jti", "j".repeat(257), "ERR_ATTESTATION_CLAIMS"],
    ["iat", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["iat", -1, "ERR_ATTESTATION_CLAIMS"],
    ["exp", 2 ** 53, "ERR_ATTESTATION_CLAIMS"],
    ["nbf", null, "ERR_ATTESTATION_CLAIMS"],
    ["aud", 7, "ERR_ATTESTATION_CLAIMS"],
    ["aud", [], "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity", [], "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity.model_family", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity.model_version", 4, "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity.provider", "", "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity.deployment_id", null, "ERR_ATTESTATION_CLAIMS"],
    ["agent_identity.enterprise", { org_id: "o", workload_id: "w" }, "ERR_ATTESTATION_CLAIMS"],
    ["attestation_metadata", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["attestation_metadata.attestation_version", undefined, "ERR_ATTESTATION_CLAIMS"],
    ["agent_integrity", "sha256", "ERR_ATTESTATION_CLAIMS"],
    ["cnf", { jwk: "key" }, "ERR_ATTESTATION_CLAIMS"],
  ])("are refused with %s = %j (SPEC-2.7, SPEC-2.8)", async (path, value, code) => {
    expect(await outcomeOf(await altered("bound", ({ payload }) => set(payload, path, value)))).toBe(code);
  });

  it("are rebuilt from what is known: nothing else reaches the result (SPEC-2.9, SPEC-1.1)", async () => {
    const token = await altered("bound", ({ payload }) => {
      set(payload, "trust_level", "provider");
      set(payload, "agent_identity.admin", true);
    });
    const result = await lenient.verify(token, { proof: await authority.prove(token, request), ...request });
    expect(result.outcome).toBe("verified");
    expect(JSON.stringify(result)).not.toMatch(/trust_level|admin/);
  });

  it.each([
    ["no life at all", { exp: START - 5 }, "ERR_ATTESTATION_LIFETIME"],
    ["a life that ends before it begins", { exp: START - 6 }, "ERR_ATTESTATION_LIFETIME"],
    ["the longest life", { exp: START - 5 + 3600 }, "verified"],
    ["one second more", { exp: START - 5 + 3601 }, "ERR_ATTESTATION_LIFETIME"],
  ])("with %s (SPEC-2.10)", async (_, times, outcome) => {
    expect(await outcomeOf(await altered("bound", ({ payload }) => Object.assign(payload, times)))).toBe(outcome);
  });

  it("live as long as a verifier is configured for, and as their profile may (SPEC-2.10)", async () => {
    const maxLifetime = { attestation: 299, bearer: 300 };
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true, maxLifetime });
    expect(await outcomeOf(await authority.attest(), verifier)).toBe("ERR_ATTESTATION_LIFETIME");
    expect(await outcomeOf(await authority.attestBearer(), verifier)).toBe("verified");
    const long = await altered("bearer", ({ payload }) => set(payload, "exp", START - 5 + 901));
    expect(await outcomeOf(long)).toBe("ERR_ATTESTATION_LIFETIME");
  });

  it.each<["bound" | "bearer", string]>([
    ["bound", "0.1.0"],
    ["bound", "0.3.0"],
    ["bearer", "0.2.0"],
  ])("of the %s profile are refused with version %s (SPEC-2.11)", async (profile, version) => {
    const token = await altered(profile, ({ payload }) =>
      set(payload, "attestation_metadata.attestation_version", version),
    );
    expect(await outcomeOf(token)).toBe("ERR_ATTESTATION_VERSION");
  });

  it.each([
    ["attestation_type", "government"],
    ["safety_level", "maximal"],
    ["capabilities_declared", "tools"],
    ["capabilities_declared", [1]],
    ["capabilities_declared", Array(65).fill("tool")],
    ["capabilities_declared", undefined],
  ])("are refused with %s = %j (SPEC-2.12)", async (member, value) => {
    const token = await altered("bound", ({ payload }) => set(payload, `attestation_metadata.${member}`, value));
    expect(await outcomeOf(token)).toBe("ERR_ATTESTATION_CLAIMS");
  });

  it("have digests of one form (SPEC-2.13)", async () => {
    // SHA-256 of "abc", FIPS 180-2 appendix B.1.
    const abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(await computeHash("abc")).toBe(abc);
    for (const member of ["config_hash", "system_prompt_hash"]) {
      const withHash = (hash: string) =>
        altered("bound", ({ payload }) => set(payload, `agent_integrity.${member}`, hash)).then((t) => outcomeOf(t));
      expect(await withHash(abc)).toBe("verified");
      for (const wrong of [abc.toUpperCase(), abc.slice(7), `${abc}0`, abc.replace("sha256", "sha1")]) {
        expect(await withHash(wrong)).toBe("ERR_ATTESTATION_CLAIMS");
      }
    }
  });

  it.each([
    ["spiffe://example.com/model/a.b-c_d", "verified", "verified"],
    ["spiffe://example.com", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["spiffe://example.com/", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["spiffe://example.com/a//b", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["spiffe://example.com/a/..", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["spiffe://Example.com/a", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["spiffe://example.com:443/a", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["SPIFFE://example.com/a", "ERR_ATTESTATION_SUBJECT", "ERR_ATTESTATION_SUBJECT"],
    ["user-7", "ERR_ATTESTATION_SUBJECT", "verified"],
  ])("with the subject %s: bound %s, bearer %s (SPEC-2.14)", async (sub, bound, bearer) => {
    expect(await outcomeOf(await altered("bound", ({ payload }) => set(payload, "sub", sub)))).toBe(bound);
    expect(await outcomeOf(await altered("bearer", ({ payload }) => set(payload, "sub", sub)))).toBe(bearer);
  });

  it("of the bound profile hold a key that is fit to be one (SPEC-2.15)", async () => {
    const jwk = authority.agentKey.toJwk();
    for (const wrong of [
      { ...jwk, x: Buffer.alloc(32).toString("base64url") },
      { ...jwk, d: "AAAA" },
      { kty: "oct" },
    ]) {
      const token = await altered("bound", ({ payload }) => set(payload, "cnf", { jwk: wrong }));
      expect(await outcomeOf(token)).toMatch(/^ERR_(CONFIRMATION_KEY|ATTESTATION_CLAIMS)$/);
    }
  });

  it("may lack an audience when bound, and not as bearer (SPEC-2.17)", async () => {
    expect(await outcomeOf(await altered("bound", ({ payload }) => set(payload, "aud", undefined)))).toBe("verified");
    const bearer = await altered("bearer", ({ payload }) => set(payload, "aud", undefined));
    expect(await outcomeOf(bearer)).toBe("ERR_ATTESTATION_AUDIENCE");
  });
});

/** The right size, and not on P-256. */
const OFF_CURVE = {
  kty: "EC",
  crv: "P-256",
  x: Buffer.alloc(32, 1).toString("base64url"),
  y: Buffer.alloc(32, 2).toString("base64url"),
};

describe("an authority", () => {
  const ask = (request: object) => authority.provider.createToken(request as AttestationRequest);
  const bound = () => ({ identity: authority.identity, confirmationKey: authority.agentKey.toJwk() });

  it.each<[string, object]>([
    ["a name of another script", { identity: { modelFamily: "clаude", modelVersion: "1", provider: "x" } }],
    ["a subject that is no SPIFFE ID", { subject: "spiffe://example.com/../x" }],
    ["a malformed hash", { integrity: { configHash: "abc" } }],
    ["too many capabilities", { metadata: { capabilitiesDeclared: Array(65).fill("x") } }],
    ["an unknown type", { metadata: { attestationType: "government" } }],
    ["a lifetime beyond the limit", { lifetime: 3601 }],
    ["a weak key", { confirmationKey: { kty: "OKP", crv: "Ed25519", x: Buffer.alloc(32).toString("base64url") } }],
    ["a point that is not on its curve", { confirmationKey: OFF_CURVE }],
    ["half a point", { confirmationKey: { ...OFF_CURVE, y: undefined } }],
    ["null as the key", { confirmationKey: null }],
    ["more than 6144 characters", { audience: [`https://${"a".repeat(2000)}`, `https://${"b".repeat(2000)}`] }],
  ])("does not sign %s (SPEC-2.18)", async (_, wrong) => {
    await expect(ask({ ...bound(), ...wrong })).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_(OPTION|KEY_WEAK|KEY_FORMAT)$/),
    });
  });

  it("does not sign a bearer attestation of which the subject only looks like a SPIFFE ID (SPEC-2.18, SPEC-2.14)", async () => {
    const bearer = { identity: authority.identity, bearer: true, audience: authority.audience };
    for (const subject of ["spiffe://example.com", "SPIFFE://example.com/a"]) {
      await expect(ask({ ...bearer, subject })).rejects.toThrow("subject");
    }
    expect(takeApart(await ask({ ...bearer, subject: "user-7" })).payload["sub"]).toBe("user-7");
  });

  it.each([
    ["in DER, as some key management services sign", Buffer.from("3044", "hex")],
    ["of 65 bytes", Buffer.alloc(65)],
    ["none", undefined],
  ])("does not issue what a signer signed %s (SPEC-2.18)", async (_, signature) => {
    const { kid, algorithm } = authority.authorityKey;
    const signer = { kid, algorithm, toJwk: () => authority.authorityKey.toJwk(), sign: () => signature as never };
    const provider = new AttestationIssuer({ issuer: authority.issuer, signer });
    await expect(provider.createToken(bound())).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringMatching(/^signer .*64/),
    });
  });

  it("refuses a provider of which it cannot derive a trust domain, naming what to pass (SPEC-2.22)", async () => {
    for (const provider of ["example.com", "Example", "Beispiel GmbH", "-example", "example-", "a".repeat(64)]) {
      const identity = { ...authority.identity, provider };
      const refused = expect.objectContaining({
        code: "ERR_OPTION",
        message: expect.stringMatching(/^trustDomain must be given: .*provider/),
      });
      await expect(ask({ ...bound(), identity })).rejects.toEqual(refused);
      for (const more of [{ trustDomain: "example.com" }, { subject: "spiffe://example.com/model/a" }]) {
        expect(takeApart(await ask({ ...bound(), identity, ...more })).payload["sub"]).toContain(
          "spiffe://example.com/",
        );
      }
    }
  });

  it("names each attestation anew, and dates it five seconds back (SPEC-2.19, SPEC-2.20)", async () => {
    const claims = await Promise.all(Array.from({ length: 100 }, async () => takeApart(await ask(bound())).payload));
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(100);
    for (const { jti, iat, nbf } of claims) {
      expect(jti).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect([iat, nbf]).toEqual([START - 5, START - 5]);
    }
  });

  it("makes bearer attestations by name only, without what 0.1.0 refuses (SPEC-2.21)", async () => {
    const { identity } = authority;
    const bearer = { identity, bearer: true, audience: authority.audience };
    const enterprise = { orgId: "o", workloadId: "w", deploymentEnv: "e" };
    await expect(ask({ identity })).rejects.toThrow("confirmationKey");
    await expect(ask({ ...bearer, identity: { ...identity, enterprise } })).rejects.toThrow("enterprise");
    await expect(ask({ ...bearer, metadata: { nestedAttestation: "a.b.c" } })).rejects.toThrow("nestedAttestation");
    await expect(ask({ ...bearer, confirmationKey: authority.agentKey.toJwk() })).rejects.toThrow("confirmationKey");
    await expect(ask({ identity, bearer: true })).rejects.toThrow("audience");
    expect(takeApart(await ask(bearer)).header["typ"]).toBe("JWT");
  });

  it("derives the subject, and refuses a model version that none can hold (SPEC-2.22)", async () => {
    const subjectOf = async (more: object) => takeApart(await ask({ ...bound(), ...more })).payload["sub"];
    expect(await subjectOf({})).toBe("spiffe://example.com/model/example-1");
    expect(await subjectOf({ trustDomain: "other.example" })).toBe("spiffe://other.example/model/example-1");
    const identity = { ...authority.identity, modelVersion: "models/v1 beta" };
    await expect(subjectOf({ identity })).rejects.toThrow("subject");
    expect(await subjectOf({ identity, subject: "spiffe://example.com/model/v1" })).toBe(
      "spiffe://example.com/model/v1",
    );
  });
});
