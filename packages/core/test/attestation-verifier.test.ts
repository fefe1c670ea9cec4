import {
  type AttestationErrorCode,
  AttestationVerifier,
  createProof,
  KeyPair,
  type ProofRequest,
  type VerificationPolicy,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, describe, expect, it } from "vitest";

const START = 1_800_000_000;
const request = { kind: "message", method: "tools/call", params: { name: "transfer", arguments: { n: 1 } } } as const;

let now: number;
let authority: TestAuthority;
beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
});

/** Signs any header and payload with the authority's key: what no honest provider would. */
async function sign(header: object, payload: object | string, key: KeyPair = authority.authorityKey): Promise<string> {
  const encode = (value: object | string) =>
    Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${Buffer.from(await key.sign(Buffer.from(input))).toString("base64url")}`;
}

function parts(token: string): { header: Record<string, unknown>; payload: Record<string, unknown> } {
  const [header = "", payload = ""] = token.split(".");
  const decode = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
  return { header: decode(header), payload: decode(payload) };
}

/** The code by which a token with an honest proof for it is refused, or `verified`. */
async function outcomeOf(token: string, verifier = authority.verifier, extra: object = {}): Promise<string> {
  const proof = await authority.prove(token, request);
  const result = await verifier.verify(token, { proof, ...request, ...extra });
  return "code" in result ? result.code : result.outcome;
}

describe("a bound attestation", () => {
  it("is verified with a proof for the message", async () => {
    const attestation = await authority.attest();
    const result = await authority.verifier.verify(attestation, {
      proof: await authority.prove(attestation, request),
      ...request,
    });
    expect(result).toMatchObject({
      outcome: "verified",
      profile: "bound",
      trustLevel: "provider",
      subject: "spiffe://example.com/model/example-1",
    });
  });

  it("is used again with a fresh proof, but no proof twice (R3, SPEC-9.1)", async () => {
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    const verify = (p: string) => authority.verifier.verify(attestation, { proof: p, ...request });
    expect(await verify(proof)).toMatchObject({ outcome: "verified" });
    expect(await verify(proof)).toMatchObject({ code: "ERR_REPLAY", reason: "attestation_replay" });
    expect(await verify(await authority.prove(attestation, request))).toMatchObject({ outcome: "verified" });
  });

  it("lets exactly one of many simultaneous presentations of a proof through (R3, SPEC-9.1)", async () => {
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    const all = Array.from({ length: 200 }, () => authority.verifier.verify(attestation, { proof, ...request }));
    expect((await Promise.all(all)).filter((result) => result.verified)).toHaveLength(1);
  });

  it("is refused without proof, and without the message (T24, SPEC-6.12)", async () => {
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    expect(await authority.verifier.verify(attestation, request)).toMatchObject({ code: "ERR_PROOF_REQUIRED" });
    const bare = { proof } as unknown as { proof: string } & ProofRequest;
    expect(await authority.verifier.verify(attestation, bare)).toMatchObject({ code: "ERR_PROOF_REQUEST" });
  });

  it.each<[string, object, object | undefined, string]>([
    ["alg none (T1)", { alg: "none" }, {}, "ERR_ATTESTATION_ALG"],
    ["alg in another case (T1)", { alg: "ed25519" }, {}, "ERR_ATTESTATION_ALG"],
    ["an HMAC alg (T2)", { alg: "HS256" }, {}, "ERR_ATTESTATION_ALG"],
    ["EdDSA, which only bearer may be (T1, SPEC-2.4)", { alg: "EdDSA" }, {}, "ERR_ATTESTATION_ALG"],
    ["an embedded jwk (T4, SPEC-2.2)", { jwk: {} }, {}, "ERR_ATTESTATION_HEADER"],
    ["x5c (T4)", { x5c: [] }, {}, "ERR_ATTESTATION_HEADER"],
    ["jku (T5, SPEC-2.2)", { jku: "https://evil.example" }, {}, "ERR_ATTESTATION_HEADER"],
    ["crit (T7)", { crit: ["b64"] }, {}, "ERR_ATTESTATION_HEADER"],
    ["b64 (T8)", { b64: false }, {}, "ERR_ATTESTATION_HEADER"],
    ["a traversal for kid (T6, SPEC-2.6)", { kid: "../../etc/passwd" }, {}, "ERR_KEY_NOT_FOUND"],
    ["a kid that is a number (T6)", { kid: 1 }, {}, "ERR_ATTESTATION_HEADER"],
    ["the typ of a proof (T9, SPEC-2.3)", { typ: "agent-attestation-pop+jwt" }, {}, "ERR_ATTESTATION_TYP"],
    ["the typ of bearer (T24)", { typ: "JWT" }, {}, "ERR_BEARER_NOT_ALLOWED"],
    ["another issuer (T14, SPEC-6.4)", {}, { iss: "https://authority.example/" }, "ERR_ISSUER_UNTRUSTED"],
    ["issuers in a list (T14, SPEC-6.4)", {}, { iss: ["https://authority.example"] }, "ERR_ISSUER_UNTRUSTED"],
    ["a fractional exp (T18, SPEC-2.8)", {}, { exp: START + 0.5 }, "ERR_ATTESTATION_CLAIMS"],
    ["a string exp (T18, SPEC-2.8)", {}, { exp: String(START + 100) }, "ERR_ATTESTATION_CLAIMS"],
    ["no exp (T18, SPEC-2.7)", {}, { exp: undefined }, "ERR_ATTESTATION_CLAIMS"],
    ["too long a life (T18, SPEC-2.10)", {}, { exp: START + 3601 }, "ERR_ATTESTATION_LIFETIME"],
    ["a NUL in jti (T13)", {}, { jti: "a\u0000b" }, "ERR_ATTESTATION_CLAIMS"],
    [
      "a homoglyph in the model (T13)",
      {},
      { agent_identity: { model_family: "clаude", model_version: "1", provider: "x" } },
      "ERR_ATTESTATION_CLAIMS",
    ],
    [
      "a subject of another trust domain (T22, SPEC-5.6)",
      {},
      { sub: "spiffe://other.com/model/x" },
      "ERR_TRUST_DOMAIN",
    ],
    ["a subject that is no SPIFFE ID (SPEC-2.14)", {}, { sub: "spiffe://example.com/../x" }, "ERR_ATTESTATION_SUBJECT"],
    ["another audience (T20, SPEC-6.9)", {}, { aud: "https://other.example" }, "ERR_ATTESTATION_AUDIENCE"],
    [
      "several audiences (T20, SPEC-6.9)",
      {},
      { aud: ["https://server.example/mcp", "https://b.example"] },
      "ERR_ATTESTATION_AUDIENCES",
    ],
    ["no agent key (T24, SPEC-2.15)", {}, { cnf: undefined }, "ERR_CONFIRMATION_KEY"],
    ["no identity (SPEC-2.7)", {}, { agent_identity: undefined }, "ERR_ATTESTATION_CLAIMS"],
  ])("is refused with %s", async (_, header, payload, code) => {
    const honest = parts(await authority.attest());
    expect(await outcomeOf(await sign({ ...honest.header, ...header }, { ...honest.payload, ...payload }))).toBe(code);
  });

  it("is refused with its times as infinity (T18, SPEC-2.8)", async () => {
    const { header, payload } = parts(await authority.attest());
    const text = JSON.stringify(payload).replace(/"exp":\d+/, '"exp":1e400');
    expect(await outcomeOf(await sign(header, text))).toBe("ERR_ATTESTATION_CLAIMS");
  });

  it.each<[string, (text: string) => string, string]>([
    [
      "a duplicate member (T10, SPEC-6.3)",
      (text) => text.replace("{", '{"iss":"https://evil.example",'),
      "ERR_ATTESTATION_DUPLICATE_MEMBER",
    ],
    [
      "a duplicate spelt with an escape (T10)",
      (text) => text.replace("{", '{"\\u0069ss":"x",'),
      "ERR_ATTESTATION_DUPLICATE_MEMBER",
    ],
    ["a byte-order mark (T12, SPEC-6.3)", (text) => `\ufeff${text}`, "ERR_ATTESTATION_JSON"],
    ["an array for claims (T12)", (text) => `[${text}]`, "ERR_ATTESTATION_JSON"],
    ["an unpaired surrogate (T13, SPEC-6.3)", (text) => text.replace("{", '{"x":"\\ud800",'), "ERR_ATTESTATION_JSON"],
    [
      "JSON that is too deep (T17, SPEC-6.3)",
      (text) => text.replace("{", `{"x":${"[".repeat(16)}${"]".repeat(16)},`),
      "ERR_ATTESTATION_JSON",
    ],
    [
      "more bytes than allowed (T17, SPEC-2.1)",
      (text) => text.replace("{", `{"x":"${"a".repeat(6000)}",`),
      "ERR_ATTESTATION_SIZE",
    ],
  ])("is refused with %s", async (_, alter, code) => {
    const { header, payload } = parts(await authority.attest());
    expect(await outcomeOf(await sign(header, alter(JSON.stringify(payload))))).toBe(code);
  });

  it("ignores `__proto__` and `constructor` claims (T11, SPEC-2.9)", async () => {
    const { header, payload } = parts(await authority.attest());
    const text = JSON.stringify(payload).replace("{", '{"__proto__":{"verified":1},"constructor":1,');
    const token = await sign(header, text);
    const result = await authority.verifier.verify(token, { proof: await authority.prove(token, request), ...request });
    expect(result.outcome).toBe("verified");
    expect(JSON.stringify(result)).not.toContain("constructor");
  });

  it("is refused in every other spelling of the same token (T16, SPEC-6.2)", async () => {
    const token = await authority.attest();
    for (const altered of [`${token}=`, ` ${token}`, `${token}\n`, token.replace(".", ".."), `${token}.x`]) {
      expect(await outcomeOf(altered)).toMatch(/^ERR_ATTESTATION_(ENCODING|FORMAT)$/);
    }
  });

  it("is signed by its issuer's key and no other (T3, K7)", async () => {
    const { header, payload } = parts(await authority.attest());
    const other = await KeyPair.generate();
    expect(await outcomeOf(await sign(header, payload, other))).toBe("ERR_ATTESTATION_SIGNATURE");
    for (const falsy of [null, 0, "", {}, false]) {
      const keyResolver = { resolve: () => falsy as never };
      const verifier = new AttestationVerifier({ ...authority.verifierOptions, keyResolver });
      expect(await outcomeOf(await authority.attest(), verifier)).toBe("ERR_KEY_SOURCE_UNAVAILABLE");
    }
  });

  it.each<[string, number, string]>([
    ["one second before exp + tolerance (T19)", 295 + 29, "verified"],
    ["at exp + tolerance (T19, SPEC-6.8)", 295 + 30, "ERR_ATTESTATION_EXPIRED"],
    ["one second after (T19)", 295 + 31, "ERR_ATTESTATION_EXPIRED"],
    ["iat at now + tolerance (T19)", -35, "verified"],
    ["iat one second beyond (T19, SPEC-6.8)", -36, "ERR_ATTESTATION_NOT_YET_VALID"],
  ])("at the edges of its life: %s", async (_, shift, outcome) => {
    const attestation = await authority.attest();
    now = START + shift;
    expect(await outcomeOf(attestation)).toBe(outcome);
  });

  it("is judged by the whole second in which its server is, which is also what a client is told (SPEC-1.3)", async () => {
    const attestation = await authority.attest();
    const at = (time: number) => new AttestationVerifier({ ...authority.verifierOptions, clock: () => time });
    const last = START + 295 + 29;
    now = last;
    expect(await outcomeOf(attestation, at(last + 0.999))).toBe("verified");
    const result = await at(last + 1.999).verify(attestation);
    expect(result).toMatchObject({ code: "ERR_ATTESTATION_EXPIRED", advice: { serverTime: last + 1 } });
  });

  it("is refused by a clock that tells no time (T19, SPEC-6.18)", async () => {
    const attestation = await authority.attest();
    for (const clock of [
      () => Number.NaN,
      () => Number.POSITIVE_INFINITY,
      () => {
        throw new Error();
      },
    ]) {
      const verifier = new AttestationVerifier({ ...authority.verifierOptions, clock });
      expect(await outcomeOf(attestation, verifier)).toBe("ERR_CLOCK");
    }
  });

  it("is looked at anew where things can change, though it is remembered (T21, SPEC-6.10, SPEC-6.11)", async () => {
    let revoked: unknown = false;
    const isRevoked = () => revoked as boolean;
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, isRevoked });
    const attestation = await authority.attest();
    expect(await outcomeOf(attestation, verifier)).toBe("verified");
    expect(await outcomeOf(attestation, verifier)).toBe("verified");
    revoked = true;
    expect(await outcomeOf(attestation, verifier)).toBe("ERR_REVOKED");
    revoked = "no";
    expect(await outcomeOf(attestation, verifier)).toBe("ERR_REVOCATION_UNAVAILABLE");
    revoked = false;
    expect(await outcomeOf(attestation, verifier)).toBe("verified");
    authority.keyResolver.removeKey(authority.issuer, authority.authorityKey.kid);
    expect(await outcomeOf(attestation, verifier)).toBe("ERR_KEY_NOT_FOUND");
  });
});

describe("a proof", () => {
  const prove = (attestation: string, options: Partial<Parameters<typeof createProof>[0]> = {}) =>
    createProof({
      attestation,
      signer: authority.agentKey,
      audience: authority.audience,
      request,
      clock: () => now,
      ...options,
    });
  const codeWith = async (attestation: string, proof: unknown, extra: object = {}) => {
    const result = await authority.verifier.verify(attestation, { proof, ...request, ...extra });
    return "code" in result ? result.code : result.outcome;
  };

  it("is for one attestation, audience, message, key, session and access token (M5, M1, SPEC-3.3, SPEC-6.15)", async () => {
    const attestation = await authority.attest();
    const cases: [Partial<Parameters<typeof createProof>[0]>, AttestationErrorCode][] = [
      [{ attestation: await authority.attest() }, "ERR_PROOF_ATTESTATION"],
      [{ audience: "https://other.example" }, "ERR_PROOF_AUDIENCE"],
      [{ signer: await KeyPair.generate() }, "ERR_PROOF_SIGNATURE"],
      [{ signer: await KeyPair.generate({ algorithm: "ES256" }) }, "ERR_PROOF_ALG"],
      [{ request: { ...request, method: "tools/list" } }, "ERR_PROOF_DIGEST"],
      [{ request: { kind: "http", method: "POST" } }, "ERR_PROOF_CARRIER"],
      [{ sessionId: "s" }, "ERR_PROOF_SESSION"],
      [{ accessToken: "t" }, "ERR_PROOF_ACCESS_TOKEN"],
    ];
    for (const [options, code] of cases)
      expect(await codeWith(attestation, await prove(attestation, options))).toBe(code);
    expect(await codeWith(attestation, await prove(attestation), { sessionId: "s" })).toBe("ERR_PROOF_SESSION");
    expect(await codeWith(attestation, await prove(attestation), { accessToken: "t" })).toBe("ERR_PROOF_ACCESS_TOKEN");
  });

  it("covers an HTTP request with its session and access token (SPEC-3.10, SPEC-6.15)", async () => {
    const attestation = await authority.attest();
    const http = { kind: "http", method: "POST", body: new TextEncoder().encode("{}") } as const;
    const context = { sessionId: "session", accessToken: "token" };
    const proof = () => prove(attestation, { request: http, ...context });
    const verify = async (changed: object) => {
      const result = await authority.verifier.verify(attestation, {
        proof: await proof(),
        ...http,
        ...context,
        ...changed,
      });
      return "code" in result ? result.code : result.outcome;
    };
    expect(await verify({})).toBe("verified");
    expect(await verify({ method: "DELETE" })).toBe("ERR_PROOF_METHOD");
    expect(await verify({ body: new TextEncoder().encode("{} ") })).toBe("ERR_PROOF_DIGEST");
  });

  it.each<[number, string]>([
    [89, "verified"],
    [90, "verified"],
    [91, "ERR_PROOF_TIME"],
    [-30, "verified"],
    [-31, "ERR_PROOF_TIME"],
  ])("made %i seconds ago: %s (T19, SPEC-6.14)", async (age, outcome) => {
    const attestation = await authority.attest();
    const proof = await prove(attestation, { clock: () => START - age });
    const result = await authority.verifier.verify(attestation, { proof, ...request });
    expect("code" in result ? result.code : result.outcome).toBe(outcome);
    if (outcome === "ERR_PROOF_TIME")
      expect(result).toMatchObject({ reason: "attestation_expired", advice: { serverTime: START } });
  });

  it("may be signed with P-256 (SPEC-3.2)", async () => {
    const signer = await KeyPair.generate({ algorithm: "ES256" });
    const attestation = await authority.attest({ confirmationKey: signer.toJwk() });
    expect(await codeWith(attestation, await prove(attestation, { signer }))).toBe("verified");
  });
});

describe("verifications at once", () => {
  it.each([2, 64])("judge each for itself: %i", async (count) => {
    const honest = await Promise.all(Array.from({ length: count / 2 }, () => authority.attestBearer()));
    const forged = honest.map((token) => token.replace(/(.)(.{79})$/, (_, c, rest) => (c === "A" ? "B" : "A") + rest));
    const { verifierOptions } = authority;
    const verifier = new AttestationVerifier({ ...verifierOptions, allowBearer: true });
    const results = await Promise.all([...forged, ...honest].map((token) => verifier.verify(token)));
    expect(results.map((result) => result.verified)).toEqual([...forged.map(() => false), ...honest.map(() => true)]);
  });

  it.each([
    [7, false],
    [8, true],
  ])("spread signatures over threads from eight on: %i, %s", async (count, spread) => {
    const { keyResolver, verifierOptions } = authority;
    const told = new Set<unknown>();
    const watched = {
      resolve: (issuer: string, kid: string) => {
        const key = keyResolver.resolve(issuer, kid);
        const verify = (data: Uint8Array, signature: Uint8Array, crowded?: boolean) => {
          told.add(crowded);
          return key?.verify(data, signature, crowded) ?? false;
        };
        return key && { ...key, verify };
      },
    };
    const verifier = new AttestationVerifier({ ...verifierOptions, keyResolver: watched, allowBearer: true });
    const tokens = await Promise.all(Array.from({ length: count }, () => authority.attestBearer()));
    const results = await Promise.all(tokens.map((token) => verifier.verify(token)));
    expect(results.every((result) => result.verified)).toBe(true);
    expect(told).toContain(spread);
    if (!spread) expect(told).toEqual(new Set([false]));
  });
});

describe("a bearer attestation", () => {
  it("is accepted once, where the server opted in", async () => {
    const token = await authority.attestBearer();
    expect(await authority.verifier.verify(token)).toMatchObject({ code: "ERR_BEARER_NOT_ALLOWED" });
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true });
    expect(await verifier.verify(token)).toMatchObject({ outcome: "verified", profile: "bearer" });
    expect(await verifier.verify(token)).toMatchObject({ code: "ERR_REPLAY" });
  });

  it("holds no key: a bound one made to look like it is refused (T24, SPEC-2.16)", async () => {
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true });
    const { header, payload } = parts(await authority.attestBearer());
    const token = await sign(header, { ...payload, cnf: { jwk: authority.agentKey.toJwk() } });
    expect(await verifier.verify(token)).toMatchObject({ code: "ERR_BEARER_CONFIRMATION" });
  });
});

describe("policy (T23, SPEC-5.1)", () => {
  it.each<[VerificationPolicy, string, string, string, string]>([
    ["required", "refused", "refused", "refused", "refused"],
    ["preferred", "absent", "unassessed", "unassessed", "refused"],
    ["optional", "absent", "unassessed", "unassessed", "refused"],
  ])(
    "%s: nothing → %s, unlisted issuer → %s, key source down → %s, false → %s",
    async (policy, nothing, unlisted, down, wrong) => {
      const options = { ...authority.verifierOptions, policy };
      const verifier = new AttestationVerifier(options);
      expect((await verifier.verify(undefined)).outcome).toBe(nothing);
      const { header, payload } = parts(await authority.attest());
      const stranger = await sign(header, { ...payload, iss: "https://stranger.example" });
      expect((await verifier.verify(stranger, request)).outcome).toBe(unlisted);
      const failing = new AttestationVerifier({
        ...options,
        keyResolver: { resolve: () => Promise.reject(new Error()) },
      });
      expect((await failing.verify(await authority.attest(), request)).outcome).toBe(down);
      expect((await verifier.verify("garbage", request)).outcome).toBe(wrong);
      expect((await verifier.verify(null, request)).outcome).toBe(wrong);
    },
  );

  it.each<[string, () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("secret");
      },
    ],
    ["rejects", () => Promise.reject(new Error("secret"))],
    ["answers 'OK'", () => "OK"],
    ["answers nothing", () => undefined],
    ["answers 1", () => Promise.resolve(1)],
  ])("refuses under every policy when the replay cache %s (R15, SPEC-5.4, SPEC-9.6)", async (_, consume) => {
    const replayCache = { scope: "shared", consume: consume as () => boolean } as const;
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, policy: "optional", replayCache });
    expect(await outcomeOf(await authority.attest(), verifier)).toBe("ERR_REPLAY_CACHE_UNAVAILABLE");
  });

  it("waits for promises that are not the platform's own, as some clients make them (R15)", async () => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
    const later = <T>(value: T) => ({ then: (resolve: (value: T) => void) => setTimeout(resolve, 0, value) });
    const { keyResolver } = authority.verifierOptions;
    const verifier = new AttestationVerifier({
      ...authority.verifierOptions,
      keyResolver: { resolve: (issuer, kid) => later(keyResolver.resolve(issuer, kid)) as never },
      replayCache: { scope: "shared", consume: () => later(true) as never },
      isRevoked: () => later(false) as never,
    });
    expect(await outcomeOf(await authority.attest(), verifier)).toBe("verified");
  });

  it("consumes nothing for what fails before (R5, SPEC-6.16)", async () => {
    let consumed = 0;
    const replayCache = { scope: "shared", consume: () => Boolean(++consumed) } as const;
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, replayCache });
    const attestation = await authority.attest();
    await verifier.verify(attestation, { proof: await authority.prove(attestation, request), ...request, method: "x" });
    expect(consumed).toBe(0);
  });
});

describe("options that make no sense", () => {
  it.each<[string, object]>([
    ["trustedIssuers", { trustedIssuers: [] }],
    ["audience", { audience: "" }],
    ["audience", { audience: "not a uri" }],
    ["policy", { policy: "lenient" }],
    ["clockTolerance", { clockTolerance: Number.NaN }],
    ["proofWindow", { proofWindow: 0 }],
    ["nodeSkew", { nodeSkew: 0 }],
    ["maxLifetime.bearer", { maxLifetime: { bearer: 901 } }],
    ["requiredClaims", { requiredClaims: ["agent_intergity"] }],
    ["allowBearer", { allowBearer: "yes" }],
    ["replayCache", { instances: "multiple" }],
    ["keyResolver", { keyResolver: {} }],
    ["allowBearrer", { allowBearrer: true }],
  ])("are refused at construction, naming %s (R6, SPEC-1.2)", (name, wrong) => {
    expect(() => new AttestationVerifier({ ...authority.verifierOptions, ...wrong })).toThrow(name);
  });

  it("include one trust domain for two issuers (T22, SPEC-5.5)", () => {
    const trusted = { trustLevel: "provider", trustDomains: ["example.com"] } as const;
    const trustedIssuers = [
      { issuer: authority.issuer, ...trusted },
      { issuer: "https://b.example", ...trusted },
    ] as const;
    expect(() => new AttestationVerifier({ ...authority.verifierOptions, trustedIssuers })).toThrow("two issuers");
  });

  it.each([
    ["lifetime", { lifetime: Number.NaN }],
    ["lifetime", { lifetime: 3601 }],
    ["trustDomain", { trustDomain: "Example.com" }],
    ["subject", { subject: "me" }],
  ])("are refused when issuing, naming %s", async (name, wrong) => {
    await expect(authority.attest(wrong)).rejects.toThrow(name);
  });
});
