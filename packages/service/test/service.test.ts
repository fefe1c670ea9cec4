import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConfigurationError,
  hostAndPort,
  isLoopback,
  LogFile,
  listen,
  listenAdmin,
  OwnFiles,
  readConfiguration,
} from "@attest/service";
import { expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { isOpenToOthers } from "../src/open-to-others.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "attest-service-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

it("an address is read with its host and port", () => {
  expect(hostAndPort("127.0.0.1:80")).toEqual({ host: "127.0.0.1", port: 80 });
  expect(hostAndPort("[::1]:8080")).toEqual({ host: "::1", port: 8080 });
  expect(["localhost", "::1", "127.0.0.2", "0.0.0.0", "127.example"].map(isLoopback)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

it("a configuration is read whole, and what is wrong is told by line without any value (O1)", async () => {
  const file = join(folder(), "server.yaml");
  const schema = z.strictObject({ name: z.string(), secret: z.int().optional() });
  const form = { schema, unknown: { later: "is not in this version" } };
  writeFileSync(file, "name: a\n");
  const { configuration, files } = await readConfiguration(file, form);
  expect(configuration).toEqual({ name: "a" });
  expect(files.path("key.json")).toBe(join(file, "../key.json"));
  writeFileSync(file, "name: a\nsecret: hunter2\nlater: 1\nother: 2\n");
  const error = await readConfiguration(file, form).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  const { message } = error as Error;
  expect(message).toContain(`${file}:2: secret: `);
  expect(message).toContain(`${file}:3: later: is not in this version`);
  expect(message).toContain(`${file}:4: other: is not known here`);
  expect(message).not.toContain("hunter2");
  await expect(readConfiguration(join(file, "none"), form)).rejects.toThrow(/cannot be read \(ENOTDIR\)/);
});

it.each([
  ["this user's own, for this user alone", 0o100600, 1000, 1000, false],
  ["this user's own, and its group's", 0o100640, 1000, 1000, true],
  ["root's, and readable by a group, as fsGroup and LoadCredential have it", 0o100440, 0, 1000, false],
  ["root's, and writable by a group", 0o100660, 0, 1000, true],
  ["root's, and everybody's", 0o100444, 0, 1000, true],
  ["root's, and readable by a group, where root runs this", 0o100440, 0, 0, true],
  ["another user's, and readable by a group", 0o100440, 1001, 1000, true],
])("a secret in a file that is %s, is open to others or not (O1)", (_, mode, uid, user, open) => {
  expect(isOpenToOthers({ mode, uid }, user)).toBe(open);
});

it.skipIf(process.geteuid === undefined)(
  "a secret that others can read is refused, whatever form it has (O1)",
  async () => {
    const files = new OwnFiles(folder());
    writeFileSync(files.path("ring"), randomBytes(32).toString("base64url"), { mode: 0o600 });
    writeFileSync(files.path("key.json"), '{"kty":"OKP"}', { mode: 0o600 });
    expect(await files.secret("ring")).toHaveLength(32);
    expect(await files.secretJson("key.json")).toEqual({ kty: "OKP" });
    for (const name of ["ring", "key.json"]) chmodSync(files.path(name), 0o644);
    await expect(files.secret("ring")).rejects.toThrow("ring can be read by others");
    await expect(files.secretJson("key.json")).rejects.toThrow("key.json can be read by others");
    await expect(files.secretJson("none.json")).rejects.toThrow("none.json cannot be read (ENOENT)");
  },
);

it("a log is its owner's alone, in order, and goes on in a new file when the old one was moved", async () => {
  const path = join(folder(), "log.jsonl");
  const log = await LogFile.open(path);
  await Promise.all([log.write("1"), log.write("2")]);
  renameSync(path, `${path}.1`);
  await log.reopen();
  await log.write("3");
  await log.close();
  expect(readFileSync(`${path}.1`, "utf8")).toBe("1\n2\n");
  expect(readFileSync(path, "utf8")).toBe("3\n");
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("a line of a log is in its file once its write has resolved, however many are written at once", async () => {
  const path = join(folder(), "log.jsonl");
  const log = await LogFile.open(path);
  const lines = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  const inFile = async (line: string, i: number) => {
    // Some come while others are being written.
    for (let turn = 0; turn < i; turn++) await new Promise((resolve) => setImmediate(resolve));
    await log.write(line);
    return readFileSync(path, "utf8").split("\n").includes(line);
  };
  expect(await Promise.all(lines.map(inFile))).toEqual(lines.map(() => true));
  expect(readFileSync(path, "utf8")).toBe(`${lines.join("\n")}\n`);
  await log.close();
});

it("nobody whose line could not be written is told that it was", async () => {
  const log = await LogFile.open(join(folder(), "log.jsonl"));
  await log.close();
  const outcomes = await Promise.allSettled([log.write("1"), log.write("2"), log.write("3")]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(log.write("4")).rejects.toThrow("closed");
});

it("operators learn whether it is there, whether it is ready, and what it counts", async () => {
  let ready = false;
  const isReady = async () => {
    if (!ready) throw new Error("not yet");
  };
  const admin = await listenAdmin("127.0.0.1:0", {
    isReady,
    metrics: async () => new Response("a_total 1\n"),
    other: async ({ url }) => (url.endsWith("/jwks") ? Response.json({ keys: [] }) : undefined),
  });
  onTestFinished(() => admin.close(0));
  const ask = async (path: string) => {
    const response = await fetch(new URL(path, admin.url));
    return `${response.status} ${await response.text()}`;
  };
  expect(await ask("/health")).toBe('200 {"status":"ok"}');
  expect(await ask("/ready")).toBe('503 {"status":"not ready"}');
  ready = true;
  expect(await ask("/ready")).toBe('200 {"status":"ready"}');
  expect(await ask("/metrics")).toBe("200 a_total 1\n");
  expect(await ask("/jwks")).toBe('200 {"keys":[]}');
  expect(await ask("/other")).toBe("404 {}");
});

it("a server that closes waits for what is under way, and no longer than it is told", async () => {
  const server = await listen((_req, res) => void res.writeHead(200).write("on"), { host: "127.0.0.1", port: 0 });
  const open = await fetch(server.url);
  const begun = performance.now();
  await server.close(50);
  expect(performance.now() - begun).toBeLessThan(5000);
  await expect(open.text()).rejects.toThrow();
});
