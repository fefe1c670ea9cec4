import { beforeAll, describe, expect, it } from "vitest";
import { gcpInstanceEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START, vetted } from "./platform.ts";

// As in "Verify the identity of instances" of the Compute Engine documentation, with format=full.
const instance = {
  project_id: "my-project",
  project_number: 739_419_398_126,
  zone: "us-west1-a",
  instance_id: "152986662232938449",
  instance_name: "example",
  instance_creation_timestamp: 1_496_952_205,
};
const claims = {
  iss: "https://accounts.google.com",
  sub: "107517467455664443765",
  azp: "107517467455664443765",
  exp: START + 3600,
  google: { compute_engine: instance },
};

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims);
});
const verifierOf = (options = {}) => gcpInstanceEvidence({ audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes an instance's token in the full form for what it says (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: "JWT" })));
  expect(evidence).toMatchObject({ subject: claims.sub, claims: { google: { compute_engine: instance } } });
});

it.each<[string, object]>([
  ["without the full form", { google: undefined }],
  ["of a person", { google: undefined, email: "somebody@gmail.com", hd: "example.com" }],
  ["with an empty full form", { google: { compute_engine: {} } }],
  ["with numbers that are none", { google: { compute_engine: { ...instance, project_number: "739419398126" } } }],
  ["with nothing in it", { google: null }],
])("refuses a token %s", async (_, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe("trap");
});

describe("a rule", () => {
  const number = { "/google/compute_engine/project_number": 739_419_398_126 };
  it.each<[string, object, string | undefined]>([
    ["by instance", { claims: { "/google/compute_engine/instance_id": instance.instance_id } }, undefined],
    ["by project and service account", { subject: claims.sub, claims: number }, undefined],
    ["by project alone", { claims: number }, "names can be made again"],
    ["by service account alone", { subject: claims.sub }, "names can be made again"],
    [
      "by the names of project and instance",
      { claims: { "/google/compute_engine/instance_name": "example" } },
      "names can be",
    ],
    ["by e-mail", { claims: { "/email": "a@my-project.iam.gserviceaccount.com" } }, "names can be made again"],
    ["by a part of a number", { subject: "1075*", claims: number }, "without a *"],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
