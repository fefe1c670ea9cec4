import { beforeAll, describe, expect, it } from "vitest";
import { gitlabEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, vetted } from "./platform.ts";

// As in "OpenID Connect (OIDC) authentication using ID tokens" of the GitLab documentation.
const claims = {
  iss: "https://gitlab.com",
  sub: "project_path:my-group/my-project:ref_type:branch:ref:main",
  namespace_id: "72",
  namespace_path: "my-group",
  project_id: "20",
  project_path: "my-group/my-project",
  pipeline_source: "push",
  ref: "main",
  ref_type: "branch",
  ref_protected: "true",
  environment: "production",
  environment_protected: "true",
  ci_config_ref_uri: "gitlab.com/my-group/my-project//.gitlab-ci.yml@refs/heads/main",
  runner_environment: "gitlab-hosted",
};

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims);
});
const verifierOf = (options = {}) => gitlabEvidence({ audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes a job's token for what it says (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT" })));
  expect(evidence).toMatchObject({ subject: claims.sub, claims: { project_id: "20" } });
});

it.each<[string, object]>([
  ["a merge request's pipeline", { pipeline_source: "merge_request_event" }],
  ["an external pull request's pipeline", { pipeline_source: "external_pull_request_event" }],
  ["a pipeline of no known source", { pipeline_source: undefined }],
])("refuses %s, and takes it by name alone", async (_, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe("trap");
  expect(await refusalOf(verifierOf({ acceptMergeRequests: true }), await platform.token(changes))).toBeUndefined();
});

it("refuses tokens of another instance", async () => {
  expect(await refusalOf(verifierOf({ issuer: "https://gitlab.corp.example" }), await platform.token({}))).toBe(
    "issuer",
  );
});

describe("a rule", () => {
  const id = { "/project_id": "20" };
  it.each<[string, object, string | undefined]>([
    ["by id and protected ref", { claims: { ...id, "/ref_protected": "true" } }, undefined],
    ["by id and branch in the subject", { subject: claims.sub, claims: id }, undefined],
    ["by group and pipeline file", { claims: { "/namespace_id": "72", "/ci_config_ref_uri": "f" } }, undefined],
    ["by id, branch and that it is one", { claims: { ...id, "/ref": "main", "/ref_type": "branch" } }, undefined],
    ["by id and the name of a branch or tag", { claims: { ...id, "/ref": "main" } }, "push a branch"],
    [
      "by id and an environment that anybody can name",
      { claims: { ...id, "/environment": "production" } },
      "push a branch",
    ],
    ["by path", { subject: claims.sub }, "became free"],
    ["by id alone", { claims: id }, "push a branch"],
    ["by id and any ref", { subject: "project_path:my-group/my-project:*", claims: id }, "push a branch"],
    ["by group and environment", { claims: { "/namespace_id": "72", "/environment": "production" } }, "every project"],
    [
      "with a * before the project",
      { subject: "project_path:my-group/*", claims: { ...id, "/ref": "main" } },
      "whole project",
    ],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  it("by paths is taken with acceptNames", () => {
    expect(vetted(verifierOf({ acceptNames: true }), { subject: claims.sub })).toBeUndefined();
  });
});
