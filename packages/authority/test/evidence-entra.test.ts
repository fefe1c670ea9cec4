import { beforeAll, describe, expect, it } from "vitest";
import { entraEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, vetted } from "./platform.ts";

// As in "Access token claims reference" of the Microsoft identity platform, of a user-assigned managed identity.
const TENANT = "aaaabbbb-0000-cccc-1111-dddd2222eeee";
const OID = "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb";
const claims = {
  iss: `https://sts.windows.net/${TENANT}/`,
  aud: "api://attest-authority",
  tid: TENANT,
  oid: OID,
  sub: OID,
  appid: "00001111-aaaa-2222-bbbb-3333cccc4444",
  appidacr: "2",
  idtyp: "app",
  ver: "1.0",
  xms_mirid: "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/bot",
};

let platform: Platform;
beforeAll(async () => {
  // Its published keys have no `alg`.
  platform = await createPlatform(claims, "RS256", { alg: undefined });
});
const verifierOf = (options = {}) =>
  entraEvidence({ tenant: TENANT, version: 1, audience: claims.aud, jwks: platform.jwks, ...options });

it("takes a managed identity's token of either version for what it says (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT", x5t: "k1" })));
  expect(evidence).toMatchObject({ subject: OID, claims: { xms_mirid: claims.xms_mirid } });
  const v2 = {
    iss: `https://login.microsoftonline.com/${TENANT}/v2.0`,
    ver: "2.0",
    azp: claims.appid,
    appid: undefined,
  };
  expect(await refusalOf(verifierOf({ version: 2 }), await platform.token(v2))).toBeUndefined();
});

it.each<[string, string, object]>([
  ["another version's issuer", "issuer", { iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, ver: "2.0" }],
  ["another version under this one's issuer", "trap", { ver: "2.0" }],
  ["another tenant", "issuer", { iss: "https://sts.windows.net/99999999-0000-cccc-1111-dddd2222eeee/" }],
  ["another tenant under this one's issuer", "trap", { tid: "99999999-0000-cccc-1111-dddd2222eeee" }],
  ["a user", "trap", { scp: "user_impersonation" }],
  ["a user by its type", "trap", { idtyp: "user" }],
  ["an application for somebody else", "trap", { oid: "99999999-0000-1111-2222-bbbbbbbbbbbb" }],
])("refuses a token of %s (A5)", async (_, code, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe(code);
});

it.each<[string, object]>([
  ["tenant", { tenant: "common" }],
  ["version", { version: 3 }],
  ["keyBound", { keyBound: true }],
])("a wrong %s is refused at the start", (name, changes) => expect(() => verifierOf(changes)).toThrow(name));

describe("a rule", () => {
  it.each<[string, object, string | undefined]>([
    ["by object", { claims: { "/oid": OID } }, undefined],
    ["by subject", { subject: OID }, undefined],
    ["by resource", { claims: { "/xms_mirid": claims.xms_mirid } }, undefined],
    ["by application alone", { claims: { "/appid": claims.appid } }, "/appid alone"],
    ["by tenant alone", { claims: { "/tid": TENANT } }, "/oid"],
    ["by a part of an id", { subject: "aaaa*" }, "without a *"],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});

it("is for this authority's application", async () => {
  expect(await refusalOf(verifierOf({ audience: AUTHORITY }), await platform.token({}))).toBe("audience");
});
