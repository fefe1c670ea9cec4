import {
  AttestationVerifier,
  createProof,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  type PublicJwk,
} from "@attest/core";
import { MemoryKeyStorage, RotatingKeyStore } from "@attest/jwks";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { createAuthority } from "../src/index.ts";
import { Asking, AUDIENCE, aurora, hash, OTHER_SECRET, rules, SECRET } from "./asking.ts";
import { AUTHORITY, START } from "./platform.ts";

let asking: Asking;
beforeEach(async () => {
  asking = await Asking.start();
});

async function publishedKeys(): Promise<readonly PublicJwk[]> {
  const response = await asking.authority.fetch(new Request(`${AUTHORITY}/.well-known/jwks.json`));
  return ((await response.json()) as { keys: PublicJwk[] }).keys;
}

async function verify(attestation: string, signer: KeyPair = asking.key) {
  const keyResolver = new InMemoryKeyResolver();
  const issuer = "https://models.example";
  for (const jwk of await publishedKeys()) await keyResolver.addKey(issuer, jwk);
  const trustedIssuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }] as const;
  const clock = () => asking.now;
  const replayCache = new InMemoryReplayCache({ clock: () => START - 60 });
  const verifier = new AttestationVerifier({ trustedIssuers, keyResolver, audience: AUDIENCE, clock, replayCache });
  const request = { kind: "message", method: "ping" } as const;
  const proof = await createProof({ attestation, signer, audience: AUDIENCE, request, clock });
  return verifier.verify(attestation, { ...request, proof });
}

describe("an attestation", () => {
  it("is made for an agent that proves its key, and verified with the published keys", async () => {
    const { status, body } = await asking.ask();
    expect(status).toBe(201);
    expect(body.expires_at).toBe(START - 5 + 300);
    const subject = "spiffe://example.com/model/aurora-2";
    expect(await verify(body.attestation)).toMatchObject({ verified: true, subject });
  });

  it("reaches an agent through its HTTP source", async () => {
    const send = (url: string | URL | Request, init?: RequestInit) => asking.authority.fetch(new Request(url, init));
    const source = httpSource(asking.address, { credential: () => SECRET, identity: aurora, fetch: send });
    const signer = await KeyPair.generate();
    const agent = new AttestingAgent({ source, signer, clock: () => asking.now });
    const { attestation } = await agent.credentialsFor(AUDIENCE, { kind: "message", method: "ping" });
    expect(await verify(attestation, signer)).toMatchObject({ verified: true, claims: { aud: AUDIENCE } });
  });
});

describe("a caller", () => {
  it("without evidence is told that it is required", async () => {
    const { status, body, headers } = await asking.post("attestations/challenge", {}, "");
    expect(status).toBe(401);
    expect(body).toMatchObject({ type: "urn:attest:problem:unauthenticated", status: 401, error: "unauthenticated" });
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(headers.get("www-authenticate")).toBe("Bearer");
  });

  it("is told the same whether the rule is unknown, its evidence bad or a check does not hold (O3)", async () => {
    const answers = [
      await asking.post("attestations/challenge", { rule: "nobody" }),
      await asking.post("attestations/challenge", {}, "a-secret-of-nobody-whatsoever"),
      await asking.post("attestations/challenge", {}, hash(SECRET)),
      await asking.post("attestations/challenge", {}, "short-secret"),
      await asking.post("attestations/challenge", {}, OTHER_SECRET),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]?.body.error).toBe("not_admitted");
    expect(asking.records.map(({ because }) => because)).toEqual([
      "There is no rule of that name",
      "signature: The secret is not a registered one",
      "signature: The secret is not a registered one",
      "trap: The secret is shorter than 22 characters",
      "The rule's checks do not hold: subject",
    ]);
  });

  it("must name its rule where there is no default, and no rule is searched for it", async () => {
    asking = await Asking.start({ rules: rules.map((rule) => ({ ...rule, default: false })) });
    expect(await asking.post("attestations/challenge", {})).toMatchObject({
      status: 400,
      body: { error: "rule_required" },
    });
    expect((await asking.ask({ rule: "aurora" })).status).toBe(201);
    expect((await asking.post("attestations/challenge", { rule: "other" })).body.error).toBe("not_admitted");
  });

  it("gets the rule's identity alone (A1)", async () => {
    const wire = { model_family: "aurora", model_version: "aurora-2", provider: "example" };
    expect((await asking.ask({ identity: wire })).status).toBe(201);
    for (const wrong of [
      { ...wire, model_version: "aurora-4" },
      { ...wire, deployment_id: "elsewhere" },
      { ...wire, enterprise: { org_id: "acme", workload_id: "w", deployment_env: "production" } },
    ]) {
      expect(await asking.ask({ identity: wrong })).toMatchObject({
        status: 403,
        body: { error: "identity_not_registered" },
      });
    }
  });

  it("gets the rule's audiences alone, and learns that one must be sent (A1)", async () => {
    const other = { rule: "other" };
    expect((await asking.ask({ ...other, audience: AUDIENCE }, OTHER_SECRET)).status).toBe(201);
    const refused = { status: 403, body: { error: "audience_not_registered" } };
    expect(await asking.ask({ ...other, audience: "https://other.example/" }, OTHER_SECRET)).toMatchObject(refused);
    const { status, body } = await asking.ask(other, OTHER_SECRET);
    expect({ status, error: body.error }).toEqual({ status: 400, error: "audience_required" });
    expect(body.detail).toContain("`audience`");
  });

  it("cannot say of itself what the rule does not say (A1)", async () => {
    for (const extra of [{ metadata: { safety_level: "enhanced" } }, { subject: "spiffe://example.com/admin" }]) {
      expect(await asking.ask(extra)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    }
  });
});

