import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { parseSettings, readSettings } from "../src/index.ts";

const workload = {
  id: "aurora",
  secretSha256: "a".repeat(64),
  identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
};
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
  ["rotate", { rotate: true }],
])("refuses at the start a wrong %s: %o", (name, changes) => {
  expect(() => parseSettings({ ...good, ...changes })).toThrow(name);
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
    const settings = await readSettings({ AUTHORITY_CONFIG: file, AUTHORITY_PORT: "2", AUTHORITY_HOST: "::1" });
    expect(settings).toMatchObject({ issuer: good.issuer, port: 2, host: "::1", lifetime: 300 });
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
