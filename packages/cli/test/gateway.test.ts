import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { attestIn, BIN, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const KEYS = join(folder, "keys.json");
/** A server over stdio that nobody changed: it answers to `initialize`, and echoes the name of every other method. */
const SERVER = join(folder, "server.mjs");

let authority: TestAuthority;
let agent: AttestingAgent;
beforeAll(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.attestationIssuer, authority.identity) });
  writeFileSync(KEYS, JSON.stringify(authority.keyResolver.toJwks(authority.issuer)));
  writeFileSync(
    SERVER,
    `import { createInterface } from "node:readline";
    for await (const line of createInterface(process.stdin)) {
      const { id, method, params } = JSON.parse(line);
      if (id === undefined) continue;
      const { protocolVersion } = params ?? {};
      const result = method === "initialize"
        ? { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "plain", version: "1" } }
        : { content: [{ type: "text", text: method }] };
      console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
    }`,
  );
});

let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));

const trust = () => [
  "--audience",
  authority.audience,
  "--issuer",
  authority.issuer,
  "--jwks",
  KEYS,
  "--trust-domain",
  "example.com",
];

/** Runs the command until it says where it listens. */
async function start(...args: string[]) {
  child = spawn(process.execPath, [BIN, "gateway", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("The process has no pipes");
  const [url] = await once(createInterface({ input: stdout }), "line");
  return {
    process: child,
    endpoint: new URL("mcp", url),
    log: createInterface({ input: stderr })[Symbol.asyncIterator](),
  };
}

async function lineWith(log: AsyncIterator<string>, member: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await log.next();
    if (done) throw new Error(`There is no line with ${member}`);
    const entry = JSON.parse(value);
    if (member in entry) return entry;
  }
}

async function callThrough(endpoint: URL): Promise<unknown> {
  const client = new Client({ name: "test", version: "1.0.0" });
  const fetch = attestFetch({ agent, audience: authority.audience, endpoint });
  await client.connect(new StreamableHTTPClientTransport(endpoint, { fetch }) as never);
  const { content } = await client.callTool({ name: "any" });
  await client.close();
  return content;
}

describe("attest gateway", () => {
  it("runs by options before a server over HTTP, says what it refuses, and ends orderly", async () => {
    const server = createServer((req, res) => {
      req.resume();
      res.writeHead(200, { "Content-Type": "application/json" }).end('{"jsonrpc":"2.0","id":1,"result":{}}');
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
    const { endpoint, log, process: running } = await start("--upstream", upstream, "--listen", "0", ...trust());
    const list = { method: "POST", body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}' };
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const refused = await fetch(endpoint, { ...list, headers });
    expect(refused.headers.get("agent-attestation-error")).toBe("attestation_required");
    expect((await lineWith(log, "event"))["event"]).toMatchObject({
      reason: "attestation_required",
      method: "tools/list",
    });
    const attested = attestFetch({ agent, audience: authority.audience, endpoint });
    expect(await (await attested(endpoint, { ...list, headers })).json()).toEqual({
      jsonrpc: "2.0",
      id: 1,
      result: {},
    });
    running.kill("SIGTERM");
    expect(await once(running, "exit")).toEqual([0, null]);
  });

  it("runs by a configuration file, and reads it again", async () => {
    const file = join(folder, "gateway.yaml");
    const text = `listen: 127.0.0.1:0
audience: ${authority.audience}
trustedIssuers: [{ issuer: ${authority.issuer}, trustLevel: provider, trustDomains: [example.com], jwks: ${KEYS} }]
upstream: { command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(SERVER)}] }
`;
    writeFileSync(file, text);
    const { endpoint, log, process: running } = await start("--config", file);
    expect(await callThrough(endpoint)).toEqual([{ type: "text", text: "tools/call" }]);
    writeFileSync(file, `${text}demands: { tools: { any: { deny: true } } }\n`);
    running.kill("SIGHUP");
    expect(await lineWith(log, "reload")).toEqual({ source: "gateway", reload: "done" });
    await expect(callThrough(endpoint)).rejects.toThrow(/does not meet|insufficient|claims/i);
    writeFileSync(file, `${text}colour: red\n`);
    running.kill("SIGHUP");
    expect(await lineWith(log, "reload")).toMatchObject({ reload: "failed", problems: [{ line: 5, place: "colour" }] });
    running.kill("SIGTERM");
    expect(await once(running, "exit")).toEqual([0, null]);
  });

  it("runs a command behind HTTP, a process for each session", async () => {
    const { endpoint } = await start("--listen", "127.0.0.1:0", ...trust(), "--", process.execPath, SERVER);
    expect(await callThrough(endpoint)).toEqual([{ type: "text", text: "tools/call" }]);
  });

  it("is started in the place of a server over stdio", async () => {
    const client = new Client({ name: "test", version: "1.0.0" });
    const args = [BIN, "gateway", ...trust(), "--", process.execPath, SERVER];
    const inner = new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" });
    await client.connect(attestTransport(inner, { agent, audience: authority.audience }) as never);
    expect((await client.callTool({ name: "any" })).content).toEqual([{ type: "text", text: "tools/call" }]);
    await client.close();
    const stranger = new Client({ name: "test", version: "1.0.0" });
    await expect(
      stranger.connect(new StdioClientTransport({ command: process.execPath, args, stderr: "ignore" }) as never),
    ).rejects.toThrow(/attestation/i);
    await stranger.close();
  });

  it.each([
    [["--listen", "0"], "--upstream or -- with a command"],
    [["--upstream", "http://127.0.0.1:1/mcp", "--listen", "0"], "--audience is needed"],
    [
      [
        ...[
          "--upstream",
          "http://127.0.0.1:1/mcp",
          "--listen",
          "0",
          "--audience",
          "urn:bank",
          "--issuer",
          "urn:authority",
        ],
        ...["--jwks", "http://127.0.0.1:1/jwks.json", "--trust-domain", "example.com"],
      ],
      "use https, or --allow-insecure-http",
    ],
    [
      [
        ...[
          "--upstream",
          "http://127.0.0.1:1/mcp",
          "--listen",
          "0",
          "--audience",
          "urn:bank",
          "--issuer",
          "urn:authority",
        ],
        ...["--jwks", "none.json", "--trust-domain", "example.com"],
      ],
      "none.json cannot be read (ENOENT)",
    ],
    [["--config", "none.yaml"], "none.yaml: cannot be read (ENOENT)"],
    [["--config", "none.yaml", "--upstream", "x"], "--config says what the server is"],
  ])("says what is wrong with %j", async (args, told) => {
    const { status, stderr } = await attest(["gateway", ...args]);
    expect(status).toBe(2);
    expect(stderr).toContain(told);
    expect(stderr).not.toContain("internal");
  });
});

it("attest gateway-schema prints the schema of the configuration", async () => {
  const { status, stdout } = await attest(["gateway-schema"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ required: ["trustedIssuers"], additionalProperties: false });
});
