import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { InMemoryKeyResolver } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { attestHandler, attestNodeHandler } from "@attest/mcp-server";
import { type Authority, startAuthority } from "demo-authority";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attestIn, workFolder } from "./attest.ts";
import { createParts, listening, onNode } from "./misconfigured.ts";

const folder = workFolder();
const attest = attestIn(folder);
const SECRET = "workload-secret-of-this-test";
let test: TestAuthority;
let present: string[];

beforeAll(async () => {
  test = await createTestAuthority();
  const secret = JSON.stringify(await test.agentKey.toPrivateJwk());
  writeFileSync(join(folder, "agent.json"), secret, { mode: 0o600 });
  writeFileSync(join(folder, "token"), await test.attest());
  writeFileSync(join(folder, "credential"), `${SECRET}\n`);
  present = ["--attestation", "token", "--holder-key", "agent.json", "--audience", test.audience];
});

const v1 = ({ handle, guard }: ReturnType<typeof createParts>) => attestNodeHandler(handle, guard) as RequestListener;
const v2 = ({ web, guard }: ReturnType<typeof createParts>) => onNode(attestHandler(web, guard));

async function send(url: string, ...options: string[]) {
  const { status, stdout, stderr } = await attest(["request", url, "--json", ...options]);
  expect(stdout + stderr).not.toContain(SECRET);
  return { exit: status, ...JSON.parse(stdout || "{}"), stderr };
}

describe("an attested request", () => {
  it.each([
    ["a session of SDK v1", v1, []],
    ["SDK v2 without a session", v2, []],
    ["SDK v2 in the stateless era", v2, ["--era", "stateless"]],
  ])("is answered by %s", async (_, build, options) => {
    const url = await listening(build(createParts(test)));
    expect(await send(url, ...present, ...options)).toMatchObject({
      exit: 0,
      outcome: "result",
      verified: true,
      trustLevel: "provider",
      result: { tools: [{ name: "transfer" }] },
    });
  });

  it("carries the params that are given, and leaves no session behind", async () => {
    const seen: string[] = [];
    const gate = v1(createParts(test));
    const url = await listening((req, res) => {
      seen.push(`${req.method} ${req.headers["mcp-session-id"] === undefined ? "" : "session"}`);
      gate(req, res);
    });
    const call = ["--method", "tools/call", "--params", '{"name":"transfer","arguments":{}}'];
    const { status, stdout } = await attest(["request", url, ...present, ...call]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^VERIFIED, trust level provider\n\n\{\n {2}"content": \[\]/),
    ]);
    expect(seen).toEqual(["POST ", "POST session", "POST session", "DELETE session"]);
  });

  it("that is refused is told with the reason and what it can mean", async () => {
    const url = await listening(v2(createParts(test)));
    const other = [...present.slice(0, -1), "https://other.example"];
    expect(await send(url, ...other)).toMatchObject({
      exit: 1,
      outcome: "refused",
      reason: "attestation_proof_invalid",
    });
    const { stdout } = await attest(["request", url, ...other]);
    expect(stdout).toMatch(/^REFUSED attestation_proof_invalid\n\n.*--audience/);
  });

  it("that the server answers with an error of its own is told from a refusal", async () => {
    const url = await listening(v2(createParts(test)));
    expect(await send(url, ...present, "--method", "no/such-method")).toMatchObject({
      exit: 1,
      outcome: "error",
      error: { code: -32601 },
    });
  });

  it("that nobody answers is told so", async () => {
    const url = await listening((_req, res) => void res.writeHead(502).end("<html>"));
    expect(await send(url, ...present)).toMatchObject({ exit: 1, outcome: "no-answer", status: 502 });
    expect(await send("http://127.0.0.1:9/mcp", ...present)).toMatchObject({ exit: 1, outcome: "no-answer" });
  });
});

