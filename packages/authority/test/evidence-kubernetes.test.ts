import { beforeAll, describe, expect, it } from "vitest";
import { kubernetesEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START, vetted } from "./platform.ts";

// As in "Configure Service Accounts for Pods" of the Kubernetes documentation: a projected token, TokenRequest v1.
const ISSUER = "https://cluster.example";
const UID = "8e2ce7a1-1f0e-4f0e-8f5b-0d1a6e8f2b11";
const bound = {
  namespace: "finance",
  node: { name: "node-1", uid: "646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1" },
  pod: { name: "bot-7d9c", uid: "5e0bd49b-f040-43b0-99b7-22765a53f7f3" },
  serviceaccount: { name: "bot", uid: UID },
};
const SUBJECT = "system:serviceaccount:finance:bot";
const claims = { iss: ISSUER, sub: SUBJECT, aud: [AUTHORITY], nbf: START, jti: "aed34954", "kubernetes.io": bound };

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform(claims);
});
const verifierOf = (options = {}) =>
  kubernetesEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks, ...options });

it("takes a projected service-account token for what it says (A5)", async () => {
  const evidence = await verifierOf().verify(presenting(await platform.token({}, { typ: undefined })));
  expect(evidence).toMatchObject({ subject: SUBJECT, claims: { "kubernetes.io": bound } });
});

it.each<[string, string, object]>([
  ["a legacy token, which has no audience and never expires", "claims", { aud: undefined, exp: undefined }],
  [
    "a legacy token's claims",
    "trap",
    { "kubernetes.io": undefined, "kubernetes.io/serviceaccount/namespace": "finance" },
  ],
  ["a service account other than its subject", "trap", { sub: "system:serviceaccount:finance:admin" }],
  ["a namespace other than its subject's", "trap", { "kubernetes.io": { ...bound, namespace: "other" } }],
  ["no service account", "trap", { "kubernetes.io": { namespace: "finance" } }],
  ["a subject of the cluster's own API alone", "audience", { aud: ["https://kubernetes.default.svc"] }],
])("refuses %s (A5)", async (_, code, changes) => {
  expect(await refusalOf(verifierOf(), await platform.token(changes))).toBe(code);
});

describe("a rule", () => {
  it.each<[string, object, string | undefined]>([
    ["by name and uid", { subject: SUBJECT, claims: { "/kubernetes.io/serviceaccount/uid": UID } }, undefined],
    ["by the uid of a pod", { claims: { "/kubernetes.io/pod/uid": bound.pod.uid } }, undefined],
    ["by name alone", { subject: SUBJECT }, "of the same name again"],
    ["by namespace alone", { claims: { "/kubernetes.io/namespace": "finance" } }, "of the same name again"],
    [
      "by a part of a namespace",
      { subject: "system:serviceaccount:fin*", claims: { "/kubernetes.io/pod/uid": "u" } },
      "whole namespace",
    ],
    [
      "by every account of the cluster",
      { subject: "system:*", claims: { "/kubernetes.io/pod/uid": "u" } },
      "whole namespace",
    ],
  ])("%s", (_, checks, problem) => {
    const found = vetted(verifierOf(), checks);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });

  it("by names is taken with acceptNames, but by no part of a namespace", () => {
    const verifier = verifierOf({ acceptNames: true });
    expect(vetted(verifier, { subject: "system:serviceaccount:finance:*" })).toBeUndefined();
    expect(vetted(verifier, { subject: "system:serviceaccount:*" })).toContain("whole namespace");
  });
});
