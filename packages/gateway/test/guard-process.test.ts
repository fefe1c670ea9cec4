import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { META_ATTESTATION, META_PROOF } from "@attest/core";
import { type GuardProcessOptions, guardProcess } from "@attest/gateway/node";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { createScene, type Json, reasonOf, request, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const SERVER = fileURLToPath(new URL("servers/stdio.mjs", import.meta.url));

/** The guarded server, and an agent on its pipes. */
function open(options: Partial<GuardProcessOptions> = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const stderr: string[] = [];
  const onStderr = (line: string) => void stderr.push(line);
  const running = guardProcess({
    guard: scene.guard(),
    command: process.execPath,
    args: [SERVER],
    input,
    output,
    onStderr,
    ...options,
  });
  onTestFinished(() => running.close());
  const received: Json[] = [];
  const waiting = new Map<unknown, (message: Json) => void>();
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const message = JSON.parse(line) as Json;
      received.push(message);
      waiting.get(message["id"])?.(message);
    }
  });
  const raw = (text: string) => void input.write(`${text}\n`);
  const answerTo = (id: unknown) => new Promise<Json>((resolve) => waiting.set(id, resolve));
  /** Sends a request as the agent. */
  const ask = async (id: number, method: string, params: Json = {}) => {
    const { attestation, proof } = await scene.alice.agent.credentialsFor(scene.authority.audience, {
      kind: "message",
      method,
      params,
    });
    const _meta = { ...(params["_meta"] as Json), [META_ATTESTATION]: attestation, [META_PROOF]: proof };
    const answer = answerTo(id);
    raw(JSON.stringify(request(id, method, { ...params, _meta })));
    // biome-ignore lint/suspicious/noExplicitAny: whatever the server said
    return (await answer) as any;
  };
  const initialize = () =>
    ask(0, "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    });
  return { running, input, received, stderr, raw, answerTo, ask, initialize };
}

it("guards a server over stdio that nobody changes, and tells it who was verified (SPEC-22.14)", async () => {
  const { initialize, ask, raw, answerTo } = open();
  const refused = answerTo(9);
  raw(JSON.stringify(request(9, "tools/list")));
  expect(reasonOf(await refused)).toBe("attestation_required");
  const { result } = await initialize();
  expect(result.capabilities.experimental["security.attestation"]).toMatchObject({ verification_status: "verified" });
  const forged = { "io.github.attest/verified": { sub: "me" } };
  const told = await ask(1, "tools/call", { name: "told", _meta: forged });
  expect(JSON.parse(told.result.content[0].text)).toMatchObject({
    "io.github.attest/verified": { sub: "spiffe://example.com/model/alice", trust_level: "provider" },
  });
});

it("refuses what readers take differently, and what is no JSON (G2, SPEC-22.2)", async () => {
  const { raw, received } = open();
  raw(JSON.stringify({ ...request(1, "tools/call", { name: "add" }), Method: "x" }));
  raw("{");
  await expect.poll(() => received.length).toBe(2);
  expect(received).toMatchObject([
    { id: 1, error: { code: -32600 } },
    { id: null, error: { code: -32700 } },
  ]);
});

it("holds agents to demands, and hides what they may not use (SPEC-22.11, SPEC-22.12)", async () => {
  const { initialize, ask } = open({ demands: { tools: { pid: { deny: true } } } });
  await initialize();
  const { result } = await ask(1, "tools/list");
  const names = result.tools.map(({ name }: { name: string }) => name);
  expect(names).toContain("add");
  expect(names).not.toContain("pid");
  expect(reasonOf(await ask(2, "tools/call", { name: "pid" }))).toBe("attestation_claims_insufficient");
});

it("answers what waits when the server dies, and says that the server ended (SPEC-22.9)", async () => {
  const { initialize, ask, running } = open();
  await initialize();
  const [hanging, dying] = await Promise.all([
    ask(1, "tools/call", { name: "hang" }),
    ask(2, "tools/call", { name: "die" }),
  ]);
  expect([hanging.error.code, dying.error.code]).toEqual([-32603, -32603]);
  expect(await running.ended).toBe(false);
});

it("ends the server when the agent ends its input", async () => {
  const { initialize, ask, running, input } = open();
  await initialize();
  const pid = Number((await ask(1, "tools/call", { name: "pid" })).result.content[0].text);
  input.end();
  expect(await running.ended).toBe(true);
  await running.close();
  expect(() => process.kill(pid, 0)).toThrow();
});
