import { beforeAll, describe, expect, it } from "vitest";
import { spiffeEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START, vetted } from "./platform.ts";

// As in the SPIFFE JWT-SVID and Trust Domain and Bundle specifications, with the claims that SPIRE writes.
const ID = "spiffe://corp.example/finance/bot";
const claims = { sub: ID, aud: [AUTHORITY], exp: START + 300 };

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims, "ES256", { use: "jwt-svid" });
});
const verifierOf = (options = {}) =>
  spiffeEvidence({ trustDomain: "corp.example", audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes a JWT-SVID for what it says, with `iat` or without (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT" })));
  expect(evidence).toMatchObject({ subject: ID });
  expect(await refusalOf(verifierOf(), await platform.token({ iat: undefined }, { typ: "JOSE" }))).toBeUndefined();
});

it.each<[string, string, object]>([
  ["another trust domain", "issuer", { sub: "spiffe://other.example/finance/bot" }],
  ["a longer trust domain", "issuer", { sub: "spiffe://corp.example.evil/finance/bot" }],
  ["the trust domain itself", "issuer", { sub: "spiffe://corp.example" }],
  ["no SPIFFE ID", "issuer", { sub: "https://corp.example/finance/bot" }],
  ["a path that climbs", "issuer", { sub: "spiffe://corp.example/finance/../admin" }],
  ["no age and a long life", "too_old", { iat: undefined, exp: START + 601 }],
  ["several audiences", "audience", { aud: [AUTHORITY, "https://other.example"] }],
])("refuses an SVID of %s (A5)", async (_, code, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe(code);
});

it("uses the bundle's keys for JWT-SVIDs, and none for X.509-SVIDs or for whatever else (K6)", async () => {
  for (const use of ["x509-svid", "sig", undefined]) {
    const other = await createPlatform(claims, "ES256", { use });
    expect(() => verifierOf({ jwks: other.jwks }), String(use)).toThrow("no public key");
  }
});

describe("a rule", () => {
  it.each<[string, object, string | undefined]>([
    ["by a workload", { subject: ID }, undefined],
    ["by a path", { subject: "spiffe://corp.example/finance/*" }, undefined],
    ["by the whole trust domain", { subject: "spiffe://corp.example/*" }, "whole trust domain"],
    ["by more than the trust domain", { subject: "spiffe://corp.example*" }, "own trust domain"],
    ["by another trust domain", { subject: "spiffe://other.example/*" }, "own trust domain"],
    ["by every trust domain", { subject: "spiffe://*" }, "own trust domain"],
    ["by no SPIFFE ID", { subject: "spiffe://corp.example/a//b" }, "SPIFFE ID"],
    ["by no subject", { claims: { "/team": "finance" } }, "must have a subject"],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

it.each<[string, object]>([
  ["trustDomain", { trustDomain: "Corp.example" }],
  ["bundle", { jwks: undefined }],
  ["bundle", { bundle: "https://spire.example/bundle" }],
  ["jwksUri", { jwksUri: "https://spire.example/bundle" }],
])("a wrong %s is refused at the start: %o", (name, changes) => expect(() => verifierOf(changes)).toThrow(name));
