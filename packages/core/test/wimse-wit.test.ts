import { createHash } from "node:crypto";
import {
  type Algorithm,
  AttestationVerifier,
  decodeAttestation,
  KeyPair,
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
  wit,
  workloadKey,
} from "./foreign-authority.ts";

let ec: ForeignKey;
let rsa: ForeignKey;
let keys: PublicJwk[];
let workload: KeyPair;
beforeAll(async () => {
  [ec, rsa, workload] = await Promise.all([foreignKey("ES256", "ec"), foreignKey("RS256", "rsa"), workloadKey()]);
  keys = [ec.toJwk("wit-svid"), rsa.toJwk("wit-svid")];
});

const present = async (verifier: AttestationVerifier, token: string, signer: KeyPair = workload) =>
  verifier.verify(token, { ...MESSAGE, proof: await prove(token, signer) });
const verify = async (token: Promise<string>, options: Partial<VerifierOptions> = {}, signer = workload) =>
  present(verifierOf(keys, options), await token, signer);
const refused = async (token: Promise<string>, code: string, options: Partial<VerifierOptions> = {}) =>
  expect(await verify(token, options)).toMatchObject({ outcome: "refused", code });
const cnf = (change: object) => {
  const { kty, crv, x, y } = workload.toJwk();
  return { cnf: { jwk: { alg: "ES256", kty, crv, x, y, ...change } } };
};

