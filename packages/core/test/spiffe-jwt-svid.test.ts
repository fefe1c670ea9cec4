import {
  type Algorithm,
  AttestationVerifier,
  InMemoryReplayCache,
  type PublicJwk,
  type VerifierOptions,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import { createTestAuthority } from "@attest/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AUDIENCE,
  type ForeignKey,
  foreignKey,
  ISSUER,
  MESSAGE,
  NOW,
  prove,
  signed,
  svid,
  TRUST_DOMAIN,
  trusting,
  verifierOf,
  WORKLOAD,
  workloadKey,
} from "./foreign-authority.ts";

let ec: ForeignKey;
let rsa: ForeignKey;
let keys: PublicJwk[];
beforeAll(async () => {
  [ec, rsa] = await Promise.all([foreignKey("ES256", "ec"), foreignKey("RS256", "rsa")]);
  keys = [ec.toJwk(), rsa.toJwk()];
});

const verify = (token: unknown, options: Partial<VerifierOptions> = {}, formats?: Parameters<typeof trusting>[1]) =>
  verifierOf(keys, options, formats).verify(token);
const refused = async (token: Promise<string> | string, code: string, options: Partial<VerifierOptions> = {}) =>
  expect(await verify(await token, options)).toMatchObject({ outcome: "refused", code });

