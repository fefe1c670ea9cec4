import { PassThrough } from "node:stream";
import { type ConnectOptions, connect, listenLocally } from "@attest/gateway/node";
import { attestNodeHandler } from "@attest/mcp-server";
import { Client as V2Client } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { ElicitRequestSchema, LoggingMessageNotificationSchema } from "@modelcontextprotocol/sdk/types.js";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  answerJson,
  createScene,
  deadUrl,
  idIn,
  listen,
  messageOf,
  recordingServer,
  request,
  type Scene,
  strange,
} from "./scene.ts";
import { PLAIN_SERVERS } from "./servers.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

/** A host's transport over stdio, with a companion at its other end. */
function companionOf(url: string, options: Partial<ConnectOptions> = {}) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const { agent } = scene.alice;
  const connection = connect({ agent, audience: scene.authority.audience, url, input, output, ...options });
  onTestFinished(() => connection.close());
  const received: Record<string, unknown>[] = [];
  const transport = {
    onmessage: undefined as ((message: unknown) => void) | undefined,
    onclose: undefined as (() => void) | undefined,
    async start() {},
    async send(message: unknown) {
      input.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      input.end();
      transport.onclose?.();
    },
  };
  let rest = "";
  output.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      received.push(JSON.parse(line));
      transport.onmessage?.(JSON.parse(line));
    }
  });
  return { transport, connection, received, input };
}

const info = { name: "host", version: "1.0.0" };
const textIn = (result: unknown) => (result as { content: { text: string }[] }).content[0]?.text;

