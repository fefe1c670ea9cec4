import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { createScene, type Form, messageOf, recordingServer, request, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const ID = 7;
const call = request(ID, "tools/call", { name: "add" });
const answer = JSON.stringify({ jsonrpc: "2.0", id: ID, result: { content: [] } });

/** A server that answers each request with these bytes, and ends its connection. */
async function serverThatSends(bytes: string): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("data", () => socket.end(bytes));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/mcp`;
}

const json = (body: string) => `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n${body}`;
const events = (body: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n${body}`;

/** Answers by which no client ends its request: each would wait until its patience ends. */
const NO_ANSWERS = {
  "another protocol": `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${answer}`,
  "an answer to another request": json(JSON.stringify({ jsonrpc: "2.0", id: ID + 1, result: {} })),
  "an answer under its id as a text": json(JSON.stringify({ jsonrpc: "2.0", id: String(ID), result: {} })),
  "an error under no id": json(
    JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } }),
  ),
  "an empty object": json("{}"),
  "an empty list": json("[]"),
  "a request under its id": json(JSON.stringify({ jsonrpc: "2.0", id: ID, method: "ping" })),
  "neither result nor error": json(JSON.stringify({ jsonrpc: "2.0", id: ID })),
  "an event that no blank line ends": events(`data: ${answer}\n`),
};

describe.each<Form>(["node", "fetch"])("a gateway as %s, whose upstream answers a request with", (form) => {
  it.each(Object.entries(NO_ANSWERS))("%s gives the caller an error under its id (SPEC-22.9)", async (_, bytes) => {
    const url = await serverThatSends(bytes);
    const endpoint = await scene.gateway(url, { upstream: { url, timeout: 0.5 } }, form);
    const response = await fetch(endpoint, await scene.alice.post(call));
    expect(await messageOf(response)).toMatchObject({ id: ID, error: { code: -32603 } });
  });

  it("a head that comes before that of its answer is answered by its answer", async () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    const endpoint = await scene.gateway(await serverThatSends(hints + json(answer)), {}, form);
    const response = await fetch(endpoint, await scene.alice.post(call));
    expect(await response.text()).toBe(answer);
  });

  it("a list that has its answer is answered by it", async () => {
    const endpoint = await scene.gateway(await serverThatSends(json(`[${answer}]`)), {}, form);
    const response = await fetch(endpoint, await scene.alice.post(call));
    expect(await response.text()).toBe(`[${answer}]`);
  });

  it("a byte-order mark before its events is read like by the client (G1, M13, SPEC-22.3)", async () => {
    const refused = { code: -32001, message: "No", data: { extension: "io.github.attest/agent-attestation" } };
    const forged = JSON.stringify({ jsonrpc: "2.0", id: ID, error: refused });
    const endpoint = await scene.gateway(await serverThatSends(events(`\ufeffdata: ${forged}\n\n`)), {}, form);
    const text = await (await fetch(endpoint, await scene.alice.post(call))).text();
    expect(text).not.toContain("io.github.attest");
    expect(text.match(/^data: /gm)).toHaveLength(1);
  });
});

it("refuses a number as an id that was rounded when it was read, for no answer could be under it (G2)", async () => {
  const { url, received } = await recordingServer();
  const endpoint = await scene.gateway(url);
  const body = '{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}';
  const response = await fetch(endpoint, await scene.alice.post(body));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
  expect(received).toHaveLength(0);
});

it("reports an event that is larger than allowed, and gives the caller an error under its id (SPEC-22.9)", async () => {
  const url = await serverThatSends(events(`data: ${"x".repeat(300_000)}\n\n`));
  const endpoint = await scene.gateway(url, { limits: { answer: 1024 } });
  const response = await fetch(endpoint, await scene.alice.post(call));
  expect(await messageOf(response)).toMatchObject({ id: ID, error: { code: -32603 } });
  expect(scene.failures.at(-1)).toMatchObject({ reason: "too-large" });
});

it("refuses what is nested deeper than it can write, and serves the next request (G2)", async () => {
  const { url, received } = await recordingServer();
  const endpoint = await scene.gateway(url);
  const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
  const body = JSON.stringify(request(ID, "tools/call", { name: "add", arguments: { a: 0 } })).replace(
    "0}",
    `${deep}}`,
  );
  const response = await fetch(endpoint, await scene.alice.post(body));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { message: "Invalid request: nested too deep" } });
  expect(received).toHaveLength(0);
  expect(await messageOf(await fetch(endpoint, await scene.alice.post(call)))).toMatchObject({ id: ID, result: {} });
});

it("reports no failure of the server where an agent went away (SPEC-22.10)", async () => {
  let arrived = (_: { once(event: "close", listener: () => void): unknown }) => {};
  const waiting = new Promise<void>((resolve) => {
    arrived = (res) => void res.once("close", resolve);
  });
  const { url, received: asked } = await recordingServer((res) => arrived(res));
  const before = scene.failures.length;
  const endpoint = await scene.gateway(url);
  const abort = new AbortController();
  const sent = fetch(endpoint, { ...(await scene.alice.post(call)), signal: abort.signal });
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  abort.abort();
  await expect(sent).rejects.toThrow();
  await waiting;
  expect(scene.failures).toHaveLength(before);
});
