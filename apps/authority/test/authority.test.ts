import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import {
  type AgentIdentity,
  AttestationVerifier,
  createProof,
  encodeBase64url,
  InMemoryKeyResolver,
  KeyPair,
  type PublicJwk,
} from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Authority, type AuthoritySettingsInput, parseSettings, startAuthority } from "../src/index.ts";

const START = 1_800_000_000;
const AUDIENCE = "https://bank.example/mcp";
const SECRET = "a-secret-of-the-workload-aurora";
const OTHER_SECRET = "another-secret-of-another-one";
const hash = (secret: string) => createHash("sha256").update(secret).digest("hex");
const aurora: AgentIdentity = { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" };
const auroraBeta: AgentIdentity = { ...aurora, modelVersion: "aurora-3-beta" };

const settings = {
  issuer: "https://models.example",
  port: 0,
  workloads: [
    { id: "aurora", secretSha256: hash(SECRET), identities: [aurora, auroraBeta] },
    { id: "other", secretSha256: hash(OTHER_SECRET), identities: [aurora], audiences: [AUDIENCE] },
  ],
} satisfies AuthoritySettingsInput;

let now: number;
let authority: Authority;
let key: KeyPair;
const reported: unknown[] = [];

const start = (changes: Partial<AuthoritySettingsInput> = {}) =>
  startAuthority(parseSettings({ ...settings, ...changes }), {
    clock: () => now,
    report: (error) => reported.push(error),
  });

beforeEach(async () => {
  now = START;
  reported.length = 0;
  authority = await start();
  key = await KeyPair.generate();
});
afterEach(async () => {
  await authority.close();
  expect(reported).toEqual([]);
});

/** Posts as it is said, and reads the answer. */
async function post(path: string, body: string | object, secret: string | undefined = SECRET) {
  const response = await fetch(new URL(path, authority.url), {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(secret && { Authorization: `Bearer ${secret}` }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON of a test
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}

async function challenge(secret = SECRET): Promise<string> {
  return (await post("attestations/challenge", {}, secret)).body.challenge;
}

async function possessionOf(signer: KeyPair, text: string) {
  const signature = await signer.sign(new TextEncoder().encode(`io.github.attest/possession\n${text}`));
  return { challenge: text, signature: encodeBase64url(signature) };
}

/** An honest request, changed as the test wants it. */
async function ask(changes: object = {}, secret = SECRET) {
  const possession = await possessionOf(key, await challenge(secret));
  return post("attestations", { confirmation_key: key.toJwk(), possession, ...changes }, secret);
}

async function publishedKeys(): Promise<readonly PublicJwk[]> {
  const response = await fetch(new URL(".well-known/jwks.json", authority.url));
  return ((await response.json()) as { keys: PublicJwk[] }).keys;
}

async function verify(attestation: string, signer: KeyPair = key) {
  const keyResolver = new InMemoryKeyResolver();
  for (const jwk of await publishedKeys()) await keyResolver.addKey(settings.issuer, jwk);
  const trustedIssuers = [{ issuer: settings.issuer, trustLevel: "provider", trustDomains: ["example.com"] }] as const;
  const verifier = new AttestationVerifier({ trustedIssuers, keyResolver, audience: AUDIENCE, clock: () => now });
  const request = { kind: "message", method: "ping" } as const;
  const proof = await createProof({ attestation, signer, audience: AUDIENCE, request, clock: () => now });
  return verifier.verify(attestation, { ...request, proof });
}

describe("an attestation", () => {
  it("is made for an agent that proves its key, and verified with the published keys", async () => {
    const { status, body } = await ask();
    expect(status).toBe(201);
    expect(body.expires_at).toBe(START - 5 + 300);
    expect(await verify(body.attestation)).toMatchObject({
      verified: true,
      subject: "spiffe://example.com/model/aurora-2",
    });
  });

  it("reaches an agent through its HTTP source", async () => {
    const url = new URL("attestations", authority.url);
    const source = httpSource(url, { credential: () => SECRET, identity: auroraBeta, nameAudience: true });
    const signer = await KeyPair.generate();
    const agent = new AttestingAgent({ source, signer, clock: () => now });
    const { attestation } = await agent.credentialsFor(AUDIENCE, { kind: "message", method: "ping" });
    expect(await verify(attestation, signer)).toMatchObject({
      verified: true,
      identity: auroraBeta,
      claims: { aud: AUDIENCE },
    });
  });
});

describe("a workload", () => {
  it.each([
    ["no credential", undefined],
    ["a wrong secret", "a-secret-of-nobody-whatsoever"],
    ["the hash in the place of the secret", hash(SECRET)],
  ])("with %s is told nothing but that", async (_, secret) => {
    const { status, body, headers } = await post("attestations/challenge", {}, secret ?? "");
    expect(status).toBe(401);
    expect(body.error).toBe("unauthenticated");
    expect(headers.get("www-authenticate")).toBe("Bearer");
  });

  it("gets only identities that are registered for it, as they are registered (A1)", async () => {
    const wire = { model_family: "aurora", model_version: "aurora-3-beta", provider: "example" };
    expect((await ask({ identity: wire })).status).toBe(201);
    for (const wrong of [
      { ...wire, model_version: "aurora-4" },
      { ...wire, deployment_id: "elsewhere" },
      { ...wire, enterprise: { org_id: "acme", workload_id: "w", deployment_env: "production" } },
    ]) {
      expect(await ask({ identity: wrong })).toMatchObject({ status: 403, body: { error: "identity_not_registered" } });
    }
    expect(await ask({ identity: wire }, OTHER_SECRET)).toMatchObject({ body: { error: "identity_not_registered" } });
  });

  it("gets only audiences that are registered for it, where they are (A1)", async () => {
    expect((await ask({ audience: AUDIENCE }, OTHER_SECRET)).status).toBe(201);
    const refused = { status: 403, body: { error: "audience_not_registered" } };
    expect(await ask({ audience: "https://other.example/" }, OTHER_SECRET)).toMatchObject(refused);
    expect(await ask({}, OTHER_SECRET)).toMatchObject(refused);
  });

  it("cannot say of itself what the registration does not say (A1)", async () => {
    for (const extra of [{ metadata: { safety_level: "enhanced" } }, { subject: "spiffe://example.com/admin" }]) {
      expect(await ask(extra)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    }
  });
});

describe("possession of the key", () => {
  it("is not proved by another key's signature, nor by one over something else (A2)", async () => {
    const other = await KeyPair.generate();
    const text = await challenge();
    const bare = encodeBase64url(await key.sign(new TextEncoder().encode(text)));
    for (const possession of [
      await possessionOf(other, text),
      { challenge: await challenge(), signature: bare },
      { challenge: await challenge(), signature: `${bare}=` },
    ]) {
      expect(await ask({ possession })).toMatchObject({ status: 403, body: { error: "possession_not_proved" } });
    }
  });

  it("is proved once by each challenge, in time, by the workload that asked for it (A3)", async () => {
    const unknown = { status: 400, body: { error: "challenge_unknown" } };
    const used = await possessionOf(key, await challenge());
    expect((await ask({ possession: used })).status).toBe(201);
    expect(await ask({ possession: used })).toMatchObject(unknown);
    const others = await possessionOf(key, await challenge(OTHER_SECRET));
    expect(await ask({ possession: others })).toMatchObject(unknown);
    expect(await ask({ possession: await possessionOf(key, "invented") })).toMatchObject(unknown);
    const late = await possessionOf(key, await challenge());
    now += 60;
    expect(await ask({ possession: late })).toMatchObject(unknown);
  });

  it("leaves a challenge no second guess (A3)", async () => {
    const text = await challenge();
    const wrong = await possessionOf(await KeyPair.generate(), text);
    expect(await ask({ possession: wrong })).toMatchObject({ body: { error: "possession_not_proved" } });
    expect(await ask({ possession: await possessionOf(key, text) })).toMatchObject({
      body: { error: "challenge_unknown" },
    });
  });

  it("keeps at most 256 challenges open for one workload, and never closes another's for it (A3)", async () => {
    await authority.close();
    authority = await start({ requestsPerMinute: 1000 });
    const others = await possessionOf(key, await challenge(OTHER_SECRET));
    const first = await possessionOf(key, await challenge());
    for (let i = 0; i < 256; i++) await challenge();
    expect(await ask({ possession: first })).toMatchObject({ body: { error: "challenge_unknown" } });
    expect((await ask({ possession: others, audience: AUDIENCE }, OTHER_SECRET)).status).toBe(201);
  });

  it("refuses a private key, and repeats none of it (K3)", async () => {
    const jwk = await key.toPrivateJwk();
    const { status, body } = await ask({ confirmation_key: jwk });
    expect(status).toBe(400);
    expect(body.error).toBe("key_not_accepted");
    expect(JSON.stringify(body)).not.toContain(jwk.d);
  });

  it("refuses a key of small order (K2)", async () => {
    const x = encodeBase64url(new Uint8Array(32));
    expect(await ask({ confirmation_key: { kty: "OKP", crv: "Ed25519", x } })).toMatchObject({
      status: 400,
      body: { error: "key_not_accepted" },
    });
  });
});

describe("a request", () => {
  it.each([
    [
      "duplicate members (T10)",
      '{"confirmation_key":{},"confirmation_key":{},"possession":{"challenge":"a","signature":"a"}}',
    ],
    ["no JSON", "hello"],
    ["a list", "[]"],
    ["unknown members", '{"confirmation_key":{},"possession":{"challenge":"a","signature":"a"},"is_admin":true}'],
    [
      "prototype members (T11)",
      '{"confirmation_key":{},"possession":{"challenge":"a","signature":"a"},"__proto__":{}}',
    ],
  ])("with %s is refused", async (_, body) => {
    expect(await post("attestations", body)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
  });

  it("that is too large is refused unread (T17)", async () => {
    const body = { confirmation_key: { x: "a".repeat(20_000) } };
    expect(await post("attestations", body)).toMatchObject({ status: 413, body: { error: "too_large" } });
  });

  it("too many are refused, with the time to wait, and another workload's are not (A4)", async () => {
    await authority.close();
    authority = await start({ requestsPerMinute: 3 });
    for (let i = 0; i < 3; i++) expect((await post("attestations/challenge", {})).status).toBe(200);
    const { status, headers } = await post("attestations/challenge", {});
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await post("attestations/challenge", {}, OTHER_SECRET)).status).toBe(200);
  });

  it("with a wrong credential can be made only so often from one address (A4)", async () => {
    const statuses = [];
    for (let i = 0; i < 31; i++)
      statuses.push((await post("attestations/challenge", {}, `wrong-secret-number-${i}`)).status);
    expect(new Set(statuses.slice(0, 30))).toEqual(new Set([401]));
    expect(statuses[30]).toBe(429);
  });
});

describe("behind a proxy", () => {
  it("a stranger who guesses locks out nobody else who comes by it (A4)", async () => {
    await authority.close();
    authority = await start({ addressHeader: "X-Forwarded-For" });
    const from = async (forwarded: string, secret: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${secret}`, "X-Forwarded-For": forwarded };
      const url = new URL("attestations/challenge", authority.url);
      return (await fetch(url, { method: "POST", headers, body: "{}" })).status;
    };
    // What the stranger itself puts into the header comes before what the proxy adds.
    for (let i = 0; i < 30; i++) expect(await from(`192.0.2.${i}, 203.0.113.9`, `wrong-secret-number-${i}`)).toBe(401);
    expect(await from("203.0.113.9", SECRET)).toBe(429);
    expect(await from("198.51.100.7", SECRET)).toBe(200);
  });
});

describe("the authority", () => {
  it("rotates its keys without a refusal: the next is known before it signs, the last is known after", async () => {
    const before = (await ask()).body.attestation;
    const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    const known = (await publishedKeys()).map(({ kid }) => kid);
    now += 7200;
    await authority.rotate();
    const after = (await ask()).body.attestation;
    expect(kidOf(after)).not.toBe(kidOf(before));
    expect(known).toContain(kidOf(after));
    expect((await publishedKeys()).map(({ kid }) => kid)).toContain(kidOf(before));
    expect(await verify(after)).toMatchObject({ verified: true });
  });

  it("says that it is there, publishes no private key, and knows no other path", async () => {
    const get = async (path: string) => fetch(new URL(path, authority.url));
    expect(await (await get("health")).json()).toEqual({ status: "ok", issuer: settings.issuer });
    expect(JSON.stringify(await publishedKeys())).not.toContain('"d"');
    expect((await get("admin")).status).toBe(404);
    expect((await get("attestations")).status).toBe(404);
  });

  it("counts what it issues, for whoever collects metrics", async () => {
    const issued = async (): Promise<string | undefined> => {
      const text = await (await fetch(new URL("metrics", authority.url))).text();
      return /^attestation_issuances_total\{[^}]*attestation_outcome="issued"[^}]*\} (\d+)$/m.exec(text)?.[1];
    };
    await ask();
    expect(await issued()).toBe("1");
    await ask();
    expect(await issued()).toBe("2");
  });

  it("lets a request under way end when it is closed, and takes no other", async () => {
    const body = JSON.stringify({});
    const socket = connect(Number(authority.url.port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `POST /attestations/challenge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${SECRET}\r\n` +
        `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    // The server has read the head once it answers another connection.
    expect((await post("attestations/challenge", {})).status).toBe(200);
    const closed = authority.close();
    socket.write(body);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    await closed;
    await expect(fetch(new URL("health", authority.url))).rejects.toThrow();
    authority = await start();
  });
});
