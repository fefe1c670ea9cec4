import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, expect, it } from "vitest";
import { attestIn, BIN, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
let server: ChildProcess | undefined;

beforeAll(async () => {
  for (const kid of ["k1", "k2"]) await attest(["keygen", "--out", `${kid}.json`, "--kid", kid]);
});

afterEach(() => {
  server?.kill("SIGKILL");
});

async function serve(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [BIN, "serve-jwks", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  server = child;
  return new Promise((resolve, reject) => {
    child.once("exit", (status) => reject(new Error(`ended with ${status}`)));
    createInterface({ input: child.stdout }).once("line", resolve);
  });
}

it("serves the public halves of keys on this machine alone (K3)", async () => {
  const url = await serve("--key", "k1.json", "k2.json");
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\.well-known\/jwks\.json$/);
  const response = await fetch(url);
  expect(response.headers.get("content-type")).toBe("application/jwk-set+json");
  const text = await response.text();
  expect(JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid)).toEqual(["k1", "k2"]);
  for (const kid of ["k1", "k2"]) {
    expect(text).not.toContain(JSON.parse(readFileSync(join(folder, `${kid}.json`), "utf8")).d);
  }
  expect((await fetch(new URL("/other", url))).status).toBe(404);
  // Every 127.x.x.x leads to this machine; only the one that is listened on answers.
  await expect(fetch(url.replace("127.0.0.1", "127.0.0.2"))).rejects.toThrow();
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
});

it("ends well when it is told to", async () => {
  await serve("--key", "k1.json");
  const ended = new Promise((resolve) => server?.once("exit", (status, signal) => resolve({ status, signal })));
  server?.kill("SIGTERM");
  expect(await ended).toEqual({ status: 0, signal: null });
});

it.each([
  ["two keys of one kid", "twin.json", (jwk: object) => jwk],
  ["private members of other key types (K3)", "odd.json", ({ d, ...jwk }: { d?: string }) => ({ ...jwk, k: d })],
])("does not start with %s", async (_, name, spoil) => {
  const jwk = JSON.parse(readFileSync(join(folder, "k1.json"), "utf8"));
  writeFileSync(join(folder, name), JSON.stringify(spoil(jwk)), { mode: 0o600 });
  const { status, stdout, stderr } = await attest(["serve-jwks", "--key", "k1.json", "--key", name]);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).not.toContain(jwk.d);
});

it("says so when the port is taken", async () => {
  const port = new URL(await serve("--key", "k1.json")).port;
  const { status, stderr } = await attest(["serve-jwks", "--key", "k1.json", "--port", port]);
  expect(status).toBe(2);
  expect(stderr).toContain("EADDRINUSE");
});
