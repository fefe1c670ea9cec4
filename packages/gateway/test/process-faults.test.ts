import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createNodeGateway, type ProcessUpstreamOptions } from "@attest/gateway/node";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { createScene, type Json, listen, messageOf, request, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const SERVER = fileURLToPath(new URL("servers/stdio.mjs", import.meta.url));
const DEAF = fileURLToPath(new URL("servers/deaf.mjs", import.meta.url));
const STUBBORN = fileURLToPath(new URL("servers/stubborn.mjs", import.meta.url));
const initialize = request(0, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
});

/** A gateway before a server over stdio, spoken to without an SDK. */
async function open(args: readonly string[], options: Partial<ProcessUpstreamOptions> = {}) {
  const stderr: string[] = [];
  const onStderr = (line: string) => void stderr.push(line);
  const upstream = { command: process.execPath, args, onStderr, ...options };
  const gateway = createNodeGateway({ guard: scene.guard(), upstream });
  onTestFinished(() => gateway.close());
  const endpoint = await listen(gateway.handle);
  const start = () => scene.alice.post(initialize).then((sent) => fetch(endpoint, sent));
  const session = async () => {
    const opened = await start();
    await opened.text();
    return opened.headers.get("mcp-session-id") ?? "";
  };
  const call = async (id: number, sessionId: string, params: Json) =>
    fetch(endpoint, await scene.alice.post(request(id, "tools/call", params), { sessionId }));
  return { endpoint, gateway, stderr, start, session, call };
}

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it("never runs more processes of an agent than it may, however fast they are asked for (SPEC-22.15, G4)", async () => {
  const folder = mkdtempSync(join(tmpdir(), "attest-gateway-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { start, stderr } = await open([STUBBORN, join(folder, "pids")], { perAgent: 2 });
  await (await start()).text();
  await (await start()).text();
  const answers = await Promise.all(Array.from({ length: 6 }, async () => messageOf(await start())));
  expect(answers.filter(({ error }) => error).every(({ error }) => error.code === -32603)).toBe(true);
  expect(answers.some(({ result }) => result)).toBe(true);
  expect(Math.max(...stderr.map(Number))).toBe(2);
});

it("holds no more than so much for a process that stands still, and says so (SPEC-22.9)", async () => {
  const { session, call, endpoint } = await open([SERVER]);
  const sessionId = await session();
  const { result } = await messageOf(await call(1, sessionId, { name: "pid" }));
  const pid = Number(result.content[0].text);
  process.kill(pid, "SIGSTOP");
  const long = { name: "add", arguments: { a: "x".repeat(3 * 1024 * 1024) } };
  const waiting = [await call(2, sessionId, long), await call(3, sessionId, long)];
  const refused = await call(4, sessionId, { name: "pid" });
  expect(await messageOf(refused)).toMatchObject({ id: 4, error: { code: -32603, message: /no requests at present/ } });
  const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
  expect((await fetch(endpoint, await scene.alice.post(notification, { sessionId }))).status).toBe(502);
  await fetch(endpoint, await scene.alice.bodiless("DELETE", { sessionId }));
  expect(isRunning(pid)).toBe(false);
  for (const each of waiting) expect((await messageOf(each)).error.code).toBe(-32603);
});

it("ends a process that reads nothing any more, and says that the answer broke off, and not that it is busy (SPEC-22.9)", async () => {
  const { session, call } = await open([DEAF]);
  const sessionId = await session();
  // The first finds out that nobody reads, and the second comes before the process is gone.
  const answers = await Promise.all([1, 2].map(async (id) => messageOf(await call(id, sessionId, { name: "pid" }))));
  const brokeOff = { code: -32603, message: expect.stringContaining("broke off") };
  expect(answers).toMatchObject([1, 2].map((id) => ({ id, error: brokeOff })));
});

it.each([
  ["in its group, which ends", false],
  ["that left its group", true],
])(
  "answers what waits when a process dies and leaves a process behind %s (SPEC-22.9, SPEC-22.15)",
  async (_, detached) => {
    const { session, call, stderr } = await open([SERVER]);
    const sessionId = await session();
    const answer = await messageOf(await call(1, sessionId, { name: "leave", arguments: { detached } }));
    const left = Number(stderr[0]);
    onTestFinished(() => {
      if (isRunning(left)) process.kill(left, "SIGKILL");
    });
    expect(answer).toMatchObject({ id: 1, error: { code: -32603 } });
    if (!detached) await expect.poll(() => isRunning(left), { timeout: 10_000 }).toBe(false);
    expect((await call(2, sessionId, { name: "pid" })).status).toBe(404);
  },
);

it("refuses variables that a shell would not pass on", async () => {
  await expect(open([SERVER], { env: { "a.b": "1" } })).rejects.toThrow(/upstream.env/);
});
