import { createHash } from "node:crypto";
import {
  type AttestationError,
  AttestationVerifier,
  combineKeyResolvers,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  importVerificationKey,
  KeyPair,
  type KeyResolver,
  type ReplayUse,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { replayKey } from "../src/replay/replay-key.ts";
import { forge, takeApart } from "./spec-forge.ts";

const START = 1_800_000_000;
const request = { kind: "message", method: "ping" } as const;

let now: number;
let authority: TestAuthority;
beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
});
afterEach(() => vi.useRealTimers());

const verifierWith = (options: Partial<VerifierOptions>) =>
  new AttestationVerifier({ ...authority.verifierOptions, ...options });

async function verify(token: string, verifier = authority.verifier) {
  return verifier.verify(token, { proof: await authority.prove(token, request), ...request });
}

async function outcomeOf(token: string, verifier = authority.verifier): Promise<string> {
  const result = await verify(token, verifier);
  return "code" in result ? result.code : result.outcome;
}

async function altered(header: object, payload: object): Promise<string> {
  const token = takeApart(await authority.attest());
  return forge({ ...token.header, ...header }, { ...token.payload, ...payload }, authority.authorityKey);
}

describe("trust", () => {
  const enterpriseOptions = (): Partial<VerifierOptions> => ({
    trustedIssuers: [{ issuer: authority.issuer, trustLevel: "enterprise", trustDomains: ["example.com"] }],
    allowBearer: true,
  });

  it("is what the verifier configured, whatever a bearer attestation calls itself (SPEC-5.5, SPEC-5.7, SPEC-1.1)", async () => {
    const result = await verifierWith(enterpriseOptions()).verify(await authority.attestBearer());
    expect(result).toMatchObject({ outcome: "verified", trustLevel: "enterprise" });
    const claimed = await authority.attestBearer({ metadata: { attestationType: "enterprise" } });
    expect(await verifierWith({ allowBearer: true }).verify(claimed)).toMatchObject({ code: "ERR_ATTESTATION_TYPE" });
  });

  it("is refused to a bound attestation that calls itself something else (SPEC-5.7)", async () => {
    const provider = await authority.attest();
    expect(await outcomeOf(provider, verifierWith(enterpriseOptions()))).toBe("ERR_ATTESTATION_TYPE");
    const own = await authority.attest({ metadata: { attestationType: "enterprise" } });
    expect(await outcomeOf(own)).toBe("ERR_ATTESTATION_TYPE");
    expect(await outcomeOf(own, verifierWith(enterpriseOptions()))).toBe("verified");
  });

  it("can hang on optional claims (SPEC-5.10)", async () => {
    const verifier = verifierWith({ requiredClaims: ["agent_integrity.config_hash"] });
    expect(await verify(await authority.attest(), verifier)).toMatchObject({
      code: "ERR_CLAIM_REQUIRED",
      reason: "attestation_claims_insufficient",
    });
    const configHash = `sha256:${"0".repeat(64)}`;
    expect(await outcomeOf(await authority.attest({ integrity: { configHash } }), verifier)).toBe("verified");
  });

  it.each<[string, () => Promise<unknown>, "unassessed" | "refused"]>([
    ["an issuer that is not listed (SPEC-5.2)", () => altered({}, { iss: "https://x.example" }), "unassessed"],
    ["an unknown typ (SPEC-5.2)", () => altered({ typ: "wit+jwt" }, {}), "unassessed"],
    ["an unknown alg (SPEC-5.2)", () => altered({ alg: "ML-DSA-44" }, {}), "unassessed"],
    [
      "an unknown version (SPEC-5.2)",
      async () => {
        const { attestation_metadata } = takeApart(await authority.attest()).payload;
        const metadata = { ...(attestation_metadata as object), attestation_version: "9.0.0" };
        return altered({}, { attestation_metadata: metadata });
      },
      "unassessed",
    ],
    ["bearer where none is accepted (SPEC-5.2)", () => authority.attestBearer(), "unassessed"],
    ["an unknown kid of a listed issuer (SPEC-5.3)", () => altered({ kid: "other" }, {}), "refused"],
    [
      "a time that is over (SPEC-5.3)",
      () => altered({}, { iat: START - 600, nbf: START - 600, exp: START - 300 }),
      "refused",
    ],
    ["another trust domain (SPEC-5.3)", () => altered({}, { sub: "spiffe://other.com/x" }), "refused"],
    ["garbage (SPEC-5.3)", async () => "garbage", "refused"],
    ["null (SPEC-5.3)", async () => null, "refused"],
  ])("under preferred and optional: %s", async (_, make, outcome) => {
    const token = (await make()) as string;
    for (const policy of ["preferred", "optional"] as const) {
      const proof = typeof token === "string" ? await authority.prove(token, request) : "x";
      const result = await verifierWith({ policy }).verify(token, { proof, ...request });
      expect(result).toMatchObject({ outcome, verified: false, trustLevel: "none" });
      expect(result).toHaveProperty("reason");
    }
  });

  it("is false of a proof without attestation, and of insufficient claims, under every policy (SPEC-5.3)", async () => {
    const verifier = verifierWith({ policy: "optional", requiredClaims: ["aud"] });
    expect(await verifier.verify(undefined, { proof: "x.y.z", ...request })).toMatchObject({ outcome: "refused" });
    expect((await verify(await authority.attest(), verifier)).outcome).toBe("refused");
  });
});

