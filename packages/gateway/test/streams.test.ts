import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import { createScene, type Form, listen, messageOf, recordingServer, request, type Scene } from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

/** Opens a request and resolves to its answer's head. */
async function open(endpoint: string, init: RequestInit): Promise<IncomingMessage> {
  const { method = "GET", headers, body } = init as { method?: string; headers: Record<string, string>; body?: string };
  const sent = httpRequest(endpoint, { method, headers });
  sent.on("error", () => {});
  sent.end(body);
  const [res] = (await once(sent, "response")) as [IncomingMessage];
  res.on("error", () => {});
  return res;
}

const openStream = (res: ServerResponse) =>
  void res.writeHead(200, { "Content-Type": "text/event-stream" }).write(": open\n\n");

describe.each<Form>(["node", "fetch"])("streams, as %s", (form) => {
  it("are ended at the upstream when the agent is gone (SPEC-22.10)", async () => {
    let upstreamClosed: Promise<unknown> = Promise.resolve();
    const { url } = await recordingServer((res) => {
      upstreamClosed = once(res, "close");
      openStream(res);
    });
    const endpoint = await scene.gateway(url, {}, form);
    for (const sent of [
      await scene.alice.bodiless("GET"),
      await scene.alice.post(request(1, "tools/call", { name: "x" })),
    ]) {
      const res = await open(endpoint, sent);
      await once(res, "data");
      res.destroy();
      await upstreamClosed;
    }
  });

  it("end a request that waits at the upstream when the agent is gone (SPEC-22.10)", async () => {
    let arrived: (res: ServerResponse) => void = () => {};
    const waiting = new Promise<ServerResponse>((resolve) => {
      arrived = resolve;
    });
    const { url } = await recordingServer((res) => arrived(res));
    const endpoint = await scene.gateway(url, {}, form);
    const abort = new AbortController();
    const sent = fetch(endpoint, { ...(await scene.alice.post(request(1, "tools/list"))), signal: abort.signal });
    sent.catch(() => {});
    const res = await waiting;
    const closed = once(res, "close");
    abort.abort();
    await closed;
  });

  it("take little from the upstream while their reader is stopped", async () => {
    const event = Buffer.from(
      `data: ${JSON.stringify({ jsonrpc: "2.0", method: "x", params: { text: "y".repeat(65_000) } })}\n\n`,
    );
    let taken = 0;
    let stalled: () => void = () => {};
    const isStalled = new Promise<void>((resolve) => {
      stalled = resolve;
    });
    const url = await listen((_req, res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      const more = () => {
        while (taken < 64 * 1024 * 1024) {
          taken += event.length;
          if (!res.write(event)) {
            // Stopped for good: nobody asks for more within a while.
            const timer = setTimeout(stalled, 500);
            res.once("drain", () => {
              clearTimeout(timer);
              more();
            });
            return;
          }
        }
        stalled();
      };
      more();
    });
    const endpoint = await scene.gateway(url, {}, form);
    const res = await open(endpoint, await scene.alice.bodiless("GET"));
    res.pause();
    await isStalled;
    expect(taken / 1024 / 1024).toBeLessThan(16);
    res.destroy();
  });

  it("are limited in all and of one agent, and take no place when they ended (G4)", async () => {
    const { url } = await recordingServer(openStream);
    const endpoint = await scene.gateway(url, { limits: { streams: 3, streamsPerAgent: 2 } }, form);
    const first = await open(endpoint, await scene.alice.bodiless("GET"));
    const second = await open(endpoint, await scene.alice.bodiless("GET"));
    expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
    const third = await open(endpoint, await scene.alice.bodiless("GET"));
    expect([third.statusCode, third.headers["retry-after"]]).toEqual([429, "10"]);
    const listening = await fetch(
      endpoint,
      await scene.alice.post(request(5, "subscriptions/listen", { notifications: {} })),
    );
    expect(await messageOf(listening)).toMatchObject({ id: 5, error: { code: -32603 } });
    expect((await open(endpoint, await scene.mallory.bodiless("GET"))).statusCode).toBe(200);
    expect((await open(endpoint, await scene.mallory.bodiless("GET"))).statusCode).toBe(429);
    // Calls have places of their own.
    expect((await open(endpoint, await scene.alice.post(request(1, "tools/list")))).statusCode).toBe(200);
    first.destroy();
    await expect
      .poll(async () => (await open(endpoint, await scene.alice.bodiless("GET"))).statusCode, { timeout: 5000 })
      .toBe(200);
  });

  it("resume where they broke off", async () => {
    const { url, received } = await recordingServer((res, { headers }) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      const after = headers["last-event-id"];
      res.end(after === "1" ? 'id: 2\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n' : "id: 1\ndata: \n\n");
    });
    const endpoint = await scene.gateway(url, {}, form);
    const begun = await fetch(endpoint, await scene.alice.post(request(1, "tools/call", { name: "x" })));
    expect(await begun.text()).toBe("id: 1\ndata: \n\n");
    const resumed = await fetch(endpoint, await scene.alice.bodiless("GET", { headers: { "Last-Event-ID": "1" } }));
    expect(await messageOf(resumed)).toEqual({ jsonrpc: "2.0", id: 1, result: {} });
    expect(received).toHaveLength(2);
  });

  it("bound a body, and answer it", async () => {
    const { url, received } = await recordingServer();
    const endpoint = await scene.gateway(url, { guard: scene.guard({ maxBody: 2048 }) }, form);
    const long = await scene.alice.post(request(1, "tools/call", { name: "x".repeat(4096) }));
    expect((await fetch(endpoint, long)).status).toBe(413);
    expect(received).toHaveLength(0);
  });
});
