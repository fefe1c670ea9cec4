import { beforeAll, describe, expect, it } from "vitest";
import { awsStsEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START, vetted } from "./platform.ts";

// As in "Understanding token claims" of the AWS IAM User Guide.
const ISSUER = "https://abc123-def456-ghi789-jkl012.tokens.sts.global.api.aws";
const ROLE = "arn:aws:iam::123456789012:role/DataProcessingRole";
const details = {
  aws_account: "123456789012",
  source_region: "us-east-1",
  org_id: "o-abc1234567",
  principal_tags: { environment: "production" },
  request_tags: { "job-id": "job-2024-001" },
};
const claims = { iss: ISSUER, sub: ROLE, jti: "xyz123", exp: START + 300, "https://sts.amazonaws.com/": details };

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims, "ES384");
});
const verifierOf = (options = {}) =>
  awsStsEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes a role's token for what it says, with either algorithm (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT" })));
  expect(evidence).toMatchObject({ subject: ROLE, claims: { "https://sts.amazonaws.com/": details } });
  const rsa = await createPlatform(claims);
  expect(await refusalOf(verifierOf({ jwks: rsa.jwks }), await rsa.token({}))).toBeUndefined();
});

it.each<[string, string, object]>([
  ["a session, whose name the caller chose", "trap", { sub: "arn:aws:sts::123456789012:assumed-role/R/any-name" }],
  [
    "an account other than its subject's",
    "trap",
    { "https://sts.amazonaws.com/": { ...details, aws_account: "999999999999" } },
  ],
  ["no details", "trap", { "https://sts.amazonaws.com/": undefined }],
  ["another account's issuer", "issuer", { iss: ISSUER.replace("abc", "xyz") }],
])("refuses a token of %s (A5)", async (_, code, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe(code);
});

it("is for one account's issuer", () => {
  for (const issuer of ["https://sts.amazonaws.com", "https://abc.tokens.sts.global.api.aws.evil.example"]) {
    expect(() => verifierOf({ issuer })).toThrow("the account's issuer");
  }
});

describe("a rule", () => {
  const tag = { "/https:~1~1sts.amazonaws.com~1/request_tags/job-id": "job-1" };
  it.each<[string, object, string | undefined]>([
    ["by a role", { subject: ROLE }, undefined],
    ["by a path of roles of one account", { subject: "arn:aws:iam::123456789012:role/agents/*" }, undefined],
    ["by a session", { subject: "arn:aws:sts::123456789012:assumed-role/R/name" }, "role or user"],
    ["by any role of any account", { subject: "arn:aws:iam::*" }, "role or user"],
    ["by any role of an account", { subject: "arn:aws:iam::123456789012:role/*" }, "role or user"],
    ["by no subject", { claims: { "/https:~1~1sts.amazonaws.com~1/aws_account": "123456789012" } }, "role or user"],
    ["by what the caller chooses", { subject: ROLE, claims: tag }, "request_tags"],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