describe("the order of the checks (SPEC-6.1)", () => {
  // Each token is wrong from a step on; the code is of the first step that it fails.
  const wrong: readonly [code: string, header: object, payload: object][] = [
    ["ERR_ATTESTATION_HEADER", { crit: [] }, {}],
    ["ERR_ATTESTATION_TYP", { typ: "x" }, {}],
    ["ERR_ATTESTATION_ALG", { alg: "none" }, {}],
    ["ERR_ATTESTATION_HEADER", { kid: "" }, {}],
    ["ERR_ISSUER_UNTRUSTED", {}, { iss: "https://x.example" }],
    ["ERR_ATTESTATION_CLAIMS", {}, { jti: 7 }],
    ["ERR_ATTESTATION_EXPIRED", {}, { iat: START - 5000, nbf: START - 5000, exp: START - 1000 }],
    ["ERR_ATTESTATION_LIFETIME", {}, { iat: START - 5000, nbf: START - 5000, exp: START + 5000 }],
    ["ERR_CONFIRMATION_KEY", {}, { cnf: undefined }],
    ["ERR_ATTESTATION_AUDIENCE", {}, { aud: "https://x.example" }],
    ["ERR_ATTESTATION_SUBJECT", {}, { sub: "spiffe://x" }],
  ];

  it.each(wrong.map(([code], i) => [i, code] as const))("from step %i on: %s", async (i, code) => {
    const rest = wrong.slice(i);
    const header = Object.assign({}, ...rest.map(([, part]) => part).reverse());
    const payload = Object.assign({}, ...rest.map(([, , part]) => part).reverse());
    expect(await outcomeOf(await altered(header, payload))).toBe(code);
  });

  it("asks for no key of an issuer that is not trusted or of an alg that is not allowed, and verifies no signature", async () => {
    let asked = 0;
    const verifier = verifierWith({ keyResolver: { resolve: () => void asked++ } });
    for (const [header, payload] of [
      [{}, { iss: "https://x.example" }],
      [{ alg: "none" }, {}],
      [{ alg: "ES256" }, {}],
      [{ crit: [] }, {}],
    ] as const) {
      expect(await outcomeOf(await altered(header, payload), verifier)).toMatch(/^ERR_/);
    }
    expect(asked).toBe(0);
  });
});