describe("a request", () => {
  const possession = '"possession":{"challenge":"a","signature":"a"}';
  it.each([
    ["duplicate members (T10)", `{"confirmation_key":{},"confirmation_key":{},${possession}}`],
    ["no JSON", "hello"],
    ["a list", "[]"],
    ["a null", "null"],
    ["a text in the place of an object", '{"confirmation_key":"k","possession":"p"}'],
    ["unknown members", `{"confirmation_key":{},${possession},"is_admin":true}`],
    ["unknown members within", '{"confirmation_key":{},"possession":{"challenge":"a","signature":"a","x":1}}'],
    ["prototype members (T11)", `{"confirmation_key":{},${possession},"__proto__":{}}`],
    ["a missing member", '{"confirmation_key":{}}'],
    ["an empty text", '{"confirmation_key":{},"possession":{"challenge":"","signature":"a"}}'],
  ])("with %s is refused", async (_, body) => {
    expect(await asking.post("attestations", body)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it("that is too large is refused unread, whether it says so or not (T17)", async () => {
    const body = { confirmation_key: { x: "a".repeat(20_000) } };
    const refused = { status: 413, body: { error: "too_large" } };
    expect(await asking.post("attestations", body)).toMatchObject(refused);
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(4096));
      },
    });
    const init = { method: "POST", body: endless, duplex: "half" } as RequestInit;
    const response = await asking.authority.fetch(new Request(`${AUTHORITY}/attestations`, init));
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it("with two credentials in its field is refused (M14)", async () => {
    expect((await asking.post("attestations/challenge", {}, `${SECRET} x`)).status).toBe(400);
  });

  it("to another path or by another method is answered so", async () => {
    const get = async (path: string) => (await asking.authority.fetch(new Request(`${AUTHORITY}/${path}`))).status;
    expect(await get("attestations")).toBe(405);
    expect(await get("admin")).toBe(404);
    expect(await get("constructor")).toBe(404);
    expect(JSON.stringify(await publishedKeys())).not.toContain('"d"');
  });
});

describe("the authority", () => {
  it("writes down what it issues and refuses, and no secret (O1)", async () => {
    await asking.ask({ audience: AUDIENCE });
    expect(asking.records).toEqual([
      {
        time: START,
        outcome: "issued",
        endpoint: "attestations",
        rule: "aurora",
        evidence: "desk",
        kind: "secret",
        subject: "aurora",
        handle: "secret:aurora",
        keyThumbprint: expect.stringMatching(/^[\w-]{43}$/),
        audience: AUDIENCE,
        expiresAt: START - 5 + 300,
        client: "203.0.113.9",
      },
    ]);
    await asking.ask({}, OTHER_SECRET);
    expect(asking.records.at(-1)).toMatchObject({ outcome: "refused", problem: "invalid_request" });
    expect(JSON.stringify(asking.records)).not.toContain(OTHER_SECRET);
  });

  it("hands out nothing that could not be written down", async () => {
    asking = await Asking.start({
      record: async ({ outcome }) => {
        if (outcome === "issued") throw new Error("disk full");
      },
    });
    const { status, body } = await asking.ask();
    expect({ status, error: body.error }).toEqual({ status: 503, error: "unavailable" });
    expect(JSON.stringify(body)).not.toContain("disk");
    expect(asking.reported).toEqual([expect.objectContaining({ message: "disk full" })]);
  });

  it("rotates its keys without a refusal: the next is known before it signs, the last is known after", async () => {
    const clock = () => asking.now;
    const keyStore = await RotatingKeyStore.open({ storage: new MemoryKeyStorage(), clock });
    const moved = await Asking.start({ keyStore, clock });
    asking.authority = moved.authority;
    asking.key = moved.key;
    const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    const before = (await asking.ask()).body.attestation;
    const known = (await publishedKeys()).map(({ kid }) => kid);
    asking.now += 7200;
    await asking.authority.rotate();
    const after = (await asking.ask()).body.attestation;
    expect(kidOf(after)).not.toBe(kidOf(before));
    expect(known).toContain(kidOf(after));
    expect((await publishedKeys()).map(({ kid }) => kid)).toContain(kidOf(before));
    keyStore.close();
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0])(
    "judges nothing by a clock that tells no time: %s",
    async (time) => {
      const now = { value: START };
      asking = await Asking.start({ clock: () => now.value });
      const possession = await asking.possessionOf(asking.key, await asking.challenge());
      now.value = time;
      for (const [path, body] of [
        ["attestations/challenge", {}],
        ["attestations", { confirmation_key: asking.key.toJwk(), possession }],
      ] as const) {
        expect(await asking.post(path, body)).toMatchObject({ status: 503, body: { error: "unavailable" } });
      }
      expect(asking.reported).toEqual([1, 2].map(() => expect.objectContaining({ code: "ERR_CLOCK" })));
    },
  );

  it("answers below the path of its address, and at the root", async () => {
    asking = await Asking.start({ publicUrl: [AUTHORITY, "https://internal.example:8443/v1"] });
    const at = async (url: string) => (await asking.authority.fetch(new Request(url, { method: "POST" }))).status;
    expect(await at("https://internal.example:8443/v1/attestations/challenge")).toBe(401);
    expect(await at("https://internal.example:8443/attestations/challenge")).toBe(401);
    expect(await at("https://internal.example:8443/v2/attestations/challenge")).toBe(404);
  });
});

it.each<[string, object]>([
  ["publicUrl", { publicUrl: "authority.example" }],
  ["publicUrl", { publicUrl: [] }],
  [
    "publicUrl must be written as clients sign it: https://authority.example/",
    { publicUrl: "https://Authority.example:443" },
  ],
  ["without /attestations", { publicUrl: "https://authority.example/attestations" }],
  ["publicUrl", { publicUrl: "https://user:pass@authority.example" }],
  ["keyStore", { signer: undefined }],
  ["evidence", { evidence: {} }],
  ["secrets", { secrets: [new Uint8Array(31)] }],
  ["secrets", { replayCache: { scope: "shared", consume: () => true } }],
  ["tokenLifetime", { tokenLifetime: Number.NaN }],
  ["limits.perWorkload", { limits: { perWorkload: 0 } }],
  ["perMinute", { limits: { perMinute: 1 } }],
  ["acceptPossession1", { acceptPossession1: "yes" }],
  ["storage", { storage: {} }],
  ["record", { record: "file" }],
])("an authority with a wrong %s is not made: %o", async (problem, changes) => {
  const signer = await KeyPair.generate();
  const { secretEvidence } = await import("../src/index.ts");
  const evidence = { desk: secretEvidence({ workloads: { aurora: hash(SECRET), other: hash(OTHER_SECRET) } }) };
  const options = { issuer: "https://models.example", publicUrl: AUTHORITY, signer, evidence, rules, ...changes };
  await expect(createAuthority(options)).rejects.toThrow(problem);
});