describe("a companion over stdio", () => {
  it.each(["v1 stateful", "v1 stateless", "v2 stateful", "v2 stateless"] as const)(
    "lets a host that knows nothing of attestation use a guarded %s server",
    async (server) => {
      const { transport, connection } = companionOf(await scene.gateway(await PLAIN_SERVERS[server]()));
      const client = new Client(info);
      await client.connect(transport as never);
      expect(textIn(await client.callTool({ name: "add", arguments: { a: 2, b: 3 } }))).toBe("5");
      expect((await client.listTools()).tools.length).toBeGreaterThan(1);
      await client.close();
      await connection.ended;
    },
  );

  it("speaks the stateless era for a host that does", async () => {
    const { transport } = companionOf(await scene.gateway(await PLAIN_SERVERS["v2 stateless"]()));
    const client = new V2Client(info, { versionNegotiation: { mode: { pin: "2026-07-28" } } as never });
    await client.connect(transport as never);
    expect(textIn(await client.callTool({ name: "add", arguments: { a: 2, b: 3 } }))).toBe("5");
    await client.close();
  });

  it("carries elicitations, progress and what the server says by itself", async () => {
    const { transport } = companionOf(await scene.gateway(await PLAIN_SERVERS["v1 stateful"]()));
    const client = new Client(info, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: "accept", content: { sure: true } }));
    const logged = new Promise((resolve) => client.setNotificationHandler(LoggingMessageNotificationSchema, resolve));
    await client.connect(transport as never);
    expect(textIn(await client.callTool({ name: "confirm" }))).toBe("accept");
    const progress: number[] = [];
    await client.callTool({ name: "count" }, undefined, { onprogress: (each) => void progress.push(each.progress) });
    expect(progress).toEqual([1, 2, 3]);
    await client.callTool({ name: "log-later" });
    expect(await logged).toMatchObject({ params: { data: "on the stream of the session" } });
    await client.close();
  });

  it("opens a session again that the server has lost, and sends the message once more (SPEC-22.17)", async () => {
    let sessions = 0;
    let lost = false;
    const { url, received } = await recordingServer((res, { body, method, headers }) => {
      if (method === "GET") return void res.writeHead(405).end();
      const { method: asked } = JSON.parse(body);
      if (asked === "initialize")
        return answerJson(
          res,
          { ...idIn(body), result: { protocolVersion: "2025-11-25" } },
          { "Mcp-Session-Id": `s${++sessions}` },
        );
      if (lost && headers["mcp-session-id"] === "s1") return void res.writeHead(404).end();
      if (asked.startsWith("notifications/")) return void res.writeHead(202).end();
      answerJson(res, { ...idIn(body), result: { session: headers["mcp-session-id"] } });
    });
    const { transport, received: delivered } = companionOf(url);
    const ask = async (message: Record<string, unknown>) => {
      await transport.send(message);
      await expect.poll(() => delivered.find(({ id }) => id === message["id"]), { timeout: 5000 }).toBeDefined();
      return delivered.find(({ id }) => id === message["id"]);
    };
    await ask(request(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {} }));
    await transport.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect(await ask(request(1, "tools/list"))).toMatchObject({ result: { session: "s1" } });
    lost = true;
    expect(await ask(request(2, "tools/list"))).toMatchObject({ result: { session: "s2" } });
    const again = received
      .map(({ body }) => (body === "" ? {} : JSON.parse(body)))
      .filter(({ method }) => method === "initialize");
    expect(again.map(({ id }) => id)).toEqual([0, "attest-again-1"]);
  });

  it("resumes a stream that breaks off, and never asks twice for the answer itself", async () => {
    const { url, received } = await recordingServer((res, { method, headers }) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      if (method === "POST") return void res.end("id: 7\nretry: 10\ndata: \n\n");
      expect(headers["last-event-id"]).toBe("7");
      res.end('data: {"jsonrpc":"2.0","id":1,"result":{"late":true}}\n\n');
    });
    const { transport, received: delivered } = companionOf(url);
    await transport.send(request(1, "tools/call", { name: "slow" }));
    await expect.poll(() => delivered, { timeout: 5000 }).toMatchObject([{ id: 1, result: { late: true } }]);
    expect(received.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  it.each([
    ["nothing listens", deadUrl, /server cannot be reached \(ECONNREFUSED\)/],
    ["the server demands a login", async () => (await recordingServer((res) => res.writeHead(401).end())).url, /OAuth/],
    [
      "it ends without an answer",
      async () => (await recordingServer((res) => res.writeHead(202).end())).url,
      /without an answer/,
    ],
    [
      "it redirects",
      async () => (await recordingServer((res) => res.writeHead(307, { Location: "/x" }).end())).url,
      /redirects/,
    ],
  ])("tells the host under the id of its request when %s", async (_, server, told) => {
    const { transport, received } = companionOf(await server());
    await transport.send(request(4, "tools/list"));
    await expect.poll(() => received.length, { timeout: 5000 }).toBe(1);
    expect(received[0]).toMatchObject({ id: 4, error: { code: -32603, message: expect.stringMatching(told) } });
  });

  it.each([
    ["the result of another request", (id: unknown) => ({ id: Number(id) + 1, result: {} })],
    ["more than 16 MiB", (id: unknown) => ({ id, result: { long: "x".repeat(17 * 1024 * 1024) } })],
  ])("does not hand a host %s, and tells it so under the id of its request", async (_, answered) => {
    const { url } = await recordingServer((res, { body }) =>
      answerJson(res, { jsonrpc: "2.0", ...answered(JSON.parse(body).id) }),
    );
    const { transport, received: delivered } = companionOf(url);
    await transport.send(request(1, "tools/list"));
    await expect.poll(() => delivered, { timeout: 20_000 }).toHaveLength(1);
    expect(delivered[0]).toMatchObject({ id: 1, error: { message: "attest: the server ended without an answer" } });
  });

  it("answers what was asked before it ends, and ends the session", async () => {
    const { url, received } = await recordingServer((res, { body, method }) => {
      if (method !== "POST") return void res.writeHead(method === "GET" ? 405 : 200).end();
      setTimeout(() => answerJson(res, { ...idIn(body), result: {} }, { "Mcp-Session-Id": "s1" }), 100);
    });
    const { connection, received: delivered, input, transport } = companionOf(url);
    await transport.send(request(0, "initialize", { capabilities: {} }));
    await transport.send(request(1, "tools/list"));
    input.end();
    await connection.ended;
    expect(delivered.map(({ id }) => id)).toEqual([0, 1]);
    expect(received.at(-1)).toMatchObject({ method: "DELETE", headers: { "mcp-session-id": "s1" } });
  });
});