describe("keys", () => {
  it("are looked up under the issuer that is named (SPEC-6.5)", async () => {
    const other = await KeyPair.generate();
    await authority.keyResolver.addKeyPair("https://other.example", other);
    const trustedIssuers = [
      ...authority.verifierOptions.trustedIssuers,
      { issuer: "https://other.example", trustLevel: "provider", trustDomains: ["other.com"] },
    ] as unknown as VerifierOptions["trustedIssuers"];
    const { header, payload } = takeApart(await authority.attest());
    const foreign = await forge({ ...header, kid: other.kid }, payload, other);
    expect(await outcomeOf(foreign, verifierWith({ trustedIssuers }))).toBe("ERR_KEY_NOT_FOUND");
  });

  it("have an algorithm that no token chooses (SPEC-6.6)", async () => {
    const [trusted] = authority.verifierOptions.trustedIssuers;
    const trustedIssuers = [{ ...trusted, algorithms: ["Ed25519", "ES256"] }] as const;
    const token = await altered({ alg: "ES256" }, {});
    expect(await outcomeOf(token, verifierWith({ trustedIssuers }))).toBe("ERR_ATTESTATION_SIGNATURE");
  });

  it("are refused when two have one name, or two sources one issuer (SPEC-8.6)", async () => {
    const twin = await KeyPair.generate({ kid: authority.authorityKey.kid });
    const added = authority.keyResolver.addKeyPair(authority.issuer, twin);
    await expect(added).rejects.toMatchObject({ code: "ERR_KEY_DUPLICATE" });
    const second = new InMemoryKeyResolver();
    await second.addKeyPair(authority.issuer, twin);
    const keyResolver = combineKeyResolvers(authority.keyResolver, second);
    expect(await outcomeOf(await authority.attest(), verifierWith({ keyResolver }))).toBe("ERR_KEY_DUPLICATE");
  });

  it("are fetched from nowhere that a token names (SPEC-8.7)", async () => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const asked: string[] = [];
    const keyResolver: KeyResolver = { resolve: (issuer) => void asked.push(issuer) };
    const address = "https://evil.example/keys";
    for (const header of [{ jku: address }, { x5u: address }, { jwk: {} }, { kid: address }]) {
      expect(await outcomeOf(await altered(header, {}), verifierWith({ keyResolver }))).toMatch(/^ERR_/);
    }
    expect(await outcomeOf(await altered({}, { iss: address }), verifierWith({ keyResolver }))).toMatch(/^ERR_/);
    expect(fetched).not.toHaveBeenCalled();
    expect(asked).toEqual([authority.issuer]);
    fetched.mockRestore();
  });

  it("of a type that is not known are told apart from malformed ones (SPEC-8.5)", async () => {
    const codeOf = (jwk: { kty: string; crv?: string; x?: string }) =>
      importVerificationKey(jwk).catch((error: AttestationError) => error.code);
    expect(await codeOf({ kty: "AKP" })).toBe("ERR_KEY_UNSUPPORTED");
    expect(await codeOf({ kty: "OKP", crv: "X25519", x: "a" })).toBe("ERR_KEY_UNSUPPORTED");
    expect(await codeOf({ kty: "OKP", crv: "Ed25519", x: "a" })).toBe("ERR_KEY_FORMAT");
  });
});

describe("the audience", () => {
  it("is one of the verifier's own names, several only by permission (SPEC-6.9)", async () => {
    const { audience } = authority;
    const several = await authority.attest({ audience: ["https://b.example", audience] });
    expect(await outcomeOf(several)).toBe("ERR_ATTESTATION_AUDIENCES");
    expect(await outcomeOf(several, verifierWith({ allowMultipleAudiences: true }))).toBe("verified");
    for (const near of [`${audience}/`, audience.toUpperCase(), "https://server.example"]) {
      expect(await outcomeOf(await authority.attest({ audience: near }))).toBe("ERR_ATTESTATION_AUDIENCE");
    }
  });
});

describe("a source that cannot say (SPEC-6.17)", () => {
  const silent = () => new Promise<never>(() => {});

  it.each<[string, string, Partial<VerifierOptions>]>([
    ["keys", "ERR_KEY_SOURCE_UNAVAILABLE", { keyResolver: { resolve: silent } }],
    ["revocations", "ERR_REVOCATION_UNAVAILABLE", { isRevoked: silent }],
    ["uses", "ERR_REPLAY_CACHE_UNAVAILABLE", { replayCache: { scope: "shared", consume: silent } }],
  ])("about %s is waited for ten seconds and no longer", async (_, code, options) => {
    const token = await authority.attest();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const outcome = verify(token, verifierWith(options));
    let settled = false;
    outcome.finally(() => {
      settled = true;
    });
    // Signatures on the thread pool and the like come back through real turns of the event loop.
    for (let i = 0; i < 50; i++) await new Promise(setImmediate);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({
      outcome: "refused",
      code,
      reason: "attestation_unavailable",
      retryable: true,
    });
  });

  it("refuses under every policy when it is about revocation (SPEC-5.4)", async () => {
    for (const isRevoked of [() => "no" as never, () => Promise.reject(new Error()), () => undefined as never]) {
      const verifier = verifierWith({ policy: "optional", isRevoked });
      expect(await outcomeOf(await authority.attest(), verifier)).toBe("ERR_REVOCATION_UNAVAILABLE");
    }
  });
});

