import { fileURLToPath } from "node:url";
import type { ProcessUpstreamOptions } from "@attest/gateway/node";
import { createNodeGateway } from "@attest/gateway/node";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { type Agent, createScene, listen, messageOf, reasonOf, request, type Scene, strange } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const SERVER = fileURLToPath(new URL("servers/stdio.mjs", import.meta.url));
const initialize = request(0, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
});

/** A gateway before that server. */
async function open(options: Partial<ProcessUpstreamOptions> = {}) {
  const stderr: string[] = [];
  const upstream = {
    command: process.execPath,
    args: [SERVER],
    onStderr: (line: string) => stderr.push(line),
    ...options,
  };
  const gateway = createNodeGateway({ guard: scene.guard(), upstream });
  onTestFinished(() => gateway.close());
  return { endpoint: await listen(gateway.handle), gateway, stderr };
}

async function connect(endpoint: string, agent: Agent = scene.alice, capabilities = {}) {
  const client = new Client({ name: "test", version: "1.0.0" }, { capabilities });
  const transport = new StreamableHTTPClientTransport(new URL(endpoint), { fetch: agent.fetch(endpoint) });
  await client.connect(transport as never);
  onTestFinished(() => client.close());
  const call = async (name: string, args?: Record<string, unknown>) => {
    const result = await client.callTool({ name, ...(args && { arguments: args }) });
    return (result as { content: { text: string }[] }).content[0]?.text ?? "";
  };
  return { client, transport, call };
}

const isRunning = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it("serves a server over stdio, with elicitations, progress and what it says by itself (SPEC-22.14)", async () => {
  const { endpoint } = await open();
  const { client, call } = await connect(endpoint, scene.alice, { elicitation: {} });
  client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { sure: true } }));
  const logged = new Promise((resolve) => client.setNotificationHandler(LoggingMessageNotificationSchema, resolve));
  expect(await call("add", { a: 2, b: 3 })).toBe("5");
  expect(await call("confirm")).toBe("accept");
  const progress: number[] = [];
  await client.callTool({ name: "count" }, undefined, { onprogress: (each) => void progress.push(each.progress) });
  expect(progress).toEqual([1, 2, 3]);
  await call("log");
  expect(await logged).toMatchObject({ params: { data: "logged" } });
});

it("tells the server who was verified, and nothing that an agent made up (SPEC-22.14, G1)", async () => {
  const { endpoint } = await open();
  const { client } = await connect(endpoint);
  const _meta = { "io.github.attest/verified": { sub: "somebody else" }, mine: 1 };
  const result = (await client.callTool({ name: "told", _meta })) as { content: { text: string }[] };
  expect(JSON.parse(result.content[0]?.text ?? "")).toMatchObject({
    mine: 1,
    "io.github.attest/verified": {
      sub: "spiffe://example.com/model/alice",
      issuer: scene.authority.issuer,
      trust_level: "provider",
      proof: "signature",
    },
  });
});

it("gives each session a process of its own, and strangers none (SPEC-22.15, G4)", async () => {
  const { endpoint } = await open();
  const pong = await messageOf(await fetch(endpoint, strange(request(1, "ping"))));
  expect(pong).toMatchObject({ id: 1, result: {} });
  for (const method of ["initialize", "tools/list"]) {
    expect(reasonOf(await messageOf(await fetch(endpoint, strange(request(1, method)))))).toBe("attestation_required");
  }
  const without = await messageOf(await fetch(endpoint, await scene.alice.post(request(1, "tools/list"))));
  expect(without).toMatchObject({ id: 1, error: { code: -32600 } });
  const [one, other, hers] = await Promise.all([
    connect(endpoint),
    connect(endpoint),
    connect(endpoint, scene.mallory),
  ]);
  const pids = await Promise.all([one, other, hers].map(({ call }) => call("pid")));
  expect(new Set(pids).size).toBe(3);
});

