import { once } from "node:events";
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { beforeAll, expect, it, onTestFinished } from "vitest";
import { answerJson, createScene, idIn, messageOf, reasonOf, recordingServer, request, type Scene } from "./scene.ts";
import { vanishingRelay } from "./vanishing-relay.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const BOUNDS = { timeout: 1.5, idle: 0.5 };
const failed = (id: number) => ({ id, error: { code: -32603 } });
const call = (id: number) => request(id, "tools/call", { name: "add" });

/** A request over a connection of its own, of which the other end can be lost. Resolves to the head of its answer. */
async function open(endpoint: string, init: RequestInit): Promise<IncomingMessage> {
  const { method, headers, body } = init as { method: string; headers: Record<string, string>; body?: string };
  const sent = httpRequest(endpoint, { method, headers, agent: false }).on("error", () => {});
  onTestFinished(() => void sent.destroy());
  sent.end(body);
  const [res] = (await once(sent, "response")) as [IncomingMessage];
  return res.on("error", () => {});
}

/** A server whose calls wait for `answer`, and whose streams say as much as they are asked to. */
async function serverWithStreams(text = "") {
  const closed: Promise<unknown>[] = [];
  const waiting: (() => void)[] = [];
  let taken = 0;
  const say = (res: ServerResponse) => {
    if (text === "" || res.destroyed) return;
    do taken += text.length;
    while (res.write(text));
    res.once("drain", () => say(res));
  };
  const server = await recordingServer((res, { method, body }) => {
    if (method !== "GET") return void waiting.push(() => answerJson(res, { result: {}, ...idIn(body) }));
    closed.push(once(res, "close"));
    res.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");
    say(res);
  });
  return { ...server, closed, waiting, taken: () => taken };
}

it("a server that is lost in a call: its caller is answered in time, and nothing is sent twice (SPEC-22.9, SPEC-22.10)", async () => {
  const { url, received, waiting } = await serverWithStreams();
  const relay = await vanishingRelay(url);
  const endpoint = await scene.gateway(relay.url, { upstream: { url: relay.url, ...BOUNDS } });
  const underWay = fetch(endpoint, await scene.alice.post(call(1)));
  await expect.poll(() => waiting.length).toBe(1);
  relay.vanish();
  waiting[0]?.();
  expect(await messageOf(await underWay)).toMatchObject(failed(1));
  expect(scene.failures.at(-1)).toMatchObject({ reason: "timeout" });
  const next = fetch(endpoint, await scene.alice.post(call(2)));
  await expect.poll(() => waiting.length).toBe(2);
  waiting[1]?.();
  expect(await messageOf(await next)).toMatchObject({ id: 2, result: {} });
  expect(received.map(({ body }) => JSON.parse(body).id)).toEqual([1, 2]);
});

it("a server that is lost while its connection waits for the next call: that call fails in time, and the one after it passes (SPEC-22.9, SPEC-22.10)", async () => {
  const { url, received } = await recordingServer();
  const relay = await vanishingRelay(url);
  const endpoint = await scene.gateway(relay.url, { upstream: { url: relay.url, ...BOUNDS } });
  const ask = async (id: number) => messageOf(await fetch(endpoint, await scene.alice.post(call(id))));
  expect(await ask(1)).toMatchObject({ id: 1, result: {} });
  relay.vanish();
  expect(await ask(2)).toMatchObject(failed(2));
  expect(await ask(3)).toMatchObject({ id: 3, result: {} });
  expect(received.map(({ body }) => JSON.parse(body).id)).toEqual([1, 3]);
});

it("a server that is lost while a stream is open: the stream ends when it was silent for long enough (SPEC-22.9)", async () => {
  const { url } = await serverWithStreams();
  const relay = await vanishingRelay(url);
  const endpoint = await scene.gateway(relay.url, { upstream: { url: relay.url, ...BOUNDS } });
  const stream = await fetch(endpoint, await scene.alice.bodiless("GET"));
  relay.vanish();
  expect(await stream.text()).toBe(": open\n\n");
});

it.each([
  ["silent", ""],
  ["talking", `data: ${JSON.stringify({ jsonrpc: "2.0", method: "x", params: { text: "y".repeat(65_000) } })}\n\n`],
])(
  "an agent that is lost with a %s stream open keeps neither its place nor what was sent to it (G4, SPEC-22.10)",
  async (_, text) => {
    const { url, closed, taken } = await serverWithStreams(text);
    const limits = { streamsPerAgent: 1 };
    const relay = await vanishingRelay(await scene.gateway(url, { upstream: { url, ...BOUNDS }, limits }));
    const first = await open(relay.url, await scene.alice.bodiless("GET"));
    expect(first.statusCode).toBe(200);
    const refused = await open(relay.url, await scene.alice.bodiless("GET"));
    expect(refused.statusCode).toBe(429);
    relay.vanish();
    await Promise.all(closed);
    expect(taken() / 1024 / 1024).toBeLessThan(32);
    const again = await open(relay.url, await scene.alice.bodiless("GET"));
    expect(again.statusCode).toBe(200);
  },
);

it("an agent that is lost in a call and sends it again: the call is executed once (M6, SPEC-22.10)", async () => {
  const { url, received, waiting } = await serverWithStreams();
  const relay = await vanishingRelay(await scene.gateway(url));
  const sent = await scene.alice.post(call(1));
  const lost = httpRequest(relay.url, {
    method: "POST",
    headers: sent.headers as Record<string, string>,
    agent: new Agent(),
  });
  lost.on("error", () => {}).end(sent.body as string);
  onTestFinished(() => void lost.destroy());
  await expect.poll(() => waiting.length).toBe(1);
  relay.vanish();
  waiting[0]?.();
  expect(reasonOf(await messageOf(await fetch(relay.url, sent)))).toBe("attestation_replay");
  expect(received).toHaveLength(1);
});