describe("a WIT", () => {
  it("is the root of no chain, also where it is cached (D6, SPEC-21.2)", async () => {
    const verifier = verifierOf(keys, { maxDelegationDepth: 1 });
    const token = await wit(ec, workload);
    const child = await KeyPair.generate();
    const link = await signed(
      { sign: async (data) => workload.sign(data) },
      { typ: "agent-attestation-delegation+jwt", alg: workload.algorithm },
      {
        parent: createHash("sha256").update(token).digest("base64url"),
        ...{ cnf: { jwk: child.toJwk() }, iat: NOW, exp: NOW + 60, jti: "link-0001", depth: 0, aud: AUDIENCE },
      },
    );
    const byChild = () => present(verifier, `${token}~${link}`, child);
    expect(await byChild()).toMatchObject({ code: "ERR_DELEGATION_ROOT" });
    expect(await present(verifier, token)).toMatchObject({ outcome: "verified" });
    expect(await byChild()).toMatchObject({ code: "ERR_DELEGATION_ROOT" });
  });

  it("names its workload with every proof, with the trust level of the configuration and no agent identity (SPEC-17.14, SPEC-17.17)", async () => {
    const verifier = verifierOf(keys);
    const token = await wit(ec, workload, { agent_identity: { model_version: "m" }, safety_level: "enhanced" });
    const result = await present(verifier, token);
    expect(result).toMatchObject({
      outcome: "verified",
      format: "wimse-wit",
      proof: "signature",
      profile: "bound",
      trustLevel: "enterprise",
      issuer: ISSUER,
      subject: WORKLOAD,
      expiresAt: NOW + 3600,
    });
    expect(result).not.toHaveProperty("identity");
    expect(result.verified && result.keyThumbprint).toBe(workload.kid);
    expect(Object.keys((result.verified && result.claims) || {}).sort()).toEqual(["cnf", "exp", "iat", "sub"]);
    expect(await present(verifier, token)).toMatchObject({ verified: true });
  });

  it("is refused without a proof, with that of another key, for another token, and with one used before (SPEC-17.14, F3)", async () => {
    const verifier = verifierOf(keys);
    const [token, other] = [await wit(ec, workload), await wit(ec, workload)];
    expect(await verifier.verify(token, MESSAGE)).toMatchObject({ code: "ERR_PROOF_REQUIRED" });
    expect(await verifier.verify(token)).toMatchObject({ code: "ERR_PROOF_REQUIRED" });
    expect(await present(verifier, token, await workloadKey())).toMatchObject({ code: "ERR_PROOF_SIGNATURE" });
    const proof = await prove(token, workload);
    expect(await verifier.verify(other, { ...MESSAGE, proof })).toMatchObject({ code: "ERR_PROOF_ATTESTATION" });
    expect(await verifier.verify(token, { ...MESSAGE, proof })).toMatchObject({ verified: true });
    expect(await verifier.verify(token, { ...MESSAGE, proof })).toMatchObject({ code: "ERR_REPLAY" });
  });

  it.each<[Algorithm, "Ed25519" | "ES256"]>([
    ["RS256", "ES256"],
    ["PS512", "Ed25519"],
    ["ES256", "Ed25519"],
    ["ES384", "ES256"],
    ["ES512", "ES256"],
  ])("may be signed with %s for a key of %s (SPEC-17.4)", async (algorithm, agent) => {
    const [key, signer] = [await foreignKey(algorithm), await workloadKey(agent)];
    const answer = await present(verifierOf([key.toJwk("wit-svid")]), await wit(key, signer), signer);
    expect(answer).toMatchObject({ verified: true, keyThumbprint: signer.kid });
  });

  it("is signed with Ed25519 only where its issuer is configured for that (SPEC-17.4)", async () => {
    const key = await foreignKey("Ed25519");
    for (const alg of ["EdDSA", "Ed25519"]) {
      const token = await wit(key, workload, {}, { alg });
      const options = (algorithms?: Algorithm[]) =>
        trusting([key.toJwk("wit-svid")], [wimseWit], algorithms && { algorithms });
      expect(await present(new AttestationVerifier(options()), token)).toMatchObject({ code: "ERR_ATTESTATION_ALG" });
      expect(await present(new AttestationVerifier(options(["Ed25519"])), token)).toMatchObject({ verified: true });
    }
  });

  it.each(["WIT+JWT", "application/wit+jwt", "wit+jwt ", "wpt+jwt"])(
    "is none with the typ %j (SPEC-17.2)",
    async (typ) => {
      await refused(wit(ec, workload, {}, { typ }), "ERR_ATTESTATION_TYP");
    },
  );

  it("with the typ of a JWT-SVID is refused, and a JWT-SVID with the typ of a WIT (SPEC-17.2, F1)", async () => {
    for (const typ of ["JWT", "JOSE", undefined]) {
      const token = await wit(ec, workload, { exp: NOW + 300, aud: [AUDIENCE] }, { typ });
      const asBearer = await verifierOf([ec.toJwk("sig")]).verify(token);
      expect(asBearer).toMatchObject({ code: "ERR_BEARER_CONFIRMATION" });
    }
    await refused(svid(ec, {}, { typ: "wit+jwt" }), "ERR_CONFIRMATION_KEY");
    await refused(svid(ec, { cnf: {} }, { typ: "wit+jwt" }), "ERR_ATTESTATION_CLAIMS");
  });

  it("is found by iss, or without one by the trust domain of its subject (SPEC-17.13)", async () => {
    expect(await verify(wit(ec, workload, { iss: ISSUER }))).toMatchObject({ issuer: ISSUER, claims: { iss: ISSUER } });
    for (const iss of ["https://evil.example", `${ISSUER}/`, "", 7, null, [ISSUER]]) {
      await refused(wit(ec, workload, { iss }), "ERR_ISSUER_UNTRUSTED");
    }
    await refused(wit(ec, workload, { sub: "spiffe://other.example/x" }), "ERR_ISSUER_UNTRUSTED");
    await refused(wit(ec, workload, { iss: ISSUER, sub: "spiffe://other.example/x" }), "ERR_TRUST_DOMAIN");
    await refused(wit(ec, workload, { iss: ISSUER, sub: "wimse://other.example/x" }), "ERR_TRUST_DOMAIN");
  });

  it.each(["a", "a/b", "a:b", "~a!$&'()*+,;=@-._", "workload/89a6ec51-f877-44c0-9501-b213597f2d1d"])(
    "may have the subject wimse://…/%s (SPEC-17.13)",
    async (path) => {
      const sub = `wimse://${TRUST_DOMAIN}/${path}`;
      expect(await verify(wit(ec, workload, { sub }))).toMatchObject({ subject: sub });
    },
  );

  it.each(["", "/", "/a/", "/a//b", "/../a", "/a/..", "/./a", "/%61", "/a?b", "/a#b", ":443/a", "/é"])(
    "is refused with the subject wimse://…%s (SPEC-17.13)",
    async (rest) => {
      for (const iss of [undefined, ISSUER]) {
        const answer = await verify(wit(ec, workload, { iss, sub: `wimse://${TRUST_DOMAIN}${rest}` }));
        expect(answer).toMatchObject({ code: expect.stringMatching(/^ERR_ATTESTATION_(SUBJECT|CLAIMS)$/) });
      }
    },
  );

  it.each([
    undefined,
    7,
    "agent",
    `WIMSE://${TRUST_DOMAIN}/a`,
    `wimse://u@${TRUST_DOMAIN}/a`,
    `https://${TRUST_DOMAIN}/a`,
  ])("is refused with the subject %j (SPEC-17.13)", async (sub) =>
    refused(wit(ec, workload, { sub }), "ERR_ATTESTATION_SUBJECT"),
  );

  it.each<[string, string, object]>([
    ["no key", "ERR_CONFIRMATION_KEY", { cnf: undefined }],
    ["a thumbprint only", "ERR_ATTESTATION_CLAIMS", { cnf: { jkt: "x" } }],
    ["nothing in the place of a key", "ERR_ATTESTATION_CLAIMS", { cnf: null }],
  ])("is refused with %s (SPEC-17.14)", async (_what, code, claims) => refused(wit(ec, workload, { ...claims }), code));

  it("is refused with a key that says no algorithm or another one, or that no proof can be made with (SPEC-17.14, K2, K3)", async () => {
    await refused(wit(ec, workload, cnf({ alg: undefined })), "ERR_ATTESTATION_CLAIMS");
    for (const alg of ["ES384", "EdDSA", "none", "HS256"]) {
      await refused(wit(ec, workload, cnf({ alg })), "ERR_CONFIRMATION_KEY");
    }
    await refused(wit(ec, workload, cnf({ d: "AA" })), "ERR_CONFIRMATION_KEY");
    await refused(wit(ec, workload, cnf({ use: "enc" })), "ERR_CONFIRMATION_KEY");
    const { kty, n, e } = rsa.toJwk();
    await refused(wit(ec, workload, { cnf: { jwk: { alg: "RS256", kty, n, e } } }), "ERR_CONFIRMATION_KEY");
    const smallOrder = { alg: "EdDSA", kty: "OKP", crv: "Ed25519", x: `AQ${"A".repeat(41)}` };
    await refused(wit(ec, workload, { cnf: { jwk: smallOrder } }), "ERR_CONFIRMATION_KEY");
  });

  it.each<[string, string, object]>([
    ["no end", "ERR_ATTESTATION_CLAIMS", { exp: undefined }],
    ["an end in the past", "ERR_ATTESTATION_EXPIRED", { iat: NOW - 300, exp: NOW - 30 }],
    ["an nbf in the future", "ERR_ATTESTATION_NOT_YET_VALID", { nbf: NOW + 31 }],
    ["a lifetime of more than an hour", "ERR_ATTESTATION_LIFETIME", { exp: NOW + 3601 }],
    ["an hour left and an iat in the future", "ERR_ATTESTATION_LIFETIME", { iat: NOW + 3000, exp: NOW + 3631 }],
    ["more than an hour left and no iat", "ERR_ATTESTATION_LIFETIME", { iat: undefined, exp: NOW + 3631 }],
    ["an end before its iat", "ERR_ATTESTATION_LIFETIME", { iat: NOW + 300, exp: NOW + 200 }],
  ])("is refused with %s (SPEC-17.15)", async (_what, code, claims) => refused(wit(ec, workload, { ...claims }), code));

  it("begins with its nbf and not with its iat, also when it is remembered (SPEC-17.15)", async () => {
    const verifier = verifierOf(keys);
    const token = await wit(ec, workload, { iat: NOW + 300, nbf: NOW - 5, exp: NOW + 900 });
    for (const _ of [1, 2]) expect(await present(verifier, token)).toMatchObject({ verified: true });
    expect(await verify(wit(ec, workload, { iat: undefined, exp: NOW + 3600 }))).toMatchObject({ verified: true });
  });

  it("is asked about again while it is remembered: its end, its key and the use of that (SPEC-17.6, T21)", async () => {
    let now = NOW;
    let jwk = ec.toJwk("wit-svid");
    const { importForeignKey } = await import("../src/keys/foreign-key.ts");
    const { keys: _, ...issuer } = trusting(keys).trustedIssuers[0];
    const keyResolver = { resolve: () => importForeignKey(jwk) };
    const options = { ...trusting(keys), trustedIssuers: [issuer], keyResolver, clock: () => now } as const;
    const verifier = new AttestationVerifier(options);
    const token = await wit(ec, workload, { exp: NOW + 10 });
    expect(await present(verifier, token)).toMatchObject({ verified: true });
    jwk = ec.toJwk("jwt-svid");
    expect(await present(verifier, token)).toMatchObject({ code: "ERR_ATTESTATION_SIGNATURE" });
    jwk = ec.toJwk("wit-svid");
    expect(await present(verifier, token)).toMatchObject({ verified: true });
    now = NOW + 40;
    expect(await present(verifier, token)).toMatchObject({ code: "ERR_ATTESTATION_EXPIRED" });
  });

  it("is for this server where it has an audience, and a proof names the server anyhow (SPEC-17.16, F2)", async () => {
    expect(await verify(wit(ec, workload, { aud: AUDIENCE }))).toMatchObject({ verified: true });
    await refused(wit(ec, workload, { aud: "https://other.example" }), "ERR_ATTESTATION_AUDIENCE");
    const several = { aud: [AUDIENCE, "https://other.example"] };
    await refused(wit(ec, workload, several), "ERR_ATTESTATION_AUDIENCES");
    expect(await verify(wit(ec, workload, several), { allowMultipleAudiences: true })).toMatchObject({
      verified: true,
    });
    const other = await KeyPair.generate();
    expect(
      await present(verifierOf(keys, { audience: "https://other.example" }), await wit(ec, other), other),
    ).toMatchObject({
      code: "ERR_PROOF_AUDIENCE",
    });
  });

  it("is refused when it was revoked, and where claims about a model are required (SPEC-17.17, T21)", async () => {
    await refused(wit(ec, workload), "ERR_REVOKED", { isRevoked: ({ sub }) => sub === WORKLOAD });
    await refused(wit(ec, workload), "ERR_CLAIM_REQUIRED", { requiredClaims: ["agent_identity"] });
  });

  it("is false with a key for another kind of SVID, a stranger's and another domain's (SPEC-17.6, F4)", async () => {
    const token = await wit(ec, workload);
    for (const use of ["wit-svid", "sig"]) {
      expect(await present(verifierOf([ec.toJwk(use)]), token)).toMatchObject({ verified: true });
    }
    expect(await present(verifierOf([ec.toJwk("jwt-svid")]), token)).toMatchObject({
      code: "ERR_ATTESTATION_SIGNATURE",
    });
    await refused(wit(await foreignKey("ES256", "ec"), workload), "ERR_ATTESTATION_SIGNATURE", { policy: "preferred" });
  });

  it("cannot be assessed where its issuer is not configured for it (SPEC-17.1, SPEC-5.2)", async () => {
    const token = await wit(ec, workload);
    const [first] = trusting(keys).trustedIssuers;
    const other = { ...first, issuer: "https://other.example", trustDomains: ["other.example"] };
    const trustedIssuers = [{ ...first, formats: [spiffeJwtSvid] }, other] as never;
    const verifier = new AttestationVerifier({ ...trusting(keys), trustedIssuers, policy: "preferred" });
    expect(await present(verifier, token)).toMatchObject({ outcome: "unassessed", code: "ERR_FORMAT_NOT_ALLOWED" });
    const without = new AttestationVerifier({ ...trusting(keys, [spiffeJwtSvid]), policy: "preferred" });
    expect(await present(without, token)).toMatchObject({ outcome: "unassessed", code: "ERR_ATTESTATION_TYP" });
  });

  it("is no attestation of the same issuer, and an attestation is no WIT (F1, T9)", async () => {
    const authority = await createTestAuthority({ clock: () => NOW });
    const { issuer, authorityKey, verifierOptions } = authority;
    const { keyResolver: _, ...options } = verifierOptions;
    const own = { ...options.trustedIssuers[0], keys: [authorityKey.toJwk()] };
    const trustedIssuers = [
      { ...own, formats: ["attestation", wimseWit] as const, algorithms: ["Ed25519"] as const },
    ] as const;
    const verifier = new AttestationVerifier({ ...options, trustedIssuers });
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, MESSAGE);
    expect(await verifier.verify(attestation, { ...MESSAGE, proof })).toMatchObject({
      format: "attestation",
      identity: {},
    });
    const key = {
      ...ec,
      kid: authorityKey.kid,
      algorithm: "Ed25519",
      sign: async (data: Uint8Array) => authorityKey.sign(data),
    };
    const sub = "spiffe://example.com/x";
    const asWit = await wit(key, workload, { iss: issuer, sub });
    expect(await present(verifier, asWit)).toMatchObject({ format: "wimse-wit", subject: sub });
    const asAttestation = await wit(key, workload, { iss: issuer, sub }, { typ: "agent-attestation+jwt" });
    expect(await present(verifier, asAttestation)).toMatchObject({ code: "ERR_ATTESTATION_CLAIMS" });
  });
});

it("and a JWT-SVID can be taken apart for display, where their formats are given", async () => {
  const [bound, bearer] = [await wit(rsa, workload), await svid(rsa)];
  const formats = [spiffeJwtSvid, wimseWit];
  const shown = { verified: false, payload: expect.objectContaining({ sub: WORKLOAD }) };
  expect(decodeAttestation(bound, formats)).toMatchObject({ ...shown, format: "wimse-wit", profile: "bound" });
  expect(decodeAttestation(bearer, formats)).toMatchObject({ ...shown, format: "spiffe-jwt-svid", profile: "bearer" });
  expect(decodeAttestation(bearer, formats)).not.toHaveProperty("problem");
  for (const token of [bound, bearer]) {
    expect(() => decodeAttestation(token)).toThrow(expect.objectContaining({ code: "ERR_ATTESTATION_FORMAT" }));
  }
  expect(() => decodeAttestation(bound, ["wimse-wit" as never])).toThrow("formats");
});
