import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type OidcEvidenceOptions, oidcEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START } from "./platform.ts";

const ISSUER = "https://issuer.example";
const THUMBPRINT = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform({ iss: ISSUER, sub: "agent-7" });
});
const verifierOf = (options: Partial<OidcEvidenceOptions> = {}) =>
  oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks, ...options });

describe("a token", () => {
  it("of the issuer, for this authority, says who the workload is", async () => {
    const token = await platform.token({ team: { name: "finance" } });
    const evidence = await verifierOf().verify(presenting(token));
    const signed = token.slice(0, token.lastIndexOf("."));
    expect(evidence).toEqual({
      subject: "agent-7",
      claims: expect.objectContaining({ team: { name: "finance" } }),
      handle: createHash("sha256").update(signed).digest("base64url"),
      use: { issuedAt: START, expiresAt: START + 630, clockTolerance: 30 },
    });
  });

  it.each<[string, string, object]>([
    ["of another issuer", "issuer", { iss: "https://issuer.example/" }],
    ["of no issuer", "issuer", { iss: undefined }],
    ["for another authority", "audience", { aud: "https://other.example" }],
    ["for this authority and another one", "audience", { aud: [AUTHORITY, "https://other.example"] }],
    ["for nobody", "audience", { aud: undefined }],
    ["for a longer name", "audience", { aud: `${AUTHORITY}.evil.example` }],
    ["for a key that is none", "audience", { aud: `${AUTHORITY}#short` }],
    ["that has expired", "expired", { exp: START - 30 }],
    ["that never expires", "claims", { exp: undefined }],
    ["that expires at no number", "format", { exp: "never" }],
    ["of the future", "expired", { iat: START + 31 }],
    ["that is not valid yet", "expired", { nbf: START + 31 }],
    ["of no known age", "claims", { iat: undefined }],
    ["that is too old, whatever its exp says", "too_old", { iat: START - 630, exp: START + 86_400 }],
    ["of nobody", "claims", { sub: undefined }],
    ["of an empty subject", "claims", { sub: "" }],
    ["of a list of subjects", "claims", { sub: ["agent-7"] }],
  ])("%s is refused (A5)", async (_, code, claims) => {
    expect(await refusalOf(verifierOf(), await platform.token(claims))).toBe(code);
  });

  it.each<[string, object]>([
    ["just before it expires, tolerance included", { exp: START - 29 }],
    ["issued by a clock that is ahead", { iat: START + 30 }],
    ["as old as it may be", { iat: START - 629 }],
    ["in a list of one audience", { aud: [AUTHORITY] }],
  ])("%s is accepted", async (_, claims) => {
    expect(await refusalOf(verifierOf(), await platform.token(claims))).toBeUndefined();
  });

  it("of another kind is refused, such as an attestation or a proof", async () => {
    for (const typ of ["agent-attestation+jwt", "dpop+jwt", "logout+jwt"]) {
      expect(await refusalOf(verifierOf(), await platform.token({}, { typ }))).toBe("format");
    }
    for (const typ of ["JWT", "jwt", "at+jwt"]) {
      expect(await refusalOf(verifierOf(), await platform.token({}, { typ }))).toBeUndefined();
    }
  });

  it("that names no key, or one that the issuer has not, is refused", async () => {
    expect(await refusalOf(verifierOf(), await platform.token({}, { kid: undefined }))).toBe("key");
    expect(await refusalOf(verifierOf(), await platform.token({}, { kid: "k2" }))).toBe("key");
  });

  it.each(["", "a.b", "a.b.c.d", "a".repeat(20_000), "e30.e30.", "é.é.é", "null.null.nullnullnullnull"])(
    "that is none is refused: %s",
    async (text) => expect(await refusalOf(verifierOf(), text)).toBe("format"),
  );
});

