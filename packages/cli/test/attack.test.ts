import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { splitCommand } from "../src/input/split-command.ts";
import { AUDIENCE, attestIn, ISSUER, shellIn, workFolder } from "./attest.ts";
import { BANK, bankSettings, startBank } from "./bank.ts";

const folder = workFolder();
const attest = attestIn(folder);
const shell = shellIn(folder);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const lab = ["--audience", AUDIENCE, "--issuer", ISSUER, "--key", "authority.json", "--rate", "1000"];
/** Attacks of every kind that a live server can be offered, few enough for a test. */
const SOME = [
  "model-spoofing",
  "token-replay",
  "token-tampering",
  "downgrade",
  "issuer-typosquatting",
  "side-doors",
  "batch",
];

beforeAll(async () => {
  for (const name of ["authority", "agent"]) await attest(["keygen", "--out", `${name}.json`]);
});

/** Whatever a run printed or wrote, without what would be secret in it (O1). */
function expectNoSecret(...texts: string[]): void {
  const secrets = ["authority", "agent"].map((name) => JSON.parse(read(`${name}.json`)).d);
  for (const text of texts) {
    expect(text).not.toMatch(/eyJ[\w-]{20}/);
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
}

describe("the demo server", () => {
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    ({ url, process: server } = await startBank(folder));
  });
  afterAll(() => server?.kill("SIGKILL"));

  it("stands over HTTP, and the reports say so without a secret (O1)", async () => {
    const reports = ["--report", "out.html", "--report", "out.md"];
    const { status, stdout, stderr } = await attest([
      "attack",
      "--url",
      url,
      ...lab,
      ...reports,
      "--json",
      "--only",
      ...SOME,
    ]);
    const { results, breached, inconclusive, blocked } = JSON.parse(stdout);
    expect({ breached, inconclusive, blocked }).toEqual({ breached: 0, inconclusive: 0, blocked: SOME.length });
    expect(results.map(({ id }: { id: string }) => id).sort()).toEqual([...SOME].sort());
    expect(results.every(({ outcome }: { outcome: string }) => outcome === "blocked")).toBe(true);
    expect(status).toBe(0);
    expect(stderr).toContain(`${SOME.length}/${SOME.length} batch: blocked`);
    expect(read("out.html")).toContain("<!doctype html>");
    expect(read("out.md")).toMatch(/^# /);
    expectNoSecret(stdout, stderr, read("out.html"), read("out.md"));
  });

  it("stands over stdio, with the environment that it is given", async () => {
    const only = SOME.map((id) => `--only ${id}`).join(" ");
    const line = `attest attack --stdio "'${process.execPath}' '${BANK}' stdio" --env ATTEST_SERVER ${lab.join(" ")} ${only}`;
    const { status, stdout } = await shell(line, { ATTEST_SERVER: bankSettings(folder) });
    expect(stdout).toContain(`${SOME.length} of ${SOME.length} attacks blocked, 0 breached, 0 inconclusive`);
    expect(status).toBe(0);
  });

  it("can be attacked with one attestation and its key alone", async () => {
    const issue = ["generate", "--issuer", ISSUER, "--key", "authority.json", "--holder-key", "agent.json"];
    const { stdout: token } = await attest(issue);
    const own = ["--audience", AUDIENCE, "--attestation", "-", "--holder-key", "agent.json", "--rate", "1000"];
    const { status, stdout } = await attest(
      ["attack", "--url", url, ...own, "--json", "--only", "token-replay"],
      token,
    );
    expect(JSON.parse(stdout).results).toMatchObject([{ id: "token-replay", outcome: "blocked" }]);
    expect(status).toBe(0);
  });
});

