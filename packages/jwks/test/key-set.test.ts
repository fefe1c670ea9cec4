import {
  AttestationIssuer,
  AttestationVerifier,
  createProof,
  KeyPair,
  type KeyProblem,
  type PublicJwk,
} from "@attest/core";
import { beforeAll, expect, it } from "vitest";
import { HttpKeyResolver } from "../src/index.ts";
import { ISSUER, jwks, openHostileServer, outcomeOf, resolverFor } from "./hostile-server.ts";

let [a, b]: KeyPair[] = [];
let [jwkA, jwkB]: PublicJwk[] = [];

beforeAll(async () => {
  [a, b] = await Promise.all([KeyPair.generate({ kid: "a" }), KeyPair.generate({ kid: "b", algorithm: "ES256" })]);
  [jwkA, jwkB] = [a.toJwk(), b.toJwk()];
});

/** What each of some kids comes to in a set, and what observers are told of it. */
async function read(
  keys: unknown[],
  kids: string[],
): Promise<{ outcomes: string[]; code?: string; usable: number; problems: readonly KeyProblem[] }> {
  const server = await openHostileServer(jwks(keys));
  const { outcome, events } = resolverFor(server);
  const outcomes = [];
  for (const kid of kids) outcomes.push(/^ERR_|^none$/.test(await outcome(kid)) ? await outcome(kid) : "key");
  const fetched = events.find((event) => event.type === "key-fetch");
  const held = events.find((event) => event.type === "key-set");
  return {
    outcomes,
    ...(fetched?.code && { code: fetched.code }),
    usable: held?.keys ?? 0,
    problems: held?.problems ?? [],
  };
}

/** What a key that is published and must not be used comes to: on the wire the same as none. */
const UNUSED = "ERR_KEY_NOT_FOUND";

it("takes Ed25519 and P-256 keys, and passes over other types one by one (SPEC-8.5, SPEC-8.15)", async () => {
  const others = [
    { kty: "RSA", kid: "rsa", n: "AQAB", e: "AQAB" },
    { kty: "EC", crv: "P-384", kid: "p384", x: "AA", y: "AA" },
    { kty: "OKP", crv: "X25519", kid: "x25519", x: jwkA?.x },
    { kty: "AKP", kid: "pqc", alg: "ML-DSA-44", pub: "AA" },
    {},
  ];
  const { outcomes, usable, code } = await read([...others, jwkA, jwkB], ["a", "b", "rsa", "p384", "x25519", "pqc"]);
  expect(outcomes).toEqual(["key", "key", UNUSED, UNUSED, UNUSED, UNUSED]);
  expect({ usable, code }).toEqual({ usable: 2, code: undefined });
});

it("refuses a private key and its public half, tells observers, and repeats nothing of it (K3, SPEC-8.15)", async () => {
  const privateJwk = { ...(await a?.toPrivateJwk()), kid: "leaked" };
  const server = await openHostileServer(jwks([privateJwk, jwkA, jwkB, { kty: "oct", kid: "secret", k: "c2VjcmV0" }]));
  const { outcome, events } = resolverFor(server);
  expect(await Promise.all(["leaked", "a", "secret"].map(outcome))).toEqual([UNUSED, UNUSED, UNUSED]);
  expect(await outcome("b")).toHaveLength(43);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "key-fetch", outcome: "fetched", code: "ERR_KEY_PRIVATE" }),
  );
  expect(events).toContainEqual(expect.objectContaining({ type: "key-set", keys: 1 }));
  expect(JSON.stringify(events)).not.toContain(privateJwk.d);
});

it("refuses a kid that several keys have, and no other (K4)", async () => {
  const other = (await KeyPair.generate()).toJwk();
  const twice = await read([jwkA, { ...other, kid: "a" }, jwkB], ["a", "b"]);
  expect(twice).toMatchObject({ outcomes: ["ERR_KEY_DUPLICATE", "key"], code: "ERR_KEY_DUPLICATE", usable: 1 });
  const same = await read([jwkA, jwkA], ["a"]);
  expect(same.outcomes).toEqual(["ERR_KEY_DUPLICATE"]);
  const thrice = await read([jwkA, { ...other, kid: "a" }, { ...jwkB, kid: "a" }], ["a"]);
  expect(thrice.outcomes).toEqual(["ERR_KEY_DUPLICATE"]);
  const beside = await read([jwkA, { ...(await b?.toPrivateJwk()), kid: "a" }], ["a"]);
  expect(beside).toMatchObject({ outcomes: ["ERR_KEY_DUPLICATE"], code: "ERR_KEY_PRIVATE" });
  const alternative = await read([jwkA, { kty: "RSA", kid: "a", n: "AQAB", e: "AQAB" }], ["a"]);
  expect(alternative.outcomes).toEqual(["key"]);
});