describe("algorithms", () => {
  it("none, symmetric ones with the public key as secret, and those of another key are refused (A5)", async () => {
    const [, payload] = (await platform.token({})).split(".");
    const unsigned = `${Buffer.from('{"alg":"none","kid":"k1"}').toString("base64url")}.${payload}.AAAAAAAAAAAAAAAAAAAAAA`;
    expect(await refusalOf(verifierOf(), unsigned)).toBe("algorithm");
    const claims = { iss: ISSUER, sub: "agent-7", aud: AUTHORITY, iat: START, exp: START + 600 };
    const secret = new TextEncoder().encode(JSON.stringify(platform.jwks.keys[0]));
    const symmetric = new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "k1" }).sign(secret);
    expect(await refusalOf(verifierOf(), await symmetric)).toBe("algorithm");
    const other = await createPlatform({ iss: ISSUER, sub: "agent-7" });
    expect(await refusalOf(verifierOf(), await other.token({}))).toBe("signature");
  });

  it("are those that are configured", async () => {
    const ec = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES384");
    const token = await ec.token({});
    expect(await refusalOf(verifierOf({ jwks: ec.jwks }), token)).toBe("algorithm");
    expect(await refusalOf(verifierOf({ jwks: ec.jwks, algorithms: ["ES384"] }), token)).toBeUndefined();
  });

  it("are not chosen by the token: a key of another type than its `alg` is not found (A5)", async () => {
    const ec = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
    const token = await platform.token({});
    expect(await refusalOf(verifierOf({ jwks: ec.jwks }), token)).toBe("key");
    const unnamed = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256", { alg: undefined });
    expect(await refusalOf(verifierOf({ jwks: unnamed.jwks }), token)).toBe("key");
    expect(await refusalOf(verifierOf({ jwks: unnamed.jwks }), await unnamed.token({}))).toBeUndefined();
  });

  it("whose signature is another one for the same text is the same use", async () => {
    const ec = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
    const [one, two] = [await ec.token({}), await ec.token({})];
    expect(one).not.toBe(two);
    const verifier = verifierOf({ jwks: ec.jwks });
    const handles = await Promise.all(
      [one, two].map(async (token) => (await verifier.verify(presenting(token))).handle),
    );
    expect(handles[0]).toBe(handles[1]);
  });
});

describe("key binding", () => {
  it("is read from the audience, and demanded with keyBound", async () => {
    const bound = await platform.token({ aud: `${AUTHORITY}#${THUMBPRINT}` });
    const bare = await platform.token({});
    expect(await verifierOf({ keyBound: true }).verify(presenting(bound))).toMatchObject({ keyThumbprint: THUMBPRINT });
    expect(await refusalOf(verifierOf({ keyBound: true }), bare)).toBe("key_binding");
    expect(await verifierOf().verify(presenting(bound))).toMatchObject({ keyThumbprint: THUMBPRINT });
    expect(await verifierOf().verify(presenting(bare))).not.toHaveProperty("keyThumbprint");
  });
});

describe("reuse", () => {
  it("is accepted by name alone, for tokens that cannot be asked for anew", async () => {
    const token = await platform.token({});
    expect(await verifierOf().verify(presenting(token))).toHaveProperty("use");
    expect(await verifierOf({ acceptReuse: true }).verify(presenting(token))).not.toHaveProperty("use");
  });
});

describe("keys", () => {
  const jwkOf = async (alg: string, options = {}) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options });
    return {
      jwk: { ...(await exportJWK(publicKey)), kid: "k" },
      privateJwk: { ...(await exportJWK(privateKey)), kid: "k" },
    };
  };

  it("that are private, symmetric, for encryption or without a kid are none (K3, K6)", async () => {
    const { jwk, privateJwk } = await jwkOf("RS256");
    for (const bad of [
      privateJwk,
      { ...jwk, use: "enc" },
      { ...jwk, kid: undefined },
      { ...jwk, n: jwk.n?.slice(0, 170) },
      { kty: "oct", k: "c2VjcmV0", kid: "k" },
      null,
      "key",
    ]) {
      expect(() => verifierOf({ jwks: { keys: [bad as object] } }), JSON.stringify(bad)).toThrow("no public key");
    }
    verifierOf({ jwks: { keys: [jwk, privateJwk] } });
  });

  it("are a set of bounded size (K5)", async () => {
    const { jwk } = await jwkOf("ES256");
    expect(() => verifierOf({ jwks: { keys: Array.from({ length: 101 }, () => jwk) } })).toThrow("more than 100 keys");
  });
});

it.each<[string, object]>([
  ["issuer", { issuer: "http://issuer.example" }],
  ["issuer", { issuer: "issuer" }],
  ["audience", { audience: "" }],
  ["audience", { audience: `${AUTHORITY}#x` }],
  ["maxAge", { maxAge: 0 }],
  ["maxAge", { maxAge: Number.NaN }],
  ["keyBound", { keyBound: "yes" }],
  ["acceptReuse", { keyBound: true, acceptReuse: true }],
  ["algorithms", { algorithms: ["HS256"] }],
  ["algorithms", { algorithms: [] }],
  ["jwks", { jwks: undefined }],
  ["jwks", { jwksUri: "https://issuer.example/jwks" }],
  ["jwksUri", { jwks: undefined, jwksUri: "http://issuer.example/jwks" }],
  ["key set", { jwks: { keys: "k" } }],
  ["clientId", { clientId: "a" }],
])("a wrong %s is refused at the start: %o", (name, changes) => {
  expect(() => verifierOf(changes)).toThrow(name);
});
