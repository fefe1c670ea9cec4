import { beforeAll, describe, expect, it } from "vitest";
import { githubActionsEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START, vetted } from "./platform.ts";

// As in "OpenID Connect reference" of the GitHub documentation.
const claims = {
  iss: "https://token.actions.githubusercontent.com",
  jti: "example-id",
  sub: "repo:octo-org/octo-repo:environment:prod",
  environment: "prod",
  ref: "refs/heads/main",
  ref_protected: "true",
  repository: "octo-org/octo-repo",
  repository_id: "74",
  repository_owner: "octo-org",
  repository_owner_id: "65",
  event_name: "workflow_dispatch",
  job_workflow_ref: "octo-org/octo-automation/.github/workflows/oidc.yml@refs/heads/main",
  nbf: START - 300,
  exp: START + 21_600,
};

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims);
});
const verifierOf = (options = {}) => githubActionsEvidence({ audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes a job's token for what it says (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT", x5t: "k1" })));
  expect(evidence).toMatchObject({ subject: claims.sub, claims: { repository_id: "74" } });
});

it("bounds the age of a token that could be used for six hours", async () => {
  expect(await refusalOf(verifierOf(), await platform.token({}), START + 630)).toBe("too_old");
});

it.each<[string, object]>([
  ["a pull request", { event_name: "pull_request", sub: "repo:octo-org/octo-repo:pull_request" }],
  ["a pull request's target", { event_name: "pull_request_target" }],
  ["a workflow that another one started", { event_name: "workflow_run" }],
  ["a pull request under another event's name", { sub: "repo:octo-org/octo-repo:pull_request" }],
  ["an event that is not named", { event_name: undefined }],
])("refuses %s, and takes it by name alone", async (_, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe("trap");
  expect(await refusalOf(verifierOf({ acceptPullRequests: true }), await platform.token(changes))).toBeUndefined();
});

it("refuses the issuer of another enterprise, and takes it where it is configured", async () => {
  const issuer = "https://token.actions.githubusercontent.com/octo-enterprise";
  const token = await platform.token({ iss: issuer });
  expect(await refusalOf(verifierOf(), token)).toBe("issuer");
  expect(await refusalOf(verifierOf({ issuer }), token)).toBeUndefined();
});

describe("a rule", () => {
  const id = { "/repository_id": "74" };
  const owner = { "/repository_owner_id": "65" };
  it.each<[string, object, string | undefined]>([
    ["by id and environment", { claims: { ...id, "/environment": "prod" } }, undefined],
    [
      "by id and branch in the subject",
      { subject: "repo:octo-org/octo-repo:ref:refs/heads/main", claims: id },
      undefined,
    ],
    ["by owner and reusable workflow", { claims: { ...owner, "/job_workflow_ref": "w" } }, undefined],
    ["by name", { subject: "repo:octo-org/octo-repo:environment:prod" }, "became free"],
    ["by repository name", { claims: { "/repository": "octo-org/octo-repo", "/environment": "prod" } }, "became free"],
    ["by id alone", { claims: id }, "push a branch"],
    ["by id and any subject of the repository", { subject: "repo:octo-org/octo-repo:*", claims: id }, "push a branch"],
    ["by owner and environment", { claims: { ...owner, "/environment": "prod" } }, "every repository"],
    [
      "with a * before the repository",
      { subject: "repo:octo-org/*", claims: { ...id, "/environment": "prod" } },
      "whole repository",
    ],
    [
      "with a * within its name",
      { subject: "repo:octo-org/octo*", claims: { ...id, "/environment": "prod" } },
      "whole repository",
    ],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  it("by names is taken with acceptNames, if not by any branch", () => {
    const verifier = verifierOf({ acceptNames: true });
    expect(vetted(verifier, { subject: "repo:octo-org/octo-repo:environment:prod" })).toBeUndefined();
    expect(vetted(verifier, { subject: "repo:octo-org/octo-repo:*" })).toContain("push a branch");
  });
});
