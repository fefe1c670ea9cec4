import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { createGateway } from "@attest/gateway";
import { createNodeGateway } from "@attest/gateway/node";
import { expect, it, onTestFinished, vi } from "vitest";
import { readableOf } from "../src/answer/readable-of.ts";
import { CallEnd } from "../src/call-end.ts";
import { answerJson, createScene, idIn, listen, request } from "./scene.ts";

const scene = await createScene();
const LONG = "x".repeat(64 * 1024);

/** Answers with 15 MB of JSON. */
function answerLong(res: ServerResponse, body: string): void {
  answerJson(res, { ...idIn(body), result: { long: LONG.repeat(240) } });
}

/** Answers with a stream that has no end. */
function answerForEver(res: ServerResponse): void {
  if (!res.headersSent) res.writeHead(200, { "Content-Type": "text/event-stream" });
  while (!res.destroyed && res.write(`data: {"jsonrpc":"2.0","method":"x","params":{"text":"${LONG}"}}\n\n`));
  res.once("drain", () => answerForEver(res));
}

it.each([
  ["a long answer", answerLong],
  ["a stream", answerForEver],
])(
  "an agent that takes nothing of %s for too long loses its connection, and the server is let go of (G4)",
  async (_, answer) => {
    const closed: Promise<unknown>[] = [];
    const upstream = await listen((req, res) => {
      closed.push(once(res, "close"));
      let body = "";
      req.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      req.once("end", () => answer(res, body));
    });
    const gateway = createNodeGateway({ guard: scene.guard(), upstream: { url: upstream, idle: 0.3 } });
    onTestFinished(() => gateway.close());
    const endpoint = await listen((req, res) => {
      closed.push(once(res, "close"));
      gateway.handle(req, res);
    });
    const post = (await scene.alice.post(request(1, "tools/list"))) as {
      headers: Record<string, string>;
      body: string;
    };
    const sent = httpRequest(endpoint, { method: "POST", headers: post.headers });
    sent.on("error", () => {}).end(post.body);
    const [res] = (await once(sent, "response")) as [IncomingMessage];
    res.pause().on("error", () => {});
    // The reader does nothing, so it is the gateway that ends both.
    expect(closed).toHaveLength(2);
    await Promise.all(closed);
    res.destroy();
  },
);

it("an agent that takes nothing of a stream for too long gets no more of it from the form for fetch either (G4)", async () => {
  const closed: Promise<unknown>[] = [];
  const upstream = await listen((req, res) => {
    closed.push(once(res, "close"));
    req.resume().once("end", () => answerForEver(res));
  });
  const gateway = createGateway({ guard: scene.guard(), upstream: { url: upstream, idle: 0.3 } });
  onTestFinished(() => gateway.close());
  const { body } = await gateway.fetch(
    new Request(scene.authority.audience, await scene.alice.post(request(1, "tools/list"))),
  );
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  expect((await reader.read()).done).toBe(false);
  // The reader does nothing, so it is the gateway that ends both.
  await Promise.all(closed);
  await expect(reader.read()).rejects.toThrow("The reader has stopped");
});

it("an agent that takes its time, but takes something, gets all of a stream (G4)", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const pieces = [1, 2, 3].map((each) => Uint8Array.of(each));
  async function* body() {
    yield* pieces;
  }
  const call = new CallEnd();
  const reader = readableOf(body(), { call, stoppedMs: 1000 }).getReader();
  for (const value of pieces) {
    await vi.advanceTimersByTimeAsync(900);
    expect(await reader.read()).toEqual({ done: false, value });
  }
  await vi.advanceTimersByTimeAsync(5000);
  expect((await reader.read()).done).toBe(true);
  expect(call.over).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
