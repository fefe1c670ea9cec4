import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AUDIENCE,
  type ForeignKey,
  foreignKey,
  ISSUER,
  NOW,
  svid,
  TRUST_DOMAIN,
  WORKLOAD,
  wit,
  workloadKey,
} from "../../core/test/foreign-authority.ts";
import { inspectToken } from "../src/inspect/inspect-token.ts";
import { attestIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
let key: ForeignKey;
beforeAll(async () => {
  key = await foreignKey("RS256", "spire");
  const x509 = { kty: "RSA", use: "x509-svid", n: "AQAB", e: "AQAB" };
  writeFileSync(join(folder, "bundle.json"), JSON.stringify({ spiffe_sequence: 1, keys: [x509, key.toJwk()] }));
});

describe("a JWT-SVID", () => {
  const verify = async (...args: string[]) => {
    const now = Math.floor(Date.now() / 1000);
    const token = await svid(key, { iat: now, exp: now + 300 });
    const trust = ["--jwks", "bundle.json", "--issuer", ISSUER, "--trust-domain", TRUST_DOMAIN];
    return attest(["verify", "-", ...trust, "--audience", AUDIENCE, ...args, "--json"], token);
  };

  it("is verified with the keys of its bundle where the format is named", async () => {
    const { stdout, status } = await verify("--format", "spiffe-jwt-svid");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ format: "spiffe-jwt-svid", subject: WORKLOAD, issuer: ISSUER });
    const other = await verify("--format", "wimse-wit");
    expect(other.status).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({ code: "ERR_BEARER_NOT_ALLOWED" });
    expect((await verify("--format", "jwt")).stderr).toContain("spiffe-jwt-svid");
  });

  it("is inspected as what it is", async () => {
    const inspection = await inspectToken(await svid(key), NOW);
    expect(inspection).toMatchObject({ kind: "SPIFFE JWT-SVID", payload: { sub: WORKLOAD }, secondsLeft: 300 });
    expect(inspection.findings.map(({ id }) => id)).toEqual(["bearer"]);
  });

  it.each<[string, object]>([
    ["several-audiences", { aud: [AUDIENCE, "https://other.example"] }],
    ["no-audience", { aud: undefined }],
    ["lifetime", { exp: NOW + 3600 }],
    ["stripped", { cnf: {} }],
  ])("is flagged as refused for %s", async (id, claims) => {
    const { findings } = await inspectToken(await svid(key, { ...claims }), NOW);
    expect(findings).toContainEqual(expect.objectContaining({ id, level: "refused" }));
  });
});

it("inspects a WIT as what it is, and a JWT of somebody else as no JWT-SVID", async () => {
  const workload = await workloadKey();
  const inspection = await inspectToken(await wit(key, workload, { aud: AUDIENCE, exp: NOW + 300 }), NOW);
  expect(inspection).toMatchObject({ kind: "WIMSE WIT", keyThumbprint: workload.kid, findings: [] });
  const keyless = await inspectToken(await wit(key, workload, { cnf: undefined }), NOW);
  expect(keyless.findings.map(({ id }) => id)).toContain("no-key");
  expect(await inspectToken(await svid(key, { sub: "user" }), NOW)).toMatchObject({ kind: "bearer attestation" });
});
