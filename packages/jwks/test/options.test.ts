import { AttestationError } from "@attest/core";
import { expect, it } from "vitest";
import * as jwks from "../src/index.ts";
import { HttpKeyResolver, type HttpKeyResolverOptions, MemoryKeyStorage, RotatingKeyStore } from "../src/index.ts";
import * as node from "../src/node.ts";

const issuers = { "https://authority.example": { jwksUri: "https://keys.example/jwks.json" } };

it("offers what it is known to offer", () => {
  expect(Object.keys(jwks).sort()).toEqual([
    "HttpKeyResolver",
    "MemoryKeyStorage",
    "RotatingKeyStore",
    "createJwksHandler",
    "withRemoteKeys",
  ]);
  expect(Object.keys(node).sort()).toEqual(["FileKeyStorage", "OwnDirectory", "createNodeJwksHandler"]);
});

const at = (jwksUri: unknown) => ({ issuers: { "https://authority.example": { jwksUri } } });

it.each([
  ["issuers", { issuers: undefined }],
  ["issuers", { issuers: {} }],
  ["issuers", { issuers: { "": { jwksUri: "https://keys.example/" } } }],
  ["issuers", { issuers: { "a b": { jwksUri: "https://keys.example/" } } }],
  ["issuers", { issuers: { a: undefined } }],
  ["issuers", at(undefined)],
  ["issuers", at("/jwks.json")],
  ["issuers", at("http://keys.example/")],
  ["issuers", at("file:///etc/passwd")],
  ["issuers", at("https://user:secret@keys.example/")],
  ["issuers", at("https://keys.example/#a")],
  ["issuers", at(`https://keys.example/${"a".repeat(2048)}`)],
  ["cacheTtl", { cacheTtl: 59 }],
  ["cacheTtl", { cacheTtl: 86_401 }],
  ["cacheTtl", { cacheTtl: Number.NaN }],
  ["cooldown", { cooldown: 0 }],
  ["cooldown", { cooldown: Number.POSITIVE_INFINITY }],
  ["timeoutMs", { timeoutMs: 0 }],
  ["timeoutMs", { timeoutMs: 60_001 }],
  ["maxBytes", { maxBytes: 1.5 }],
  ["maxBytes", { maxBytes: 16 * 1024 * 1024 + 1 }],
  ["maxKeys", { maxKeys: 0 }],
  ["staleIfError", { staleIfError: -1 }],
  ["staleIfError", { staleIfError: 86_401 }],
  ["allowPrivateNetwork", { allowPrivateNetwork: "yes" }],
  ["allowInsecureHttp", { allowInsecureHttp: 1 }],
  ["ca", { ca: "not a certificate" }],
  ["ca", { ca: [] }],
  ["lookup", { lookup: "127.0.0.1" }],
  ["clock", { clock: 5 }],
  ["observer", { observer: {} }],
  ["fetch", { fetch: "fetch", allowUncheckedAddresses: true }],
  ["fetch", { fetch: () => {}, allowUncheckedAddresses: true, ca: "-----BEGIN CERTIFICATE-----" }],
  ["allowPrivateNetworks", { allowPrivateNetworks: true }],
])("refuses a resolver with a senseless %s (%#)", (option, options) => {
  const construct = () => new HttpKeyResolver({ issuers, ...options } as HttpKeyResolverOptions);
  expect(construct).toThrow(AttestationError);
  expect(construct).toThrow(new RegExp(`^${option}`));
  expect(construct).not.toThrow(/secret/);
});

it("takes http: only where that is allowed by name", () => {
  const insecure = at("http://keys.example/") as Pick<HttpKeyResolverOptions, "issuers">;
  expect(() => new HttpKeyResolver({ ...insecure, allowInsecureHttp: true })).not.toThrow();
});

it("copies its options once", () => {
  const changing = { "https://authority.example": { jwksUri: "https://keys.example/" } };
  const resolver = new HttpKeyResolver({ issuers: changing });
  Object.assign(changing, { "https://other.example": { jwksUri: "https://other.example/" } });
  expect(resolver.issuers).toEqual(["https://authority.example"]);
  expect(() => Object.assign(resolver.issuers, { 1: "https://other.example" })).toThrow();
});

it.each([
  ["storage", { storage: undefined }],
  ["storage", { storage: {} }],
  ["algorithm", { algorithm: "RS256" }],
  ["publishAhead", { publishAhead: 119 }],
  ["publishAhead", { publishAhead: Number.NaN }],
  ["rotateEvery", { rotateEvery: 7199 }],
  ["rotateEvery", { rotateEvery: Number.POSITIVE_INFINITY }],
  ["maxLifetime", { maxLifetime: 3601 }],
  ["maxLifetime", { maxLifetime: 0 }],
  ["clock", { clock: "now" }],
  ["observer", { observer: true }],
  ["rotateAfter", { rotateAfter: 1 }],
])("refuses a key store with a senseless %s (%#)", async (option, options) => {
  const opening = RotatingKeyStore.open({ storage: new MemoryKeyStorage(), ...options } as never);
  await expect(opening).rejects.toMatchObject({ code: "ERR_OPTION", message: expect.stringMatching(`^${option} `) });
});
