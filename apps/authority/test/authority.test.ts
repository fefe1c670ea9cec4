import { once } from "node:events";
import { connect } from "node:net";
import { AttestationVerifier, createProof, InMemoryKeyResolver, KeyPair, type PublicJwk } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { describe, expect, it } from "vitest";
import { AUDIENCE, auroraBeta, eachTestAsks, hash, OTHER_SECRET, SECRET, START, settings } from "./asking.ts";

const asking = eachTestAsks();
const post: typeof asking.post = (...args) => asking.post(...args);
const ask: typeof asking.ask = (...args) => asking.ask(...args);

async function publishedKeys(): Promise<readonly PublicJwk[]> {
  const response = await fetch(new URL(".well-known/jwks.json", asking.authority.url));
  return ((await response.json()) as { keys: PublicJwk[] }).keys;
}

async function verify(attestation: string, signer: KeyPair = asking.key) {
  const keyResolver = new InMemoryKeyResolver();
  for (const jwk of await publishedKeys()) await keyResolver.addKey(settings.issuer, jwk);
  const trustedIssuers = [{ issuer: settings.issuer, trustLevel: "provider", trustDomains: ["example.com"] }] as const;
  const verifier = new AttestationVerifier({
    trustedIssuers,
    keyResolver,
    audience: AUDIENCE,
    clock: () => asking.now,
  });
  const request = { kind: "message", method: "ping" } as const;
  const proof = await createProof({ attestation, signer, audience: AUDIENCE, request, clock: () => asking.now });
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
    // Until the client signs form 2.
    await asking.restart({ acceptPossession1: true });
    const source = httpSource(asking.address, { credential: () => SECRET, identity: auroraBeta, nameAudience: true });
    const signer = await KeyPair.generate();
    const agent = new AttestingAgent({ source, signer, clock: () => asking.now });
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
  });

  it("learns that an audience must be sent, which is not the same as one that is not registered (A1)", async () => {
    const { status, body } = await ask({}, OTHER_SECRET);
    expect({ status, error: body.error }).toEqual({ status: 400, error: "audience_required" });
    expect(body.message).toContain("`audience`");
  });

  it("cannot say of itself what the registration does not say (A1)", async () => {
    for (const extra of [{ metadata: { safety_level: "enhanced" } }, { subject: "spiffe://example.com/admin" }]) {
      expect(await ask(extra)).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    }
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
});

describe("the authority", () => {
  it("rotates its keys without a refusal: the next is known before it signs, the last is known after", async () => {
    const before = (await ask()).body.attestation;
    const kidOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).kid;
    const known = (await publishedKeys()).map(({ kid }) => kid);
    asking.now += 7200;
    await asking.authority.rotate();
    const after = (await ask()).body.attestation;
    expect(kidOf(after)).not.toBe(kidOf(before));
    expect(known).toContain(kidOf(after));
    expect((await publishedKeys()).map(({ kid }) => kid)).toContain(kidOf(before));
    expect(await verify(after)).toMatchObject({ verified: true });
  });

  it("says that it is there, publishes no private key, and knows no other path", async () => {
    const get = async (path: string) => fetch(new URL(path, asking.authority.url));
    expect(await (await get("health")).json()).toEqual({ status: "ok", issuer: settings.issuer });
    expect(JSON.stringify(await publishedKeys())).not.toContain('"d"');
    expect((await get("admin")).status).toBe(404);
    expect((await get("attestations")).status).toBe(404);
  });

  it("counts what it issues, in its metrics", async () => {
    const issued = async (): Promise<string | undefined> => {
      const text = await (await fetch(new URL("metrics", asking.authority.url))).text();
      return /^attestation_issuances_total\{[^}]*attestation_outcome="issued"[^}]*\} (\d+)$/m.exec(text)?.[1];
    };
    await ask();
    expect(await issued()).toBe("1");
    await ask();
    expect(await issued()).toBe("2");
  });

  it("lets a request under way end when it is closed, and takes no other", async () => {
    const body = JSON.stringify({});
    const socket = connect(Number(asking.authority.url.port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      `POST /attestations/challenge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${SECRET}\r\n` +
        `Connection: close\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    // The server has read the head once it answers another connection.
    expect((await post("attestations/challenge", {})).status).toBe(200);
    const closed = asking.authority.close();
    socket.write(body);
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    await closed;
    await expect(fetch(new URL("health", asking.authority.url))).rejects.toThrow();
    await asking.start();
  });
});