describe("a server that does not stand", () => {
  let open: Server | undefined;
  afterEach(() => {
    open?.close();
    open?.closeAllConnections();
  });

  async function listen(answer: object, headers = {}): Promise<string> {
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      request.on("end", () => {
        const { id } = JSON.parse(body || "{}");
        response.writeHead(200, { "content-type": "application/json", ...headers });
        response.end(JSON.stringify({ jsonrpc: "2.0", id, ...answer }));
      });
    });
    open = server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  }

  it("is breached if it calls everyone verified, with status 1", async () => {
    const url = await listen({ result: { tools: [] } }, { "agent-attestation-status": "verified;trust=provider" });
    const { status, stdout } = await attest(["attack", "--url", url, ...lab, "--json", "--only", "downgrade"]);
    expect(JSON.parse(stdout)).toMatchObject({ breached: 1, results: [{ id: "downgrade", outcome: "breached" }] });
    expect(status).toBe(1);
  });

  it("shows nothing if it refuses everyone, which is no success, and is told at once", async () => {
    const url = await listen({ error: { code: -32001, message: "no", data: { reason: "attestation_invalid" } } });
    const { status, stdout, stderr } = await attest(["attack", "--url", url, ...lab, "--only", "token-tampering"]);
    expect(stdout).toContain("1 inconclusive");
    expect(stderr).toContain("the honest agent is refused: attestation_invalid");
    expect(status).toBe(1);
  });

  it("shows nothing if it knows no attestation, and is told at once", async () => {
    const url = await listen({ result: { tools: [] } });
    const { status, stderr } = await attest(["attack", "--url", url, ...lab, "--only", "token-tampering"]);
    expect(stderr).toContain("not reported as verified");
    expect(status).toBe(1);
  });
});

it("attacks its own verifier if it is given no server", async () => {
  const { status, stdout } = await attest(["attack", "--json"]);
  const { breached, inconclusive, blocked, target } = JSON.parse(stdout);
  expect({ breached, inconclusive }).toEqual({ breached: 0, inconclusive: 0 });
  expect(blocked).toBeGreaterThan(38);
  expect(target).toContain("verifier");
  expect(status).toBe(0);
});

it("lists what it can do", async () => {
  const { status, stdout } = await attest(["attack", "--list", "--json"]);
  const ids: string[] = JSON.parse(stdout).map(({ id }: { id: string }) => id);
  expect(ids.length).toBeGreaterThan(38);
  expect(new Set(ids).size).toBe(ids.length);
  expect(status).toBe(0);
});

it.each([
  ["two targets", ["--url", "http://127.0.0.1:9/mcp", "--stdio", "server"]],
  ["no audience", ["--url", "http://127.0.0.1:9/mcp", "--issuer", ISSUER, "--key", "authority.json"]],
  ["no credentials", ["--url", "http://127.0.0.1:9/mcp", "--audience", AUDIENCE]],
  ["an attack that there is not", ["--only", "everything"]],
  ["a report of another kind", ["--report", "out.pdf"]],
  ["a command that has no end", ["--stdio", "node 'server.js", ...lab]],
])("takes %s for wrong usage", async (_, args) => {
  const { status, stdout, stderr } = await attest(["attack", ...args]);
  expect(stdout).toBe("");
  expect(stderr).toMatch(/^error: /);
  expect(status).toBe(2);
});

describe("splitting a command", () => {
  it.each([
    ["node server.js stdio", ["node", "server.js", "stdio"]],
    ["  node\t'a b'  \"c d\" ", ["node", "a b", "c d"]],
    [`a"b"'c'd`, ["abcd"]],
    ["a '' \"\"", ["a", "", ""]],
    ['a \\"b\\ c\\\\', ["a", '"b c\\']],
    ['a "\\"\\\\\\n"', ["a", '"\\\\n']],
    ["echo $HOME `id` $(id) * ; rm", ["echo", "$HOME", "`id`", "$(id)", "*", ";", "rm"]],
  ])("reads %j as a shell reads its quotes, and nothing else of a shell", (line, words) => {
    expect(splitCommand(line, "--stdio")).toEqual(words);
  });

  it.each(["", "  ", "a 'b", 'a "b', "a \\", "''"])("refuses %j", (line) => {
    expect(() => splitCommand(line, "--stdio")).toThrow("--stdio");
  });
});