it("refuses a set of 10,000 keys whole, and takes one of exactly the limit (K5, SPEC-8.12)", async () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({ ...jwkA, kid: `k${i}` }));
  const refused = await openHostileServer(jwks(many));
  const wide = resolverFor(refused, { maxBytes: 16 * 1024 * 1024 });
  expect(await wide.outcome("k0")).toBe("ERR_KEY_SOURCE_UNAVAILABLE");
  expect(wide.events).toContainEqual(expect.objectContaining({ outcome: "failed", code: "ERR_KEY_FORMAT" }));
  const few = await openHostileServer(jwks(many.slice(0, 3)));
  expect(await resolverFor(few, { maxKeys: 3 }).outcome("k2")).toHaveLength(43);
  expect(await resolverFor(few, { maxKeys: 2 }).outcome("k0")).toBe("ERR_KEY_SOURCE_UNAVAILABLE");
});

it("passes over keys with overlong or malformed members (K5)", async () => {
  const { outcomes } = await read(
    [
      { ...jwkA, kid: "k".repeat(257) },
      { ...jwkA, kid: "x", x: "A".repeat(4000) },
      { ...jwkA, kid: 7 },
      { ...jwkA, kid: "ümlaut" },
      null,
      "key",
      [jwkA],
      { ...jwkA, kid: "k".repeat(256) },
    ],
    ["k".repeat(257), "x", "7", "ümlaut", "k".repeat(256)],
  );
  expect(outcomes).toEqual(["none", UNUSED, "none", "none", "key"]);
});

it("passes over keys for another use, of another algorithm and weak ones (K6)", async () => {
  const weak = { kty: "OKP", crv: "Ed25519", x: `AQ${"A".repeat(41)}`, kid: "weak" };
  const { outcomes, code } = await read(
    [
      { ...jwkA, kid: "enc", use: "enc" },
      { ...jwkA, kid: "ops", key_ops: ["sign"] },
      { ...jwkA, kid: "alg", alg: "ES256" },
      { ...jwkB, kid: "crv", crv: "P-521" },
      weak,
      { ...jwkA, key_ops: ["verify"], alg: "EdDSA" },
    ],
    ["enc", "ops", "alg", "crv", "weak", "a"],
  );
  expect(outcomes).toEqual([UNUSED, UNUSED, UNUSED, UNUSED, UNUSED, "key"]);
  expect(code).toBe("ERR_KEY_WEAK");
});

it.each<[string, object, string]>([
  ["for encryption", { use: "enc" }, "The JWK has a `use` other than `sig`"],
  ["of a SPIFFE bundle", { use: "jwt-svid" }, "The JWK has a `use` other than `sig`"],
  ["for signing alone", { key_ops: ["sign"] }, "The JWK has `key_ops` without `verify`"],
  ["of another alg", { alg: "ES256" }, "The JWK has an `alg` that is not its type's"],
  ["with padding", { x: "padded" }, "The JWK has an `x` that is not 32 bytes in canonical base64url"],
  ["of another type", { kty: "RSA" }, "The JWK is neither an Ed25519 nor a P-256 key"],
])("says why it does not use a key %s, to operators alone (SPEC-8.15, O3)", async (_, changes, why) => {
  const padded = "x" in changes ? { x: `${jwkA?.x}=` } : {};
  const server = await openHostileServer(jwks([{ ...jwkA, ...changes, ...padded }, jwkB]));
  const { resolver, events, time } = resolverFor(server);
  await resolver.resolve(ISSUER, "b");
  expect(events).toContainEqual({
    type: "key-set",
    issuer: ISSUER,
    keys: 1,
    stale: false,
    problems: [{ kid: "a", code: expect.stringMatching(/^ERR_KEY_(FORMAT|UNSUPPORTED)$/), message: why }],
  });
  const clock = () => time.now;
  const agent = await KeyPair.generate();
  const provider = new AttestationIssuer({ issuer: ISSUER, signer: a as KeyPair, clock });
  const attestation = await provider.createToken({
    identity: { modelFamily: "m", modelVersion: "m-1", provider: "example" },
    confirmationKey: agent.toJwk(),
  });
  const audience = "https://server.example/mcp";
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver: resolver,
    audience,
    clock,
  });
  const request = { kind: "message", method: "ping" } as const;
  const proof = await createProof({ attestation, signer: agent, audience, request, clock });
  expect(await verifier.verify(attestation, { ...request, proof })).toMatchObject({
    outcome: "refused",
    code: "ERR_KEY_NOT_FOUND",
    reason: "attestation_invalid",
    message: `The issuer's key with this kid is not used: ${why}`,
  });
});

