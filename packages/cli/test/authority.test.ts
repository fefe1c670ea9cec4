import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attestIn, BIN, workFolder } from "./attest.ts";

const SECRET = "a-secret-of-the-workload-aurora";
const HASH = createHash("sha256").update(SECRET).digest("hex");
const GOOD = `issuer: https://models.example
listen: 127.0.0.1:0
keys: { directory: ./keys }
evidence:
  desk: { secret: { workloads: { aurora: ${HASH} } } }
rules:
  - name: aurora
    default: true
    evidence: desk
    subject: aurora
    attest: { identity: { modelFamily: aurora, modelVersion: aurora-2, provider: example } }
`;

const folder = workFolder();
const attest = attestIn(folder);
const file = join(folder, "authority.yaml");
beforeEach(() => writeFile(file, GOOD));

describe("attest authority", () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill("SIGKILL"));

  async function start(): Promise<{ process: ChildProcess; url: string; log: AsyncIterator<string> }> {
    child = spawn(process.execPath, [BIN, "authority", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = child;
    if (!stdout || !stderr) throw new Error("The process has no pipes");
    const [url] = await once(createInterface({ input: stdout }), "line");
    return { process: child, url, log: createInterface({ input: stderr })[Symbol.asyncIterator]() };
  }

  const challenge = (url: string, body = {}) =>
    fetch(new URL("attestations/challenge", url), {
      method: "POST",
      headers: { Authorization: `Bearer ${SECRET}` },
      body: JSON.stringify(body),
    });

  async function lineWith(log: AsyncIterator<string>, member: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { value, done } = await log.next();
      if (done) throw new Error(`There is no line with ${member}`);
      const entry = JSON.parse(value);
      if (member in entry) return entry;
    }
  }

  it("says where it listens, answers, reads its configuration again and ends orderly", async () => {
    const { process: running, url, log } = await start();
    expect((await challenge(url)).status).toBe(200);
    expect((await challenge(url, { rule: "second" })).status).toBe(403);
    expect((await lineWith(log, "record"))["record"]).toMatchObject({ outcome: "refused", problem: "not_admitted" });
    await writeFile(
      file,
      GOOD.replaceAll("aurora\n", "second\n").replace("workloads: { aurora:", "workloads: { second:"),
    );
    running.kill("SIGHUP");
    expect(await lineWith(log, "reload")).toEqual({ source: "authority", reload: "done" });
    expect((await challenge(url, { rule: "second" })).status).toBe(200);
    await writeFile(file, GOOD.replace("evidence: desk", "evidence: desc"));
    running.kill("SIGHUP");
    expect(await lineWith(log, "reload")).toMatchObject({ reload: "failed", problems: [{ line: 9 }] });
    expect((await challenge(url, { rule: "second" })).status).toBe(200);
    running.kill("SIGTERM");
    expect(await once(running, "exit")).toEqual([0, null]);
  });
});

it("does not start by a wrong configuration, and lists everything by its line", async () => {
  await writeFile(file, GOOD.replace("issuer:", "isuer:").replace("keys: {", "keys: { colour: red,"));
  const { status, stderr } = await attest(["authority", "--config", file]);
  expect(status).toBe(2);
  expect(stderr).toContain(`${file}:1: isuer: is not known here`);
  expect(stderr).toContain(`${file}:3: keys.colour: is not known here`);
  expect(stderr).not.toContain(HASH);
});

describe("attest authority explain", () => {
  const explain = (secret: string, ...more: string[]) =>
    attest(["authority", "explain", "--config", file, "--evidence", "-", ...more], `${secret}\n`);

  it("says which rule admits the evidence, and why another does not", async () => {
    const good = await explain(SECRET);
    expect(good).toMatchObject({ status: 0, stderr: "" });
    expect(good.stdout).toContain(
      'ADMITS  aurora (default), by desk (secret)\n  subject   aurora\n  holds     subject: expected "aurora", found "aurora"',
    );
    const bad = await explain("a-secret-of-nobody-whatsoever");
    expect(bad.status).toBe(1);
    expect(bad.stdout).toContain("REFUSES  aurora");
    expect(bad.stdout).toContain("The secret is not a registered one (signature)");
  });

  it("speaks JSON, of one rule if one is named", async () => {
    const { status, stdout } = await explain(SECRET, "--json", "--rule", "aurora");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([{ rule: "aurora", admitted: true, subject: "aurora" }]);
    expect((await explain(SECRET, "--rule", "nobody")).status).toBe(2);
  });
});

it("attest authority-schema prints the schema of the configuration", async () => {
  const { status, stdout } = await attest(["authority-schema"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ required: ["issuer", "evidence", "rules"], additionalProperties: false });
});

it("attest authority rotate says which key signs, and from when on", async () => {
  const { status, stdout } = await attest(["authority", "rotate", "--config", file]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^\S{43} signs from \d{4}-\d\d-\d\dT/);
  await writeFile(file, GOOD.replace(/keys: .*\n/, ""));
  expect((await attest(["authority", "rotate", "--config", file])).stderr).toContain("are in memory");
});
