import { claimAt, isClaimPointer } from "@attest/core";
import { describe, expect, it } from "vitest";
import { checkRule, oidcEvidence, type Rule, secretEvidence } from "../src/index.ts";
import { Asking, AUDIENCE, aurora, hash, SECRET } from "./asking.ts";
import { AUTHORITY, createPlatform } from "./platform.ts";

const evidenceOf = (subject: string, claims: object = {}) => ({
  subject,
  claims: claims as Record<string, unknown>,
  handle: "h",
});
const holds = (checks: object, evidence: ReturnType<typeof evidenceOf>) =>
  checkRule(checks, evidence).every((outcome) => outcome.holds);

describe("a pointer", () => {
  const claims = { a: { "b/c": { "d~e": 1 } }, list: ["x", { y: 2 }], nothing: null, "": { "": 3 } };
  it.each<[string, unknown]>([
    ["/a/b~1c/d~0e", 1],
    ["/list/0", "x"],
    ["/list/1/y", 2],
    ["/list/01", undefined],
    ["/list/-", undefined],
    ["/list/length", undefined],
    ["/nothing", null],
    ["/nothing/x", undefined],
    ["/a/b/c", undefined],
    ["//", 3],
    ["/a/__proto__", undefined],
    ["/constructor/name", undefined],
    ["/list/0/length", undefined],
  ])("%s points to %s (T11)", (pointer, value) => expect(claimAt(claims, pointer)).toBe(value));

  it("is one by RFC 6901, and not to the whole", () => {
    expect(["/a", "/", "/a~0", "/~1"].map(isClaimPointer)).toEqual([true, true, true, true]);
    expect(["", "a", "/a~2", "/~", `/${"a".repeat(600)}`].map(isClaimPointer)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("a subject", () => {
  it("holds exactly, or by how it begins where a * is at its end", () => {
    expect(holds({ subject: "a:b" }, evidenceOf("a:b"))).toBe(true);
    expect(holds({ subject: "a:b" }, evidenceOf("a:bc"))).toBe(false);
    expect(holds({ subject: "a:*" }, evidenceOf("a:b"))).toBe(true);
    expect(holds({ subject: "a:*" }, evidenceOf("a:"))).toBe(false);
    expect(holds({ subject: "a:*" }, evidenceOf("b:a:"))).toBe(false);
    // No pattern but that one.
    expect(holds({ subject: "a.b" }, evidenceOf("axb"))).toBe(false);
  });
});

describe("a claim", () => {
  it("holds by its exact value and type, or by one of a list", () => {
    const check = (expected: unknown, found: unknown) =>
      holds({ claims: { "/c": expected } }, evidenceOf("s", { c: found }));
    expect(check("1", "1")).toBe(true);
    expect(check(1, "1")).toBe(false);
    expect(check("true", true)).toBe(false);
    expect(check(["a", "b"], "b")).toBe(true);
    expect(check(["a", "b"], "c")).toBe(false);
    expect(check("a", ["a"])).toBe(false);
    expect(check("a", undefined)).toBe(false);
  });

  it("is told with what was expected and found", () => {
    const outcomes = checkRule({ subject: "s", claims: { "/c": "x", "/d": 1 } }, evidenceOf("s", { c: "y" }));
    expect(outcomes).toEqual([
      { check: "subject", holds: true, expected: "s", found: "s" },
      { check: "/c", holds: false, expected: "x", found: "y" },
      { check: "/d", holds: false, expected: 1 },
    ]);
  });
});

describe("a rule", async () => {
  const platform = await createPlatform({ iss: "https://issuer.example", sub: "agent" }, "ES256");
  const evidence = {
    desk: secretEvidence({ sha256: hash(SECRET) }),
    several: secretEvidence({ workloads: { aurora: hash(SECRET) } }),
    oidc: oidcEvidence({ issuer: "https://issuer.example", audience: AUTHORITY, jwks: platform.jwks }),
  };
  const good: Rule = { name: "agent", evidence: "oidc", subject: "agent", attest: { identity: aurora } };
  const attest = (changes: object) => ({ attest: { ...good.attest, ...changes } });
  const start = (...rules: object[]) => Asking.start({ evidence, rules: rules as unknown as Rule[] });

  it.each<[string, object]>([
    ["rules[0] must check who it is", { subject: undefined }],
    ["rules[0] must check who it is", { subject: "*" }],
    [
      "rules[0] must check who it is",
      { subject: undefined, claims: { "/aud": AUTHORITY, "/iss": "https://issuer.example" } },
    ],
    ["rules[0] must check who it is", { evidence: "several", subject: undefined }],
    ["rules[0].subject may have one * at its end", { subject: "a*b" }],
    ["rules[0].subject may have one * at its end", { subject: "a**" }],
    ["rules[0].subject must be a text", { subject: "" }],
    ['rules[0].claims["team"] must be a pointer', { claims: { team: "a" } }],
    ['rules[0].claims["/team"] must be a text', { claims: { "/team": [] } }],
    ['rules[0].claims["/team"] must be a text', { claims: { "/team": { a: 1 } } }],
    ['rules[0].claims["/team"] must be a text', { claims: { "/team": Number.NaN } }],
    ["rules[0].claims must be an object", { claims: ["/team"] }],
    ["rules[0].name must be", { name: "Agent" }],
    ["rules[0].evidence must be one of desk, several, oidc", { evidence: "toString" }],
    ["rules[0].search is not a member", { search: true }],
    ["rules[0].default must be true or false", { default: "yes" }],
    ["rules[0].attest.audiences must be", attest({ audiences: [] })],
    ["rules[0].attest.audiences must be", attest({ audiences: ["bank"] })],
    ["rules[0].attest.lifetime must be", attest({ lifetime: 7200 })],
    ["rules[0].attest.maxDelegationDepth must be", attest({ maxDelegationDepth: 5 })],
    ["rules[0].attest.maxDelegationDepth must be", attest({ maxDelegationDepth: 1.5 })],
    ["rules[0].attest.nest must be true or false", attest({ nest: "yes" })],
    ["rules[0].attest.nest needs evidence of kind attestation", attest({ nest: true, trustDomain: "corp.example" })],
    ["rules[0].attest.nest is for an enterprise's", attest({ nest: true, attestationType: "provider" })],
    ["rules[0].attest.trustDomain must be set", attest({ nest: true })],
    ["rules[0].attest.admin is not a member", attest({ admin: true })],
    ["rules[0].attest.trustDomain must be set", attest({ attestationType: "enterprise" })],
    [
      "rules[0].attest.trustDomain must be the one in",
      attest({ subject: "spiffe://a.example/b", trustDomain: "b.example" }),
    ],
    ["rules[0].attest.copy.deploymentId must be a pointer", attest({ copy: { deploymentId: "sub" } })],
    ["rules[0].attest.copy.subject is nothing that can be copied", attest({ copy: { subject: "/sub" } })],
    ["rules[0].attest.copy.workloadId needs", attest({ copy: { workloadId: "/sub" } })],
    ["rules[0].attest must say what is attested", { attest: undefined }],
    ["agent: ", attest({ identity: { ...aurora, modelVersion: "a b" } })],
    ["agent: ", attest({ subject: "https://example.com/agent" })],
    ["agent: ", attest({ identity: { ...aurora, provider: "example.com" } })],
  ])("is refused at the start: %s (A1)", async (problem, changes) => {
    await expect(start({ ...good, ...changes })).rejects.toThrow(problem);
  });

  it("is refused together with all others that are wrong, each by its place", async () => {
    const wrong = start({ ...good, name: "A" }, good, { ...good, subject: "*" });
    await expect(wrong).rejects.toThrow(/rules\[0\]\.name[\s\S]*rules\[2\] must check who it is/);
    await expect(start(good, good)).rejects.toThrow('two of them are called "agent"');
    const twice = [
      { ...good, default: true },
      { ...good, name: "b", default: true },
    ];
    await expect(start(...twice)).rejects.toThrow("more than one is the default");
    await expect(start()).rejects.toThrow("at least one rule");
  });

  it("needs no check where the evidence itself says who it is", async () => {
    const asking = await start({ name: "desk", evidence: "desk", default: true, attest: good.attest });
    expect((await asking.ask()).status).toBe(201);
  });

  it("is not changed by what its maker changes afterwards", async () => {
    const rule = { ...good, default: true, claims: { "/team": "finance" } };
    const asking = await start(rule);
    (rule.claims as Record<string, string>)["/team"] = "other";
    expect((await asking.ask({}, await platform.token({ team: "finance" }))).status).toBe(201);
    expect((await asking.post("attestations/challenge", {}, await platform.token({ team: "other" }))).status).toBe(403);
  });

  it("copies what it names from the evidence, and nothing else (A1)", async () => {
    const identity = {
      ...aurora,
      deploymentId: "d",
      enterprise: { orgId: "corp", workloadId: "w", deploymentEnv: "prod" },
    };
    const digest = `sha256:${"a".repeat(64)}`;
    const copy = { deploymentId: "/pod/uid", workloadId: "/sub", configHash: "/image" };
    const what = {
      identity,
      copy,
      attestationType: "enterprise",
      trustDomain: "corp.example",
      capabilities: ["tools"],
    };
    const asking = await start({ ...good, default: true, attest: { ...what, safetyLevel: "enhanced", lifetime: 60 } });
    const facts = {
      pod: { uid: "5e0bd49b" },
      image: digest,
      agent_identity: { provider: "evil" },
      safety_level: "minimal",
    };
    const { body } = await asking.ask({ audience: AUDIENCE }, await platform.token(facts));
    const claims = JSON.parse(Buffer.from(body.attestation.split(".")[1], "base64url").toString());
    expect(claims).toMatchObject({
      sub: "spiffe://corp.example/model/aurora-2",
      aud: AUDIENCE,
      agent_identity: { provider: "example", deployment_id: "5e0bd49b", enterprise: { workload_id: "agent" } },
      agent_integrity: { config_hash: digest },
      attestation_metadata: {
        attestation_type: "enterprise",
        safety_level: "enhanced",
        capabilities_declared: ["tools"],
      },
    });
    expect(claims.exp - claims.iat).toBe(60);
    for (const missing of [
      { ...facts, pod: {} },
      { ...facts, pod: { uid: 7 } },
      { ...facts, pod: { uid: "" } },
    ]) {
      const answer = await asking.ask({}, await platform.token({ ...missing, jti: JSON.stringify(missing) }));
      expect(answer.body.error).toBe("not_admitted");
      expect(asking.records.at(-1)?.because).toContain("/pod/uid");
    }
    const noDigest = await asking.ask({}, await platform.token({ ...facts, image: "latest" }));
    expect(noDigest).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });
});

it("secrets are given by hashes, which no error repeats (O1)", () => {
  const problems: [object, string][] = [
    [{}, "sha256"],
    [{ sha256: "the secret itself" }, "sha256"],
    [{ sha256: hash(SECRET), workloads: {} }, "sha256"],
    [{ workloads: {} }, "workloads"],
    [{ workloads: { A: hash(SECRET) } }, "workloads"],
    [{ workloads: { a: hash(SECRET), b: hash(SECRET) } }, "two of them"],
    [{ secret: SECRET }, "secret"],
  ];
  for (const [options, problem] of problems) {
    expect(() => secretEvidence(options), JSON.stringify(options)).toThrow(problem);
    expect(() => secretEvidence(options)).not.toThrow(hash(SECRET));
  }
});
