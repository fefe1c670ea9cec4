import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const settings = {
  issuer: "https://models.example",
  port: 0,
  workloads: [
    {
      id: "aurora",
      secretSha256: "a".repeat(64),
      identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
    },
  ],
};

let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attest-authority-"));
});
afterEach(async () => {
  child?.kill("SIGKILL");
  await rm(folder, { recursive: true });
});

async function start(written: object): Promise<{ process: ChildProcess; said: Promise<string> }> {
  const file = join(folder, "authority.json");
  await writeFile(file, JSON.stringify(written));
  const env = { ...process.env, AUTHORITY_CONFIG: file, AUTHORITY_KEY_DIRECTORY: join(folder, "keys") };
  child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "pipe"] });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("The process has no pipes");
  const said = new Promise<string>((resolve) => {
    let problems = "";
    stderr.on("data", (chunk) => {
      problems += chunk;
    });
    createInterface({ input: stdout }).once("line", resolve);
    child?.once("exit", () => resolve(problems));
  });
  return { process: child, said };
}

async function kidsAt(address: string): Promise<string[]> {
  const response = await fetch(new URL(".well-known/jwks.json", address));
  return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
}

it("says where it listens, keeps its keys over a restart for its owner alone, and ends orderly when told to", async () => {
  const first = await start(settings);
  const kids = await kidsAt(await first.said);
  expect(kids).toHaveLength(2);
  const [keyFile = ""] = await readdir(join(folder, "keys"));
  expect((await stat(join(folder, "keys", keyFile))).mode & 0o777).toBe(0o600);
  first.process.kill("SIGTERM");
  expect(await once(first.process, "exit")).toEqual([0, null]);

  const second = await start(settings);
  expect(await kidsAt(await second.said)).toEqual(kids);
  second.process.kill("SIGTERM");
  expect(await once(second.process, "exit")).toEqual([0, null]);
});

it("answers SIGHUP with one line that says which key signs and from when on", async () => {
  const { process: running, said } = await start(settings);
  const [, next] = await kidsAt(await said);
  const lines = createInterface({ input: running.stderr as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const rotation = async () => {
    for (;;) {
      const { value } = await lines.next();
      const line = JSON.parse(value);
      if (line.rotation) return line;
    }
  };
  const before = Date.now();
  running.kill("SIGHUP");
  const line = await rotation();
  expect(line).toEqual({ source: "authority", rotation: { kid: next, signsFrom: expect.any(String) } });
  // The key that was made with the store is published for two hours first.
  expect(Date.parse(line.rotation.signsFrom)).toBeGreaterThan(before + 7_100_000);
  expect(Date.parse(line.rotation.signsFrom)).toBeLessThanOrEqual(Date.now() + 7_200_000);
  await chmod(join(folder, "keys"), 0o777);
  running.kill("SIGHUP");
  expect((await rotation()).rotation.failed).toContain("chmod go-w");
});

it("does not start on a key directory that others can write to", async () => {
  await mkdir(join(folder, "keys"));
  await chmod(join(folder, "keys"), 0o777);
  const { process: refused, said } = await start(settings);
  expect(await once(refused, "exit")).toEqual([1, null]);
  expect(await said).toContain("chmod go-w");
});

it("does not start with wrong settings, and lists everything that is wrong", async () => {
  const { process: wrong, said } = await start({ ...settings, issuer: "models", lifetime: 7200 });
  expect(await once(wrong, "exit")).toEqual([1, null]);
  expect(await said).toContain("issuer");
  expect(await said).toContain("lifetime");
});