describe("a JWT-SVID", () => {
  it("names its workload, with the trust level of the configuration and no agent identity (SPEC-17.1, SPEC-17.17)", async () => {
    const claims = { agent_integrity: { config_hash: "sha256:00" }, safety_level: "enhanced", capabilities: ["all"] };
    const result = await verify(await svid(ec, claims));
    expect(result).toEqual({
      layers: [expect.objectContaining({ format: "spiffe-jwt-svid", trustLevel: "enterprise" })],
      outcome: "verified",
      verified: true,
      format: "spiffe-jwt-svid",
      proof: "none",
      profile: "bearer",
      trustLevel: "enterprise",
      issuer: ISSUER,
      subject: WORKLOAD,
      claims: { sub: WORKLOAD, aud: [AUDIENCE], iat: NOW, exp: NOW + 300 },
      expiresAt: NOW + 300,
    });
  });

  it.each<[Algorithm]>([
    ["RS256"],
    ["RS384"],
    ["RS512"],
    ["PS256"],
    ["PS384"],
    ["PS512"],
    ["ES256"],
    ["ES384"],
    ["ES512"],
  ])("may be signed with %s (SPEC-17.4)", async (algorithm) => {
    const key = await foreignKey(algorithm);
    expect(await verifierOf([key.toJwk()]).verify(await svid(key))).toMatchObject({ subject: WORKLOAD });
  });

  it.each([["none"], ["HS256"], ["EdDSA"], ["Ed25519"], ["ES256K"], ["rs256"], ["__proto__"]])(
    "is refused with the algorithm %s (SPEC-17.4, T1, T2)",
    async (alg) => refused(svid(ec, {}, { alg }), "ERR_ATTESTATION_ALG"),
  );

  it("is refused with an algorithm that its key is not of, or its issuer is not configured for (SPEC-17.5)", async () => {
    await refused(svid(ec, {}, { alg: "ES384" }), "ERR_ATTESTATION_SIGNATURE");
    await refused(svid(rsa, {}, { alg: "ES256" }), "ERR_ATTESTATION_SIGNATURE");
    await refused(svid(rsa, {}, { alg: "PS256" }), "ERR_ATTESTATION_SIGNATURE");
    const verifier = new AttestationVerifier(trusting(keys, [spiffeJwtSvid], { algorithms: ["ES256"] }));
    expect(await verifier.verify(await svid(rsa))).toMatchObject({ code: "ERR_ATTESTATION_ALG" });
    expect(await verifier.verify(await svid(ec))).toMatchObject({ verified: true });
  });

  it.each([[undefined], ["JWT"], ["JOSE"]])("may have the typ %s (SPEC-17.2)", async (typ) => {
    expect(await verify(await svid(ec, {}, { typ }))).toMatchObject({ format: "spiffe-jwt-svid" });
  });

  it.each(["jwt", "at+jwt", "application/jwt", "JWT ", ""])("is none with the typ %j (SPEC-17.2)", async (typ) => {
    await refused(svid(ec, {}, { typ }), "ERR_ATTESTATION_TYP");
  });

  it.each([
    ["kid", undefined],
    ["jwk", {}],
    ["jku", "https://evil.example"],
    ["x5c", []],
    ["crit", []],
    ["b64", false],
  ])("is refused with a header whose %s is %j (SPEC-17.3, T4, T5)", async (member, value) =>
    refused(svid(ec, {}, { [member]: value }), "ERR_ATTESTATION_HEADER"),
  );

  it("is found by the trust domain of its subject, whatever its iss says (SPEC-17.7)", async () => {
    for (const iss of [undefined, "https://oidc.prod.example", "https://evil.example", 7, ["x"]]) {
      expect(await verify(await svid(ec, { iss }))).toMatchObject({ issuer: ISSUER });
    }
    const result = await verify(await svid(ec, { iss: "https://oidc.prod.example" }));
    expect(result).not.toHaveProperty("claims.iss");
    await refused(svid(ec, { sub: "spiffe://other.example/x" }), "ERR_ISSUER_UNTRUSTED");
  });

  it.each([
    undefined,
    7,
    "",
    "agent",
    TRUST_DOMAIN,
    `spiffe://${TRUST_DOMAIN}`,
    `spiffe://${TRUST_DOMAIN}/`,
    `spiffe://${TRUST_DOMAIN}/a//b`,
    `spiffe://${TRUST_DOMAIN}/../a`,
    `SPIFFE://${TRUST_DOMAIN}/a`,
    `spiffe://Prod.example/a`,
    `spiffe://user@${TRUST_DOMAIN}/a`,
    `spiffe://${TRUST_DOMAIN}:8443/a`,
    `spiffe://${TRUST_DOMAIN}/a?b`,
    `spiffe://${TRUST_DOMAIN}/a#b`,
    `spiffe://${TRUST_DOMAIN}/%61`,
    `wimse://${TRUST_DOMAIN}/a`,
  ])("is refused with the subject %j (SPEC-17.7)", async (sub) =>
    refused(svid(ec, { sub }), "ERR_ATTESTATION_SUBJECT"),
  );

  it("is for this server and nobody else (SPEC-17.8, T20, F2)", async () => {
    expect(await verify(await svid(ec, { aud: AUDIENCE }))).toMatchObject({ verified: true });
    const options = {
      allowMultipleAudiences: true,
      audience: [AUDIENCE, "https://server.example/2"] as [string, string],
    };
    await refused(svid(ec, { aud: ["https://other.example"] }), "ERR_ATTESTATION_AUDIENCE", options);
    await refused(svid(ec, { aud: `${AUDIENCE}/` }), "ERR_ATTESTATION_AUDIENCE", options);
    await refused(svid(ec, { aud: undefined }), "ERR_ATTESTATION_AUDIENCE", options);
    for (const aud of [[AUDIENCE, "https://other.example"], [AUDIENCE, AUDIENCE], options.audience]) {
      await refused(svid(ec, { aud }), "ERR_ATTESTATION_AUDIENCES", options);
    }
    for (const aud of [[], 7, {}, [7], null]) await refused(svid(ec, { aud }), "ERR_ATTESTATION_CLAIMS", options);
  });

  it("is refused where the message addresses another name of the server (SPEC-17.8)", async () => {
    const verifier = verifierOf(keys, { audience: [AUDIENCE, "https://server.example/2"] });
    const answer = await verifier.verify(await svid(ec), { ...MESSAGE, audience: "https://server.example/2" });
    expect(answer).toMatchObject({ code: "ERR_ATTESTATION_AUDIENCE" });
  });

  it.each<[string, string, object]>([
    ["no end", "ERR_ATTESTATION_CLAIMS", { exp: undefined }],
    ["an end that is no whole number", "ERR_ATTESTATION_CLAIMS", { exp: NOW + 0.5 }],
    ["an end in the past", "ERR_ATTESTATION_EXPIRED", { iat: NOW - 300, exp: NOW - 30 }],
    ["an iat in the future", "ERR_ATTESTATION_NOT_YET_VALID", { iat: NOW + 31 }],
    ["an nbf in the future", "ERR_ATTESTATION_NOT_YET_VALID", { nbf: NOW + 31 }],
    ["a lifetime of 901 seconds", "ERR_ATTESTATION_LIFETIME", { iat: NOW - 800, exp: NOW + 101 }],
    ["no lifetime", "ERR_ATTESTATION_LIFETIME", { iat: NOW, exp: NOW }],
    ["more than 900 seconds left and no iat", "ERR_ATTESTATION_LIFETIME", { iat: undefined, exp: NOW + 931 }],
    ["an iat that is a text", "ERR_ATTESTATION_CLAIMS", { iat: `${NOW}` }],
    ["a jti that is a number", "ERR_ATTESTATION_CLAIMS", { jti: 7 }],
  ])("is refused with %s (SPEC-17.9)", async (_what, code, claims) => refused(svid(ec, { ...claims }), code));

  it("lives as long as is configured, up to an hour, as far as clocks agree (SPEC-17.9)", async () => {
    for (const claims of [
      { exp: NOW + 900 },
      { iat: NOW + 30, exp: NOW + 930 },
      { iat: undefined, exp: NOW + 930 },
      { iat: undefined, exp: NOW - 29 },
    ]) {
      expect(await verify(await svid(ec, claims))).toMatchObject({ verified: true });
    }
    const hour = await svid(ec, { exp: NOW + 3600 });
    expect(await verify(hour, { maxLifetime: { "spiffe-jwt-svid": 3600 } })).toMatchObject({ verified: true });
    expect(() => verifierOf(keys, { maxLifetime: { "spiffe-jwt-svid": 3601 } })).toThrow("maxLifetime.spiffe-jwt-svid");
  });

  it("is refused if it is bound to a key, of which nothing is proved (SPEC-17.10, T24)", async () => {
    const workload = await workloadKey();
    for (const cnf of [{ jwk: workload.toJwk() }, { jkt: "x" }, null]) {
      await refused(svid(ec, { cnf }), "ERR_BEARER_CONFIRMATION");
    }
  });

  it("is refused with a proof (SPEC-17.11)", async () => {
    const token = await svid(ec);
    const proof = await prove(token, await workloadKey());
    expect(await verifierOf(keys).verify(token, { ...MESSAGE, proof })).toMatchObject({ code: "ERR_PROOF_UNEXPECTED" });
  });

  it("is accepted once, by what was signed: with or without a jti, and with another signature over it (SPEC-17.12, F5)", async () => {
    for (const claims of [{}, { jti: "one" }, { jti: "one", iat: NOW - 1 }, { iat: undefined }]) {
      const verifier = verifierOf(keys);
      const token = await svid(ec, claims);
      expect(await verifier.verify(token)).toMatchObject({ verified: true });
      expect(await verifier.verify(token)).toMatchObject({ code: "ERR_REPLAY" });
      const again = await svid(ec, claims);
      expect(again).not.toBe(token);
      expect(await verifier.verify(again)).toMatchObject({ code: "ERR_REPLAY" });
      expect(await verifier.verify(await svid(ec, { ...claims, exp: NOW + 299 }))).toMatchObject({ verified: true });
    }
  });

  it("is remembered under its format, trust domain, audience and the hash of what was signed (SPEC-17.12)", async () => {
    const uses: object[] = [];
    const replayCache = { scope: "process", consume: (use: object) => uses.push(use) > 0 } as const;
    const verifier = verifierOf(keys, { replayCache });
    const http = { kind: "http", method: "POST" } as const;
    await verifier.verify(await svid(ec), http);
    await verifier.verify(await svid(ec, { iat: undefined }), http);
    expect(uses).toMatchObject([
      { issuedAt: NOW, notBefore: NOW, expiresAt: NOW + 335, holder: `${ISSUER} ${WORKLOAD}` },
      { issuedAt: NOW - 600, notBefore: NOW - 600, expiresAt: NOW + 335 },
    ]);
    expect(new Set(uses.map((use) => (use as { key: string }).key)).size).toBe(2);
  });

  it("that may have been used before this process started is refused over HTTP (SPEC-17.12, R17)", async () => {
    const replayCache = () => new InMemoryReplayCache({ clock: () => NOW - 10 });
    const http = { kind: "http", method: "POST" } as const;
    const ask = async (claims: object) =>
      verifierOf(keys, { replayCache: replayCache() }).verify(await svid(ec, { ...claims }), http);
    expect(await ask({ iat: NOW - 9 })).toMatchObject({ verified: true });
    expect(await ask({ iat: NOW - 10 })).toMatchObject({ code: "ERR_REPLAY_BEFORE_START" });
    expect(await ask({ iat: undefined })).toMatchObject({ code: "ERR_REPLAY_BEFORE_START" });
    expect(await ask({ iat: undefined, exp: NOW + 891 })).toMatchObject({ verified: true });
  });

  it("is false with any other signature (F1)", async () => {
    const stranger = await foreignKey("ES256", "ec");
    await refused(svid(stranger), "ERR_ATTESTATION_SIGNATURE");
    await refused(`${(await svid(ec)).slice(0, -4)}AAAA`, "ERR_ATTESTATION_SIGNATURE");
    await refused(svid(ec, {}, { kid: "unknown" }), "ERR_KEY_NOT_FOUND");
    for (const policy of ["preferred", "optional"] as const) {
      await refused(svid(stranger), "ERR_ATTESTATION_SIGNATURE", { policy });
      await refused(svid(ec, { aud: "https://other.example" }), "ERR_ATTESTATION_AUDIENCE", { policy });
    }
  });

  it("is false with a key for another kind of SVID, and when its key becomes one (SPEC-17.6, F4)", async () => {
    const token = await svid(ec);
    for (const use of ["jwt-svid", "sig"]) {
      expect(await verifierOf([ec.toJwk(use)]).verify(token)).toMatchObject({ verified: true });
    }
    expect(await verifierOf([ec.toJwk("wit-svid")]).verify(token)).toMatchObject({ code: "ERR_ATTESTATION_SIGNATURE" });
    await expect(verifierOf([ec.toJwk("x509-svid")]).ready()).rejects.toMatchObject({ code: "ERR_KEY_UNSUPPORTED" });
    let use = "jwt-svid";
    const { importForeignKey } = await import("../src/keys/foreign-key.ts");
    const keyResolver = { resolve: () => importForeignKey(ec.toJwk(use)) };
    const { keys: _, ...issuer } = trusting(keys).trustedIssuers[0];
    const verifier = new AttestationVerifier({ ...trusting(keys), trustedIssuers: [issuer], keyResolver });
    const session = await verifier.verify(token);
    if (!session.verified) throw new Error(JSON.stringify(session));
    expect(await verifier.recheck(session)).toBeUndefined();
    use = "wit-svid";
    expect(await verifier.recheck(session)).toMatchObject({ code: "ERR_ATTESTATION_SIGNATURE" });
  });

  it("of another trust domain is not verified by this one's keys, nor the other way round (K7, F4)", async () => {
    const other = await foreignKey("ES256", "ec");
    const [first] = trusting(keys).trustedIssuers;
    const second = {
      ...first,
      issuer: "https://other.example",
      trustDomains: ["other.example"],
      keys: [other.toJwk()],
    };
    const verifier = new AttestationVerifier({ ...trusting(keys), trustedIssuers: [first, second] as never });
    const theirs = { sub: "spiffe://other.example/x" };
    expect(await verifier.verify(await svid(ec))).toMatchObject({ issuer: ISSUER });
    expect(await verifier.verify(await svid(other, theirs))).toMatchObject({ issuer: "https://other.example" });
    for (const token of [await svid(other), await svid(ec, theirs)]) {
      expect(await verifier.verify(token)).toMatchObject({ code: "ERR_ATTESTATION_SIGNATURE" });
    }
  });

  it("cannot be assessed where its issuer is not configured for it (SPEC-17.1, SPEC-5.2)", async () => {
    const [first] = trusting(keys).trustedIssuers;
    const other = { ...first, issuer: "https://other.example", trustDomains: ["other.example"] };
    const trustedIssuers = [{ ...first, formats: [wimseWit] }, other] as never;
    const token = await svid(ec);
    for (const [policy, outcome] of [
      ["required", "refused"],
      ["preferred", "unassessed"],
    ] as const) {
      const verifier = new AttestationVerifier({ ...trusting(keys), trustedIssuers, policy });
      expect(await verifier.verify(token)).toMatchObject({ outcome, code: "ERR_FORMAT_NOT_ALLOWED" });
    }
    expect(await verify(token, { policy: "preferred" }, [wimseWit])).toMatchObject({ outcome: "unassessed" });
  });

  it("is refused where claims about a model are required (SPEC-17.17)", async () => {
    await refused(svid(ec), "ERR_CLAIM_REQUIRED", { requiredClaims: ["agent_identity"] });
  });

  it("is refused when it was revoked, and while its session goes on (SPEC-17.11, T21)", async () => {
    await refused(svid(ec), "ERR_REVOKED", { isRevoked: ({ sub }) => sub === WORKLOAD });
    const revoked = new Set<string>();
    const verifier = verifierOf(keys, { isRevoked: ({ sub }) => revoked.has(sub) });
    const session = await verifier.verify(await svid(ec));
    if (!session.verified) throw new Error("not verified");
    revoked.add(WORKLOAD);
    expect(await verifier.recheck(session)).toMatchObject({ code: "ERR_REVOKED" });
  });
});