describe("a use", () => {
  /** The uses that verifications record. */
  async function usesOf(run: (verifier: AttestationVerifier) => Promise<void>): Promise<ReplayUse[]> {
    const uses: ReplayUse[] = [];
    const consume = (use: ReplayUse) => Boolean(uses.push(use));
    const audience = [authority.audience, "https://alias.example/mcp"] as const;
    await run(verifierWith({ replayCache: { scope: "shared", consume }, allowBearer: true, audience }));
    return uses;
  }

  it("is known by what it means: another audience, key, issuer or jti is another use (SPEC-9.2)", async () => {
    const { header, payload } = takeApart(await authority.attest());
    const token = await forge(header, payload, authority.authorityKey);
    const respelt = await forge(header, { unknown: 1, ...payload }, authority.authorityKey);
    const proof = takeApart(await authority.prove(token, request));
    const uses = await usesOf(async (verifier) => {
      for (const [attestation, claims] of [
        [token, {}],
        [respelt, {}],
        [token, { aud: "https://alias.example/mcp" }],
        [token, { jti: "another-name-of-it" }],
      ] as const) {
        const att_hash = createHash("sha256").update(attestation).digest("base64url");
        const own = await forge(proof.header, { ...proof.payload, att_hash, ...claims }, authority.agentKey);
        await verifier.verify(attestation, { proof: own, ...request });
      }
    });
    expect(uses).toHaveLength(4);
    const [first, again, ...others] = uses.map(({ key }) => key);
    expect(again).toBe(first);
    expect(new Set([first, ...others]).size).toBe(3);
    for (const key of [first, ...others]) expect(key).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });

  it("is written so that no two lists of parts are written alike (SPEC-9.2)", async () => {
    const lists = [["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"], ["abc"], ["1:a", "bc"]];
    const keys = await Promise.all(lists.map((parts) => replayKey(parts)));
    expect(new Set(keys).size).toBe(lists.length);
  });

  it("is the base64url of the first half of a SHA-256, the same wherever it is made (SPEC-9.2)", async () => {
    for (let i = 0; i < 100; i++) {
      const hash = createHash("sha256")
        .update(`6:bearer${String(i).length}:${i}`)
        .digest();
      expect(await replayKey(["bearer", String(i)])).toBe(hash.subarray(0, 16).toString("base64url"));
    }
  });

  it("is remembered by the credential's own times (SPEC-9.3)", async () => {
    const token = await authority.attest();
    const proof = await authority.prove(token, request);
    const bearer = await authority.attestBearer();
    const uses = await usesOf(async (verifier) => {
      now = START + 40;
      await verifier.verify(token, { proof, ...request });
      await verifier.verify(bearer);
    });
    expect(uses).toMatchObject([
      { now: START + 40, issuedAt: START, expiresAt: START + 60 + 30 + 5 },
      { now: START + 40, issuedAt: START - 5, expiresAt: START + 295 + 30 + 5 },
    ]);
  });

  it("is remembered at least as long as any instance accepts it (SPEC-9.3)", async () => {
    const replayCache = new InMemoryReplayCache();
    const token = await authority.attest();
    now = START + 30;
    const proof = await authority.prove(token, request);
    now = START;
    for (const [seconds, outcome] of [
      [0, "verified"],
      [60, "refused"],
      [120, "refused"],
    ] as const) {
      now = START + seconds;
      const result = await verifierWith({ replayCache }).verify(token, { proof, ...request });
      expect(result.outcome).toBe(outcome);
      if (seconds > 0) expect(result).toMatchObject({ code: "ERR_REPLAY" });
    }
  });
});
