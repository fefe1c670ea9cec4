import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runGateway } from "@attest/gateway/node";
import { expect, it, onTestFinished } from "vitest";
import { createScene, messageOf, recordingServer, request } from "./scene.ts";

const SERVER = fileURLToPath(new URL("servers/stdio.mjs", import.meta.url));
const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A gateway that runs by a configuration which can be written again. */
async function reloadable(upstream: object, more: object = {}) {
  const scene = await createScene();
  const folder = mkdtempSync(join(tmpdir(), "attest-gateway-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { audience, issuer, keyResolver } = scene.authority;
  writeFileSync(join(folder, "keys.json"), JSON.stringify(keyResolver.toJwks(issuer)));
  const file = join(folder, "gateway.json");
  const trustedIssuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], jwks: "./keys.json" }];
  const write = (changed: object) =>
    writeFileSync(
      file,
      JSON.stringify({ listen: "127.0.0.1:0", audience, trustedIssuers, upstream: changed, ...more }),
    );
  write(upstream);
  const running = await runGateway(file);
  onTestFinished(() => running.close());
  const endpoint = String(new URL("mcp", running.url));
  return { scene, running, endpoint, write };
}

const initialize = request(0, "initialize", {
  protocolVersion: "2025-11-25",
  capabilities: {},
  clientInfo: { name: "raw", version: "1" },
});
const command = { command: [process.execPath, SERVER] };

it("a server that the configuration has no longer is let go of when its calls have their answers, and its processes with it (SPEC-22.15)", async () => {
  const other = await recordingServer();
  const { scene, running, endpoint, write } = await reloadable(command);
  const agent = scene.alice.fetch(endpoint);
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  const opened = await agent(endpoint, { method: "POST", headers, body: JSON.stringify(initialize) });
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  const call = async (id: number, name: string, args = {}) =>
    fetch(endpoint, await scene.alice.post(request(id, "tools/call", { name, arguments: args }), { sessionId }));
  const pid = Number((await messageOf(await call(1, "pid"))).result.content[0].text);
  const underWay = await call(2, "after", { milliseconds: 500 });
  write({ url: other.url });
  await running.reload();
  expect(await messageOf(underWay)).toMatchObject({ id: 2, result: {} });
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

it("a call that takes longer than drain keeps no process of a server that is gone, and is answered (SPEC-22.9, SPEC-22.15)", async () => {
  const other = await recordingServer();
  const { scene, running, endpoint, write } = await reloadable(command, { drain: 0 });
  const opened = await fetch(endpoint, await scene.alice.post(initialize));
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  const hanging = await fetch(
    endpoint,
    await scene.alice.post(request(1, "tools/call", { name: "hang" }), { sessionId }),
  );
  write({ url: other.url });
  await running.reload();
  expect(await messageOf(hanging)).toMatchObject({ id: 1, error: { code: -32603 } });
});

it("a faulty configuration ends nothing, and what it would have started is not left behind", async () => {
  const { scene, running, endpoint, write } = await reloadable(command);
  const opened = await fetch(endpoint, await scene.alice.post(initialize));
  const sessionId = opened.headers.get("mcp-session-id") ?? "";
  await opened.text();
  write({ command: [] });
  await expect(running.reload()).rejects.toThrow(/upstream/);
  const call = await scene.alice.post(request(1, "tools/call", { name: "pid" }), { sessionId });
  expect((await messageOf(await fetch(endpoint, call))).result).toBeDefined();
});
