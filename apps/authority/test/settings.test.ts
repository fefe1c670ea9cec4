import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { parseSettings, readSettings, startAuthority } from "../src/index.ts";

const workload = {
  id: "aurora",
  secretSha256: "a".repeat(64),
  identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
};
const providedBy = (provider: string) => ({ ...workload, identities: [{ ...workload.identities[0], provider }] });
const good = { issuer: "https://models.example", workloads: [workload] };

it.each<[string, object]>([
  ["issuer", { issuer: "models" }],
  ["port", { port: 70_000 }],
  ["lifetime", { lifetime: Number.NaN }],
  ["lifetime", { lifetime: Number.POSITIVE_INFINITY }],
  ["workloads", { workloads: [] }],
  ["identities", { workloads: [{ ...workload, identities: [] }] }],
  ["nobody could be it", { workloads: [{ ...workload, secretSha256: undefined }] }],
  ["secretSha256", { workloads: [{ ...workload, secretSha256: "the secret itself" }] }],
  ["same secretSha256", { workloads: [workload, { ...workload, id: "other" }] }],
  ["same id", { workloads: [workload, { ...workload, secretSha256: "b".repeat(64) }] }],
  ["oidcSubject", { workloads: [{ ...workload, oidcSubject: "someone" }] }],
  ["jwksUri", { oidc: { issuer: "https://a.example", audience: "b", jwksUri: "file:///etc/passwd" } }],
  ["https:", { oidc: { issuer: "https://a.example", audience: "b", jwksUri: "http://a.example/jwks" } }],
  ["jwksUri", { oidc: { issuer: "https://a.example", audience: "b", jwksUri: "nonsense" } }],
  ["rotate", { rotate: true }],
  ["publicUrl", { publicUrl: "authority.example/attestations" }],
  ["publicUrl", { publicUrl: [] }],
  ["publicUrl", { publicUrl: Array.from({ length: 9 }, (_, i) => `https://a${i}.example/attestations`) }],
  ["with /attestations at its end", { publicUrl: "https://authority.example" }],
  ["without credentials", { publicUrl: "https://user:pass@authority.example/attestations" }],
  ["https://authority.example/attestations", { publicUrl: "https://Authority.example:443/attestations" }],
  ["publicUrl", { host: "0.0.0.0" }],
  ["publicUrl", { host: "::" }],
  ["publicUrl", { host: "authority.example" }],
  ["publicUrl", { host: "127.example" }],
  ["acceptPossession1", { acceptPossession1: "yes" }],
  ["addressHeader", { addressHeader: "Forwarded" }],
  ["trustDomain", { trustDomain: "Example.com" }],
  ["set trustDomain, here in the workload or at the top", { workloads: [providedBy("example.com")] }],
  ["would be no trust domain", { workloads: [providedBy("Example Inc.")] }],
  ["trustDomain", { workloads: [{ ...workload, metadata: { attestationType: "enterprise" } }] }],
  ["its subject", { workloads: [{ ...workload, subject: "spiffe://a.example/b", trustDomain: "b.example" }] }],
])("refuses at the start a wrong %s: %o", (name, changes) => {
  expect(() => parseSettings({ ...good, ...changes })).toThrow(name);
});

it("gives workloads without a trust domain the authority's, and leaves their own to the others", () => {
  const own = { ...providedBy("b.example"), id: "own", secretSha256: "b".repeat(64), trustDomain: "b.example" };
  const { workloads } = parseSettings({ ...good, trustDomain: "a.example", workloads: [providedBy("a.b"), own] });
  expect(workloads.map(({ trustDomain }) => trustDomain)).toEqual(["a.example", "b.example"]);
  expect(parseSettings(good).workloads[0]?.trustDomain).toBeUndefined();
});

it.each([
  ["a model version that no SPIFFE ID can hold", { identities: [{ ...workload.identities[0], modelVersion: "a b" }] }],
  ["a subject that is not a SPIFFE ID", { subject: "https://example.com/agent" }],
])("does not start with a registration that could never be attested: %s", async (_, changes) => {
  const never = { ...workload, id: "never", secretSha256: "b".repeat(64), ...changes };
  const settings = parseSettings({ ...good, port: 0, workloads: [workload, never] });
  const starting = startAuthority(settings).then((authority) => authority.close());
  await expect(starting).rejects.toThrow(/can never be attested:\nnever, identity 1: /);
});

it("needs publicUrl where it cannot be concluded, and takes one or several", () => {
  const one = "https://authority.example/attestations";
  expect(parseSettings({ ...good, host: "0.0.0.0", publicUrl: one }).publicUrl).toEqual([one]);
  const several = [one, "http://authority.internal:8470/attestations"];
  expect(parseSettings({ ...good, host: "::", publicUrl: several }).publicUrl).toEqual(several);
  for (const host of ["127.0.0.1", "127.0.0.2", "localhost", "::1"]) parseSettings({ ...good, host });
});

it("repeats no hash of a secret in what it says is wrong (O1)", () => {
  const twice = { ...good, workloads: [workload, { ...workload, id: "other" }] };
  expect(() => parseSettings(twice)).not.toThrow(workload.secretSha256);
});

it("reads a file, and lets the environment take precedence", async () => {
  const folder = await mkdtemp(join(tmpdir(), "authority-"));
  try {
    const file = join(folder, "authority.json");
    await writeFile(file, JSON.stringify({ ...good, port: 1 }));
    const publicUrl = "https://authority.example/attestations";
    const settings = await readSettings({
      AUTHORITY_CONFIG: file,
      AUTHORITY_PORT: "2",
      AUTHORITY_HOST: "::",
      AUTHORITY_PUBLIC_URL: publicUrl,
    });
    expect(settings).toMatchObject({ port: 2, host: "::", lifetime: 300, publicUrl: [publicUrl] });
    await expect(readSettings({ AUTHORITY_CONFIG: join(folder, "none.json") })).rejects.toThrow("ENOENT");
    await writeFile(file, "no-hash");
    const problem = await readSettings({ AUTHORITY_CONFIG: file }).catch((error) => error);
    expect(inspect(problem)).toContain("malformed");
    expect(inspect(problem)).not.toContain("no-hash");
    await expect(readSettings({})).rejects.toThrow("AUTHORITY_CONFIG");
  } finally {
    await rm(folder, { recursive: true });
  }
});