it("ends the own oldest session of an agent that opens too many, and nobody else's (G4)", async () => {
  const { endpoint } = await open({ perAgent: 2, max: 3 });
  const hers = await connect(endpoint, scene.mallory);
  const [first, second] = [await connect(endpoint), await connect(endpoint)];
  const pid = Number(await first.call("pid"));
  await second.call("pid");
  const third = await connect(endpoint);
  expect(await third.call("add", { a: 1, b: 1 })).toBe("2");
  expect(await hers.call("add", { a: 1, b: 1 })).toBe("2");
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  await expect(first.call("pid")).rejects.toThrow();
});

it("tells an agent that there is no room, where all places are others' (G4)", async () => {
  const { endpoint } = await open({ max: 1 });
  const hers = await connect(endpoint, scene.mallory);
  const refused = await messageOf(await fetch(endpoint, await scene.alice.post(initialize)));
  expect(refused).toMatchObject({ id: 0, error: { code: -32603 } });
  expect(await hers.call("add", { a: 1, b: 1 })).toBe("2");
});

it("answers every request that waits when a process dies, and knows its session no more (SPEC-22.9)", async () => {
  const { endpoint } = await open();
  const { call, transport } = await connect(endpoint);
  const waiting = [call("hang"), call("hang")].map((each) => expect(each).rejects.toThrow(/broke off/));
  await expect(call("die")).rejects.toThrow(/broke off/);
  await Promise.all(waiting);
  const sessionId = transport.sessionId ?? "";
  const later = await fetch(endpoint, await scene.alice.post(request(9, "tools/list"), { sessionId }));
  expect(later.status).toBe(404);
});

it("answers when the command cannot be started (SPEC-22.9)", async () => {
  const { endpoint } = await open({ command: "/nonexistent/server" });
  const answer = await messageOf(await fetch(endpoint, await scene.alice.post(initialize)));
  expect(answer).toMatchObject({ id: 0, error: { code: -32603 } });
});

it("passes on stderr by lines, and takes what is printed by mistake for nothing", async () => {
  const { endpoint, stderr } = await open();
  const { call } = await connect(endpoint);
  expect(await call("say")).toBe("said");
  await expect.poll(() => stderr).toEqual(["on stderr"]);
});

it("gives a process no variable but what every program needs, and those configured (O1)", async () => {
  process.env["GATEWAY_TEST_SECRET"] = "secret";
  onTestFinished(() => void delete process.env["GATEWAY_TEST_SECRET"]);
  const { endpoint } = await open({ env: { BANK_MODE: "test" } });
  const { call } = await connect(endpoint);
  const names = (await call("environment")).split(" ");
  expect(names).toContain("BANK_MODE");
  expect(names).not.toContain("GATEWAY_TEST_SECRET");
});

it("ends a process with its session, with its idleness and with the gateway (SPEC-22.15)", async () => {
  const { endpoint, gateway } = await open();
  const [one, other] = [await connect(endpoint), await connect(endpoint)];
  const pids = [Number(await one.call("pid")), Number(await other.call("pid"))] as const;
  await one.transport.terminateSession();
  await expect.poll(() => isRunning(pids[0]), { timeout: 10_000 }).toBe(false);
  await gateway.close();
  expect(isRunning(pids[1])).toBe(false);
  const idle = await open({ idle: 2 });
  const third = await connect(idle.endpoint);
  const pid = Number(await third.call("pid"));
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

it("leaves nothing behind of a process that will not end, nor of what it started (SPEC-22.15)", async () => {
  const { endpoint, gateway } = await open();
  const { call } = await connect(endpoint);
  const pids = (await call("stay")).split(" ").map(Number);
  await gateway.close();
  for (const pid of pids) await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false);
});

it("reads no more of a process than its reader takes", async () => {
  const { endpoint } = await open();
  const sessionId = (await fetch(endpoint, await scene.alice.post(initialize))).headers.get("mcp-session-id") ?? "";
  const call = request(1, "tools/call", { name: "much", arguments: { megabytes: 40 } });
  const response = await fetch(endpoint, await scene.alice.post(call, { sessionId }));
  const before = process.memoryUsage().rss;
  // Nobody reads for a while; then everything comes.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(40);
  expect(await messageOf(response)).toMatchObject({ id: 1, result: { content: [{ text: "much" }] } });
});