describe("a companion over HTTP (G5, SPEC-22.16)", () => {
  const token = "t".repeat(43);
  const local = async (options: object = {}) => {
    const url = await scene.gateway(await PLAIN_SERVERS["v1 stateful"]());
    const { agent } = scene.alice;
    const served = await listenLocally({
      agent,
      audience: scene.authority.audience,
      url,
      address: "127.0.0.1:0",
      token,
      ...options,
    });
    onTestFinished(() => served.close(0));
    return served.url;
  };
  const bearer = { Authorization: `Bearer ${token}` };

  it("lets a client on this machine that shows the token use a guarded server", async () => {
    const endpoint = new URL("mcp", await local());
    const client = new Client(info);
    const transport = new StreamableHTTPClientTransport(endpoint, { requestInit: { headers: bearer } });
    await client.connect(transport as never);
    expect(textIn(await client.callTool({ name: "add", arguments: { a: 2, b: 3 } }))).toBe("5");
    await transport.terminateSession();
    await client.close();
  });

  // The server answers 400 to whoever names no session: by then the companion has let it through.
  it("refuses other users, web pages and other names", async () => {
    const endpoint = new URL("mcp", await local());
    const status = async (headers: Record<string, string>) =>
      (await fetch(endpoint, strange(request(1, "ping"), headers))).status;
    expect(await status({})).toBe(401);
    expect(await status({ Authorization: `Bearer ${"u".repeat(43)}` })).toBe(401);
    expect(await status({ ...bearer, Origin: "https://evil.example" })).toBe(403);
    expect(await status({ ...bearer, Origin: "null" })).toBe(403);
    expect(await status({ ...bearer, Origin: "http://localhost:5173" })).toBe(400);
    const { port } = endpoint;
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      import("node:http").then(({ get }) => {
        get({ port, host: "127.0.0.1", path: "/mcp", headers: { ...bearer, Host: "evil.example" } }, (res) =>
          resolve(res.resume().statusCode),
        ).once("error", reject);
      }, reject);
    });
    expect(rebound).toBe(403);
    expect((await fetch(new URL("/other", endpoint), { headers: bearer })).status).toBe(404);
  });

  it("takes the token in the path, where that is configured", async () => {
    const base = await local({ tokenInPath: true });
    const post = async (path: string) => (await fetch(new URL(path, base), strange(request(1, "ping")))).status;
    expect(await post(`/${token}/mcp`)).toBe(400);
    expect(await post("/mcp")).toBe(404);
    expect(await post(`/${"u".repeat(43)}/mcp`)).toBe(404);
  });

  it("listens on loopback alone, and with a token of enough bytes", async () => {
    await expect(local({ address: "0.0.0.0:0" })).rejects.toThrow(/loopback/);
    await expect(local({ token: "short" })).rejects.toThrow(/token/);
  });

  it("says under the id of the request that the authority has no attestation", async () => {
    const handler = attestNodeHandler((_req, res) => res.end(), scene.guard());
    const url = await listen((req, res) => void handler(req, res));
    const { AttestingAgent } = await import("@attest/mcp-client");
    const source = { getAttestation: () => Promise.reject(new Error("secret words")) };
    const served = await listenLocally({
      agent: new AttestingAgent({ source }),
      audience: scene.authority.audience,
      url,
      address: "127.0.0.1:0",
      token,
    });
    onTestFinished(() => served.close(0));
    const answer = await messageOf(await fetch(new URL("mcp", served.url), strange(request(3, "tools/list"), bearer)));
    expect(answer).toMatchObject({
      id: 3,
      error: { message: expect.stringMatching(/^attest: No attestation is available/) },
    });
    expect(JSON.stringify(answer)).not.toContain("secret words");
  });
});