describe("with an attestation from an authority", () => {
  let authority: Authority;
  let verifierOptions: TestAuthority["verifierOptions"];
  let from: string[];

  beforeAll(async () => {
    const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
    const secretSha256 = createHash("sha256").update(SECRET).digest("hex");
    const issuer = "https://authority.example";
    authority = await startAuthority({ issuer, secretSha256, identity });
    const keyResolver = new InMemoryKeyResolver();
    const published = await fetch(new URL(".well-known/jwks.json", authority.url));
    for (const key of ((await published.json()) as { keys: never[] }).keys) await keyResolver.addKey(issuer, key);
    verifierOptions = { ...test.verifierOptions, keyResolver };
    from = ["--authority", new URL("attestations", authority.url).href, "--audience", test.audience];
  });
  afterAll(() => authority.close());

  it("a request is verified, with the workload's credential in a file or in the environment", async () => {
    const url = await listening(v2(createParts({ verifierOptions })));
    expect(await send(url, ...from, "--credential-file", "credential")).toMatchObject({ exit: 0, verified: true });
    process.env["ATTEST_TEST_CREDENTIAL"] = SECRET;
    try {
      expect(await send(url, ...from, "--credential-env", "ATTEST_TEST_CREDENTIAL")).toMatchObject({ verified: true });
    } finally {
      delete process.env["ATTEST_TEST_CREDENTIAL"];
    }
  });

  it("doctor sees how the server takes it", async () => {
    const url = await listening(v1(createParts({ verifierOptions })));
    const { status, stdout } = await attest(["doctor", url, ...from, "--credential-file", "credential", "--json"]);
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      expect.objectContaining({
        verdict: "ready",
        findings: [],
        attested: expect.objectContaining({ outcome: "result" }),
      }),
    ]);
  });

  it("what the authority issued is saved for inspect and verify, readable by its owner alone, also of a refused request", async () => {
    const url = await listening(v1(createParts({ verifierOptions: test.verifierOptions })));
    const asked = ["request", url, ...from, "--credential-file", "credential", "--save-attestation", "saved"];
    expect((await attest(asked)).status).toBe(1);
    expect(statSync(join(folder, "saved")).mode & 0o777).toBe(0o600);
    const { status, stdout } = await attest([
      "inspect",
      readFileSync(join(folder, "saved"), "utf8").trimEnd(),
      "--json",
    ]);
    expect([status, JSON.stringify(JSON.parse(stdout))]).toEqual([0, expect.stringContaining(test.audience)]);
    expect((await attest(asked)).status).toBe(1);
  });

  it("an authority that gives none is told with its reason, and the credential with nobody", async () => {
    writeFileSync(join(folder, "wrong"), "wrong-credential-of-this-test");
    const { status, stdout, stderr } = await attest([
      "request",
      "http://127.0.0.1:9/mcp",
      ...from,
      "--credential-file",
      "wrong",
    ]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("not_admitted");
    expect(stderr).not.toContain("wrong-credential");
  });
});

it.each<[string, string[], string]>([
  ["no credentials", [], "--attestation"],
  ["a key without an attestation", ["--holder-key", "agent.json"], "--attestation"],
  ["an attestation without its key", ["--attestation", "token", "--audience", "https://a.example"], "--holder-key"],
  ["both ways at once", ["--attestation", "token", "--authority", "https://a.example/attestations"], "not both"],
  [
    "an authority without a credential",
    ["--authority", "https://a.example", "--audience", "https://a.example"],
    "--credential-file",
  ],
  [
    "an unset variable",
    ["--authority", "https://a.example", "--audience", "https://a.example", "--credential-env", "NO_SUCH"],
    "no such",
  ],
  ["a credential without an authority", ["--credential-file", "credential"], "--authority"],
  [
    "an attestation to save without an authority",
    [
      "--attestation",
      "token",
      "--holder-key",
      "agent.json",
      "--audience",
      "https://a.example",
      "--save-attestation",
      "saved",
    ],
    "--save-attestation needs --authority",
  ],
  ["params that are no object", ["--params", "[]"], "--params"],
])("takes %s for wrong usage", async (_, options, hint) => {
  const { status, stderr } = await attest(["request", "https://bank.example/mcp", ...options]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(hint)]);
});
