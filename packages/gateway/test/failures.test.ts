import type { ServerResponse } from "node:http";
import { beforeAll, describe, expect, it } from "vitest";
import {
  answerJson,
  createScene,
  deadUrl,
  type Form,
  listen,
  messageOf,
  recordingServer,
  request,
  type Scene,
} from "./scene.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

const html = (res: ServerResponse) => res.writeHead(200, { "Content-Type": "text/html" }).end("<h1>It works</h1>");
const UPSTREAMS: Record<string, { answer: (res: ServerResponse) => void; reason: string }> = {
  "answers HTML": { answer: html, reason: "not-json" },
  "answers JSON that is none": {
    answer: (res) => res.writeHead(200, { "Content-Type": "application/json" }).end('{"jsonrpc":'),
    reason: "not-json",
  },
  "answers with an error page": {
    answer: (res) => res.writeHead(503, { "Content-Type": "text/html" }).end("down"),
    reason: "status",
  },
  redirects: { answer: (res) => res.writeHead(307, { Location: "http://169.254.169.254/" }).end(), reason: "redirect" },
  "accepts and says nothing": { answer: (res) => res.writeHead(202).end(), reason: "no-answer" },
  "cuts a JSON answer": {
    answer(res) {
      res.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" }).write('{"jsonrpc"');
      setImmediate(() => res.destroy());
    },
    reason: "broke-off",
  },
  "falls silent in a JSON answer": {
    answer: (res) => void res.writeHead(200, { "Content-Type": "application/json" }).write('{"jsonrpc"'),
    reason: "broke-off",
  },
  "resets the connection": { answer: (res) => res.destroy(), reason: "unreachable" },
  "ends a stream without an answer": {
    answer: (res) => res.writeHead(200, { "Content-Type": "text/event-stream" }).end(": hello\n\n"),
    reason: "no-answer",
  },
  "dies in a stream": {
    answer(res) {
      res
        .writeHead(200, { "Content-Type": "text/event-stream" })
        .write('data: {"jsonrpc":"2.0","method":"x"}\n\ndata: {"js');
      setTimeout(() => res.destroy(), 20);
    },
    reason: "broke-off",
  },
  "never answers": { answer: () => {}, reason: "timeout" },
};

describe.each<Form>(["node", "fetch"])("an upstream that fails, as %s", (form) => {
  it.each(Object.keys(UPSTREAMS))("gives the caller an error under its id when it %s (SPEC-22.9)", async (name) => {
    const { answer, reason } = UPSTREAMS[name] as (typeof UPSTREAMS)[string];
    const { url, received } = await recordingServer(answer);
    const upstream = { url, timeout: 0.5, idle: 0.5 };
    const endpoint = await scene.gateway(url, { upstream }, form);
    const response = await fetch(endpoint, await scene.alice.post(request(7, "tools/call", { name: "add" })));
    expect(response.status).toBe(200);
    expect(response.headers.get("agent-attestation-status")).toBe("verified;trust=provider");
    expect(await messageOf(response)).toMatchObject({ id: 7, error: { code: -32603 } });
    expect(scene.failures.at(-1)).toMatchObject({ reason });
    // Executed once at most: nothing is sent again (M6).
    expect(received).toHaveLength(1);
  });

  it("gives the caller an error when nothing listens (SPEC-22.9)", async () => {
    const endpoint = await scene.gateway(await deadUrl(), {}, form);
    const response = await fetch(endpoint, await scene.alice.post(request(8, "tools/list")));
    expect(await messageOf(response)).toMatchObject({ id: 8, error: { code: -32603 } });
    expect(scene.failures.at(-1)).toEqual({ type: "upstream-failure", reason: "unreachable", code: "ECONNREFUSED" });
  });

  it("answers with 502 what has no id", async () => {
    const endpoint = await scene.gateway(await deadUrl(), {}, form);
    const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
    expect((await fetch(endpoint, await scene.alice.post(notification))).status).toBe(502);
    expect((await fetch(endpoint, await scene.alice.bodiless("GET"))).status).toBe(502);
  });

  it("passes on that a notification was accepted, whatever media type an empty answer has", async () => {
    const { url } = await recordingServer((res) => res.writeHead(202, { "Content-Type": "application/json" }).end());
    const endpoint = await scene.gateway(url, {}, form);
    const before = scene.failures.length;
    const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
    const response = await fetch(endpoint, await scene.alice.post(notification));
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([202, null, ""]);
    expect(scene.failures.slice(before)).toEqual([]);
  });

  it("ends a stream that has event ids as it broke off, so that the agent resumes it (SPEC-22.9)", async () => {
    const { url } = await recordingServer((res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" }).write("id: 1\ndata: \n\n");
      setTimeout(() => res.destroy(), 20);
    });
    const endpoint = await scene.gateway(url, {}, form);
    const response = await fetch(endpoint, await scene.alice.post(request(9, "tools/call", { name: "add" })));
    expect(await response.text()).toBe("id: 1\ndata: \n\n");
  });

  it("bounds an answer", async () => {
    const { url } = await recordingServer((res) => answerJson(res, { id: 1, result: { long: "x".repeat(5000) } }));
    const endpoint = await scene.gateway(url, { limits: { answer: 4096 } }, form);
    const response = await fetch(endpoint, await scene.alice.post(request(1, "tools/list")));
    expect(await messageOf(response)).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(scene.failures.at(-1)).toMatchObject({ reason: "too-large" });
  });

  it("passes on what a server refuses, with the OAuth challenge's metadata at its own address", async () => {
    const challenge =
      'Bearer error="invalid_token", resource_metadata="http://10.0.0.1/.well-known/oauth-protected-resource"';
    const upstream = await listen((req, res) => {
      if (req.method === "POST") return void res.writeHead(401, { "WWW-Authenticate": challenge }).end("no");
      const metadata = { resource: "http://10.0.0.1/mcp", authorization_servers: ["https://login.example"] };
      if (req.url !== "/.well-known/oauth-protected-resource/mcp") return void res.writeHead(404).end();
      res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(metadata));
    });
    const publicUrl = "https://bank.example/mcp";
    const endpoint = await scene.gateway(upstream, { publicUrl }, form);
    const response = await fetch(endpoint, await scene.alice.post(request(1, "tools/list")));
    expect(response.status).toBe(401);
    const metadataUrl = "https://bank.example/.well-known/oauth-protected-resource/mcp";
    expect(response.headers.get("www-authenticate")).toBe(
      `Bearer error="invalid_token", resource_metadata="${metadataUrl}"`,
    );
    const metadata = await fetch(new URL(new URL(metadataUrl).pathname, endpoint));
    expect(await metadata.json()).toEqual({ resource: publicUrl, authorization_servers: ["https://login.example"] });
    expect((await fetch(new URL("/elsewhere", endpoint), await scene.alice.post(request(2, "ping")))).status).toBe(404);
  });
});
