import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { KeyPair } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { attestIn, BIN, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const AUDIENCE = "https://bank.example/mcp";
const SECRET = "a-secret-of-the-workload-aurora";
const CREDENTIAL = join(folder, "credential");
const children: ChildProcess[] = [];
let server: string;
let authority: string;
/** What a gateway before that server is started with. */
let guarded: readonly string[];

/** Runs a command until it says where it listens. */
async function start(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [BIN, ...args], { stdio: ["ignore", "pipe", "ignore"], cwd: folder });
  children.push(child);
  const [url] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return url;
}

// An authority and a gateway as they are published, before a server that nobody changed.
beforeAll(async () => {
  writeFileSync(CREDENTIAL, SECRET, { mode: 0o600 });
  writeFileSync(
    join(folder, "authority.yaml"),
    `issuer: https://authority.example
listen: 127.0.0.1:0
evidence: { desk: { secret: { sha256: ${createHash("sha256").update(SECRET).digest("hex")} } } }
rules:
  - name: aurora
    default: true
    evidence: desk
    attest: { identity: { modelFamily: example, modelVersion: example-1, provider: example } }
`,
  );
  writeFileSync(
    join(folder, "server.mjs"),
    `import { createInterface } from "node:readline";
    for await (const line of createInterface(process.stdin)) {
      const { id, method, params } = JSON.parse(line);
      if (id === undefined) continue;
      const result = method === "initialize"
        ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "plain", version: "1" } }
        : { content: [{ type: "text", text: params._meta["io.github.attest/verified"].sub }] };
      console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
    }`,
  );
  authority = await start("authority", "--config", "authority.yaml");
  const trust = ["--issuer", "https://authority.example", "--jwks", new URL(".well-known/jwks.json", authority).href];
  const lax = ["--trust-domain", "example.com", "--allow-insecure-http", "--allow-private-network"];
  guarded = [...["--audience", AUDIENCE], ...trust, ...lax, "--", process.execPath, join(folder, "server.mjs")];
  server = new URL("mcp", await start("gateway", "--listen", "0", ...guarded)).href;
});
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
});

const options = () => [
  "--audience",
  AUDIENCE,
  "--authority",
  new URL("attestations", authority).href,
  "--credential-file",
  CREDENTIAL,
];

it("a host over stdio that nobody changed uses a guarded server through attest connect", async () => {
  const client = new Client({ name: "host", version: "1.0.0" });
  const args = [BIN, "connect", server, ...options()];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }) as never);
  const { content } = await client.callTool({ name: "any" });
  expect(content).toEqual([{ type: "text", text: "spiffe://example.com/model/example-1" }]);
  await client.close();
});

it("a host over stdio uses a guarded server over stdio through attest connect, which starts it", async () => {
  const client = new Client({ name: "host", version: "1.0.0" });
  const command = [process.execPath, BIN, "gateway", ...guarded];
  const args = [BIN, "connect", ...options(), "--", ...command];
  const transport = new StdioClientTransport({ command: process.execPath, args });
  await client.connect(transport as never);
  const { content } = await client.callTool({ name: "any" });
  expect(content).toEqual([{ type: "text", text: "spiffe://example.com/model/example-1" }]);
  await client.close();
});

it("attests by an attestation that something else renews, with its key", async () => {
  const signer = await KeyPair.generate();
  const source = httpSource(new URL("attestations", authority).href, { credential: () => SECRET });
  const agent = new AttestingAgent({ source, signer });
  const { attestation } = await agent.credentialsFor(AUDIENCE, { kind: "message", method: "ping" });
  writeFileSync(join(folder, "attestation"), attestation, { mode: 0o600 });
  writeFileSync(join(folder, "agent.json"), JSON.stringify(await signer.toPrivateJwk()), { mode: 0o600 });
  const client = new Client({ name: "host", version: "1.0.0" });
  const held = ["--attestation", join(folder, "attestation"), "--holder-key", join(folder, "agent.json")];
  const args = [BIN, "connect", server, "--audience", AUDIENCE, ...held];
  await client.connect(new StdioClientTransport({ command: process.execPath, args }) as never);
  expect(JSON.stringify((await client.callTool({ name: "any" })).content)).toContain("spiffe://example.com");
  await client.close();
});

it.each([
  ["the server ends", "process.stdin.once('data', () => process.exit(1))", /^attest: the server ended/],
  ["the server cannot be started", undefined, /^attest: the server ended/],
])("tells the host under the id of its request that %s, and exits with 1", async (_, script, told) => {
  const command = script === undefined ? ["/nonexistent/server"] : [process.execPath, "-e", script];
  const input = '{"jsonrpc":"2.0","id":5,"method":"tools/list"}\n';
  const { status, stdout } = await attest(["connect", ...options(), "--", ...command], input);
  expect(JSON.parse(stdout)).toMatchObject({ id: 5, error: { message: expect.stringMatching(told) } });
  expect(status).toBe(1);
});

it("a client over HTTP on this machine does, with the token that attest connect made", async () => {
  const address = await start("connect", server, ...options(), "--listen", "0", "--local-token-file", "local-token");
  const file = join(folder, "local-token");
  expect(existsSync(file) && statSync(file).mode & 0o777).toBe(0o600);
  const client = new Client({ name: "host", version: "1.0.0" });
  const headers = { Authorization: `Bearer ${readFileSync(file, "utf8").trim()}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers } }) as never);
  expect(JSON.stringify((await client.callTool({ name: "any" })).content)).toContain("spiffe://example.com");
  await client.close();
  expect((await fetch(address, { method: "POST" })).status).toBe(401);
});

it("says under the id of a request which file of the credential cannot be read, from wherever the host started it", async () => {
  const input = '{"jsonrpc":"2.0","id":5,"method":"tools/list"}\n';
  const { stdout } = await attest(["connect", server, ...options().slice(0, 4), "--credential-file", "none"], input);
  const { id, error } = JSON.parse(stdout);
  expect([id, error.message]).toEqual([
    5,
    `attest: No attestation is available: --credential-file: cannot read ${join(realpathSync(folder), "none")} (ENOENT)`,
  ]);
});

it("says under the id of a request that the authority refuses the credential", async () => {
  const wrong = join(folder, "wrong");
  writeFileSync(wrong, "a-secret-of-nobody-whatsoever", { mode: 0o600 });
  const input = '{"jsonrpc":"2.0","id":5,"method":"tools/list"}\n';
  const { status, stdout } = await attest(
    ["connect", server, ...options().slice(0, 4), "--credential-file", wrong],
    input,
  );
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    id: 5,
    error: { message: expect.stringMatching(/^attest: No attestation is available/) },
  });
  expect(stdout).not.toContain("a-secret");
});

it.each([
  [["--listen", "0"], "--listen needs --local-token-file"],
  [["--local-token-file", "x"], "need --listen"],
  [["--listen", "0.0.0.0:0", "--local-token-file", "other-token"], "loopback"],
  [["--credential-env", "NONE"], "exactly one of"],
  [["--holder-key", "agent.json"], "--holder-key belongs to --attestation"],
  [["--attestation", "attestation"], "Give --authority, or --attestation"],
  [["--env", "A=1"], "--env needs -- with a command"],
  [["node"], "Give a URL, or -- with a command"],
])("says what is wrong with %j", async (more, told) => {
  const { status, stderr } = await attest(["connect", server, ...options(), ...more]);
  expect(status).toBe(2);
  expect(stderr).toContain(told);
});