describe("where bearer attestations are accepted too", () => {
  it("each token is judged as what it is, in whatever order they are configured (SPEC-17.2, F1, T9)", async () => {
    const authority = await createTestAuthority({ clock: () => NOW });
    const { issuer: iss, authorityKey, verifierOptions } = authority;
    const [own] = verifierOptions.trustedIssuers;
    const {
      trustedIssuers: [spire],
    } = trusting(keys);
    const bearer = { ...own, formats: ["bearer"] as const, keys: [authorityKey.toJwk()] };
    for (const trustedIssuers of [
      [bearer, spire],
      [spire, bearer],
    ] as const) {
      const { keyResolver: _, ...options } = verifierOptions;
      const verifier = new AttestationVerifier({ ...options, trustedIssuers });
      const attestation = await authority.attestBearer();
      expect(await verifier.verify(attestation)).toMatchObject({ format: "bearer" });
      expect(await verifier.verify(await svid(ec))).toMatchObject({ format: "spiffe-jwt-svid" });
      // What one issuer may issue, the other may not.
      const theirs = { agent_identity: {}, attestation_metadata: {} };
      expect(await verifier.verify(await svid(ec, theirs))).toMatchObject({ code: "ERR_ATTESTATION_ALG" });
      expect(await verifier.verify(await svid(ec, { ...theirs, iss }, { alg: "Ed25519" }))).toMatchObject({
        verified: false,
      });
      const header = { alg: "EdDSA", kid: authorityKey.kid, typ: "JWT" };
      const claims = { sub: "spiffe://example.com/x", aud: AUDIENCE, exp: NOW + 60, iat: NOW };
      const jwtSvid = await signed({ sign: async (data) => authorityKey.sign(data) }, header, claims);
      expect(await verifier.verify(jwtSvid)).toMatchObject({ code: "ERR_ATTESTATION_ALG" });
    }
  });

  it("limits stay those of each format (SPEC-17.3)", async () => {
    const authority = await createTestAuthority({ clock: () => NOW });
    const { keyResolver: _, ...options } = authority.verifierOptions;
    const own = { ...options.trustedIssuers[0], keys: [authority.authorityKey.toJwk()] };
    const verifier = new AttestationVerifier({ ...options, trustedIssuers: [own, trusting(keys).trustedIssuers[0]] });
    const [header, payload] = (await authority.attest()).split(".");
    const wide = `${header}.${payload}.${"A".repeat(342)}`;
    expect(await verifier.verify(wide)).toMatchObject({ code: "ERR_ATTESTATION_FORMAT" });
    const untyped = await signed(ec, { alg: "ES256", kid: "ec" }, { agent_identity: {} });
    expect(await verifier.verify(untyped)).toMatchObject({ code: "ERR_ATTESTATION_HEADER" });
    const long = await svid(ec, { padding: "x".repeat(6000) });
    expect(await verifier.verify(long)).toMatchObject({ code: "ERR_ATTESTATION_SIZE" });
  });
});