it("says of no more than 20 keys why they are not used, the gravest first, and shows nothing else of them (K3, K5)", async () => {
  const many = Array.from({ length: 50 }, (_, i) => ({ kty: "RSA", kid: `rsa-${i}`, n: "canary", e: "AQAB" }));
  const leaked = { ...(await a?.toPrivateJwk()), kid: "leaked" };
  const { kid: _, ...nameless } = jwkB ?? { kty: "" };
  const { problems, code, usable } = await read([...many, nameless, jwkB, leaked, jwkA], ["b"]);
  expect({ usable, code, length: problems.length }).toEqual({ usable: 1, code: "ERR_KEY_PRIVATE", length: 20 });
  expect(problems.slice(0, 2).map(({ kid }) => kid)).toEqual(["leaked", "a"]);
  expect(problems[2]).toEqual({ code: "ERR_KEY_FORMAT", message: "The JWK has no `kid` for attestations to name" });
  for (const secret of ["canary", leaked.d ?? "", jwkA?.x ?? ""])
    expect(JSON.stringify(problems)).not.toContain(secret);
});

it("reports what is wrong with a set when that changes, and not again while it stays (K6)", async () => {
  const unused = { ...jwkA, use: "enc" };
  const server = await openHostileServer(jwks([unused, jwkB]));
  const { outcome, events, time } = resolverFor(server);
  const refetch = async (keys: unknown[]) => {
    server.answer = jwks(keys);
    time.now += 3600;
    await outcome("b");
  };
  await outcome("b");
  await refetch([jwkB, unused]);
  await refetch([jwkB]);
  expect(events.filter(({ type }) => type === "key-set")).toEqual([
    expect.objectContaining({ keys: 1, problems: [expect.objectContaining({ kid: "a" })] }),
    { type: "key-set", issuer: ISSUER, keys: 1, stale: false },
  ]);
});

it("reports a kid that names another key than before, once (K4)", async () => {
  const other = { ...(await KeyPair.generate()).toJwk(), kid: "a" };
  const server = await openHostileServer(jwks([jwkA, jwkB]));
  const { outcome, events, time } = resolverFor(server);
  const before = await outcome("a");
  for (let i = 0; i < 2; i++) {
    server.answer = jwks([other, jwkB]);
    time.now += 3600;
    expect(await outcome("a")).not.toBe(before);
  }
  const told = events.slice(2).filter(({ type }) => type === "key-set");
  expect(told).toEqual([
    {
      type: "key-set",
      issuer: ISSUER,
      keys: 2,
      stale: false,
      problems: [{ kid: "a", code: "ERR_KEY_DUPLICATE", message: expect.stringContaining("named another key") }],
    },
  ]);
  const codes = events.flatMap((event) => (event.type === "key-fetch" ? [event.code] : []));
  expect(codes).toEqual([undefined, "ERR_KEY_DUPLICATE", undefined]);
});

it("finds a key under its own issuer only, and asks nobody for an issuer that is not configured (K7)", async () => {
  const [serverA, serverB] = await Promise.all([openHostileServer(jwks([jwkA])), openHostileServer(jwks([jwkB]))]);
  const issuers = { "https://a.example": { jwksUri: serverA.url }, "https://b.example": { jwksUri: serverB.url } };
  const { resolver } = resolverFor(serverA, { issuers });
  const find = (issuer: string, kid: string) => outcomeOf(() => resolver.resolve(issuer, kid));
  expect(resolver.issuers).toEqual(["https://a.example", "https://b.example"]);
  expect(await find("https://a.example", "a")).toHaveLength(43);
  expect(await find("https://b.example", "b")).toHaveLength(43);
  expect(await find("https://a.example", "b")).toBe("none");
  expect(await find("https://b.example", "a")).toBe("none");
  for (const issuer of ["https://c.example", "https://a.example/", "HTTPS://A.example", "__proto__", ""]) {
    expect(await find(issuer, "a")).toBe("none");
  }
  expect([serverA.hits, serverB.hits]).toEqual([1, 1]);
  expect(new HttpKeyResolver({ issuers }).issuers).toEqual(resolver.issuers);
});
