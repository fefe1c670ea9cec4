import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KeyPair } from "@attest/core";
import { expect, it } from "vitest";
import { attestIn, attestProcessIn, shellIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const attestProcess = attestProcessIn(folder);
const shell = shellIn(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const mode = (name: string) => statSync(join(folder, name)).mode & 0o777;

it("writes the private key for its owner alone and shows the public one (O1)", async () => {
  const { status, stdout, stderr } = await attest(["keygen", "--out", "a.json", "--kid", "k1"]);
  expect(status).toBe(0);
  expect(mode("a.json")).toBe(0o600);
  const { d, ...rest } = JSON.parse(read("a.json"));
  expect(JSON.parse(stdout)).toEqual({ ...rest, use: "sig" });
  expect(stdout + stderr).not.toContain(d);
  expect((await KeyPair.fromJwk({ d, ...rest })).kid).toBe("k1");
});

it("keeps to 0600 whatever the umask is", async () => {
  expect((await shell("umask 0; attest keygen --out open.json")).status).toBe(0);
  expect(mode("open.json")).toBe(0o600);
});

it("never replaces a file without --force", async () => {
  writeFileSync(join(folder, "precious.json"), "precious");
  const { status, stdout, stderr } = await attest(["keygen", "--out", "precious.json"]);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("--force");
  expect(read("precious.json")).toBe("precious");
});

it("replaces a file with --force, keeps to 0600 and leaves no draft behind", async () => {
  writeFileSync(join(folder, "old.json"), "old");
  chmodSync(join(folder, "old.json"), 0o644);
  expect((await attest(["keygen", "--out", "old.json", "--force"])).status).toBe(0);
  expect(JSON.parse(read("old.json"))).toHaveProperty("d");
  expect(mode("old.json")).toBe(0o600);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
});

it("lets one of several at once have the name", async () => {
  const runs = await Promise.all(Array.from({ length: 4 }, () => attestProcess(["keygen", "--out", "contested.json"])));
  expect(runs.map(({ status }) => status).sort()).toEqual([0, 2, 2, 2]);
  const winner = runs.find(({ status }) => status === 0);
  expect(JSON.parse(read("contested.json")).x).toBe(JSON.parse(winner?.stdout ?? "").x);
});

it("shows the private key only when stdout is asked for", async () => {
  const { status, stdout } = await attest(["keygen", "--out", "-", "--alg", "ES256"]);
  expect(status).toBe(0);
  expect((await KeyPair.fromJwk(JSON.parse(stdout))).algorithm).toBe("ES256");
});

it("says as JSON where the key is, without the key (O1)", async () => {
  const { status, stdout } = await attest(["keygen", "--json", "--kid", "k2", "--out", "j.json"]);
  expect(status).toBe(0);
  const { d } = JSON.parse(read("j.json"));
  expect(JSON.parse(stdout)).toMatchObject({
    kid: "k2",
    algorithm: "Ed25519",
    file: "j.json",
    publicJwk: { kid: "k2" },
  });
  expect(stdout).not.toContain(d);
});

it.each([
  ["an algorithm that there is not", ["keygen", "--alg", "RS256"], "RS256"],
  ["a kid that is none", ["keygen", "--kid", "two words"], "kid"],
  ["a folder that there is not", ["keygen", "--out", "nowhere/key.json"], "ENOENT"],
  ["an option that there is not", ["keygen", "--size", "9"], "--size"],
])("takes %s for wrong usage", async (_, args, hint) => {
  const { status, stdout, stderr } = await attest(args);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(hint);
});
