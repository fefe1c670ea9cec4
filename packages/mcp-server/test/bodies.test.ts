import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import {
  attestationOf,
  attestHandler,
  attestNodeHandler,
  attestServer,
  attestServerTransport,
  keepRawBody,
} from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/server";
import express from "express";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createScene, listen, reasonOf, request, strange, wire } from "./support.ts";

const call = request(1, "tools/call", { name: "x" });
const served = (_: unknown, res: { end(text: string): void }) => res.end("{}");

describe("a body that is too large", () => {
  it.each([5, 40])("of %d MiB is answered with 413 before its connection ends (SPEC-4.18)", async (mebibytes) => {
    const { guard } = await createScene();
    const gate = attestNodeHandler(served, guard());
    const url = await listen((req, res) => void gate(req, res));
    const answer = await fetch(url, { method: "POST", body: Buffer.alloc(mebibytes * 1024 * 1024, "x") });
    expect([answer.status, answer.headers.get("connection")]).toEqual([413, "close"]);
  });

  it("leaves the next request of the same sender alone, and those of others (SPEC-4.18)", async () => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler(served, guard());
    const url = await listen((req, res) => void gate(req, res));
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const send = (body: Buffer | string, headers = {}) =>
      new Promise<number>((resolve, reject) => {
        const req = http.request(url, { method: "POST", agent, headers }, (res) => {
          res.resume();
          resolve(res.statusCode ?? 0);
        });
        req.on("error", reject).end(body);
      });
    for (let round = 0; round < 3; round++) {
      expect(await send(Buffer.alloc(5 * 1024 * 1024, "x"))).toBe(413);
      const { headers, body } = await alice.post(call);
      expect(await send(body as string, headers as Record<string, string>)).toBe(200);
    }
  });

  it("is read on only for a while: who sends without end is cut off (SPEC-4.18)", async () => {
    const { guard } = await createScene();
    const gate = attestNodeHandler(served, guard({ maxBody: 1024 }));
    const url = new URL(await listen((req, res) => void gate(req, res)));
    const socket = connect(Number(url.port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write("POST /mcp HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
    let sent = 0;
    const more = () => {
      while (!socket.destroyed && socket.write(chunk)) sent++;
    };
    socket.on("drain", more);
    socket.resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    more();
    await closed;
    expect(sent).toBeGreaterThan(10);
    expect(sent).toBeLessThan(200);
  });

  it.each([
    [1024, 2000, 413],
    [16 * 1024 * 1024, 6 * 1024 * 1024, 200],
  ])("is one larger than maxBody, here %d bytes", async (maxBody, size, status) => {
    const { guard, alice } = await createScene();
    const own = guard({ maxBody });
    const init = await alice.post(request(1, "tools/call", { name: "x", arguments: { document: "a".repeat(size) } }));
    const web = attestHandler(async (_: Request) => new Response("{}"), own);
    expect((await web(new Request("https://server.example/mcp", init))).status).toBe(status);
    const gate = attestNodeHandler(served, own);
    const again = await alice.post(request(2, "tools/call", { name: "x", arguments: { document: "a".repeat(size) } }));
    expect((await fetch(await listen((req, res) => void gate(req, res)), again)).status).toBe(status);
  });
});

describe("a body that a parser has read", () => {
  /** Node's request after something like `express.json()`. */
  const parsed = async (verify?: typeof keepRawBody) => {
    const scene = await createScene();
    const gate = attestNodeHandler((_, res, body) => res.end(JSON.stringify(body)), scene.guard());
    const url = await listen(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const bytes = Buffer.concat(chunks);
      verify?.(req, res, bytes);
      Object.assign(req, { body: bytes.length > 0 ? JSON.parse(bytes.toString()) : {} });
      await gate(req, res);
    });
    return { ...scene, url };
  };

  it("is told from nothing, with what to do about it, and reported", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { url, alice, guarded } = await parsed();
    const answer = await fetch(url, await alice.post(call));
    expect(answer.status).toBe(500);
    expect(answer.headers.get("agent-attestation-error")).toBe("attestation_unavailable");
    expect(await answer.json()).toMatchObject({
      error: { message: expect.stringMatching(/body parser.*keepRawBody/) },
    });
    expect(guarded()).toEqual([expect.objectContaining({ code: "ERR_BODY_CONSUMED" })]);
    warn.mockRestore();
  });

  it("is verified where its bytes were kept (SPEC-3.10)", async () => {
    const { url, alice } = await parsed(keepRawBody);
    const answer = await fetch(url, await alice.post(call));
    expect(await answer.json()).toMatchObject(call);
    const { headers } = await alice.post(call);
    const other = { method: "POST", headers: headers as Record<string, string>, body: `${JSON.stringify(call)} ` };
    expect(reasonOf(await (await fetch(url, other)).json())).toBe("attestation_proof_invalid");
  });

  it("of GET and DELETE was none", async () => {
    const { url, alice } = await parsed();
    expect((await fetch(url, await alice.bodiless("DELETE"))).status).toBe(200);
  });
});

describe("what imitates node:http", () => {
  it("is served: HTTP/2", async () => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler((_, res, body) => res.end(JSON.stringify(body)), guard());
    const server = http2.createServer((req, res) => void gate(req as never, res as never));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    onTestFinished(() => {
      client.destroy();
      server.close();
    });
    const post = async ({ headers, body }: RequestInit) => {
      const fields = Object.fromEntries(
        Object.entries(headers as object).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const stream = client.request({ ":method": "POST", ":path": "/mcp", ...fields });
      const head = once(stream, "response");
      stream.end(body as string);
      let text = "";
      for await (const chunk of stream) text += chunk;
      const [answered] = await head;
      return { status: answered[":status"], fields: answered, json: JSON.parse(text) };
    };
    const passed = await post(await alice.post(call));
    expect(passed).toMatchObject({ status: 200, json: call });
    expect(passed.fields["agent-attestation-status"]).toBe("verified;trust=provider");
    const refused = await post(strange(call));
    expect(reasonOf(refused.json)).toBe("attestation_required");
    const large = await post({ headers: {}, body: "x".repeat(5 * 1024 * 1024) });
    expect(large.status).toBe(413);
    expect(await post(await alice.post(call))).toMatchObject({ status: 200 });
  });

  it.each(["buffer", "text"])("is served: a platform that hands over the body as a %s", async (form) => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler((_, res, body) => res.end(JSON.stringify(body)), guard());
    // As serverless adapters do: no list of the fields as they came, and the body as a member.
    const url = await listen(async (req, res) => {
      let text = "";
      for await (const chunk of req) text += chunk;
      const fake = Object.create(req, {
        rawHeaders: { value: form === "text" ? [] : undefined },
        body: { value: form === "text" ? text : Buffer.from(text) },
      });
      await gate(fake, res);
    });
    const answer = await fetch(url, await alice.post(call));
    expect(await answer.json()).toMatchObject(call);
    const doubled = await alice.post(call);
    const headers = new Headers(doubled.headers as Record<string, string>);
    headers.append("Agent-Attestation", "second");
    expect(reasonOf(await (await fetch(url, { ...doubled, headers })).json())).toBe("attestation_invalid");
  });
});

describe("a framework that reads the request itself", () => {
  it.each<[string, (req: Request) => Promise<unknown>]>([
    ["json", (req) => req.json()],
    ["a clone's json", (req) => req.clone().json()],
    ["a clone of a clone's json", (req) => req.clone().clone().json()],
  ])("by %s finds the verified message, and who calls (SPEC-4.21)", async (_, read) => {
    const { guard, alice } = await createScene();
    const seen: { params: object }[] = [];
    const gate = attestHandler(async (req: Request) => {
      seen.push((await read(req)) as { params: object });
      return new Response("{}");
    }, guard());
    await gate(new Request("https://server.example/mcp", await alice.post(call)));
    expect(attestationOf(seen[0]?.params ?? {})).toMatchObject({ verified: true });
  });

  it("twice fails, as with any request", async () => {
    const { guard, alice } = await createScene();
    const gate = attestHandler(async (req: Request) => {
      await req.json();
      return new Response(
        await req.json().then(
          () => "read",
          () => "failed",
        ),
      );
    }, guard());
    expect(await (await gate(new Request("https://server.example/mcp", await alice.post(call)))).text()).toBe("failed");
  });

  it("from req.body, as after a parser, finds the verified message, in a handler and behind middleware (SPEC-4.21)", async () => {
    const { guard, alice } = await createScene();
    const seen: unknown[] = [];
    const note = (req: object) => seen.push(attestationOf((req as { body: { params: object } }).body.params)?.verified);
    const handler = attestNodeHandler((req, res) => {
      note(req);
      res.end("{}");
    }, guard());
    const middleware = attestNodeHandler((_req, _res, _body, next) => next(), guard());
    const app = express();
    app.use("/handler", handler);
    app.use("/middleware", middleware, express.json(), (req, res) => {
      note(req);
      res.end("{}");
    });
    const url = await listen(app);
    for (const path of ["/handler", "/middleware"]) await fetch(new URL(path, url), await alice.post(call));
    expect(seen).toEqual([true, true]);
    expect((await fetch(new URL("/middleware", url), strange(call))).headers.get("agent-attestation-error")).toBe(
      "attestation_required",
    );
  });
});

describe("a framework that parses the message again", () => {
  /** Handles messages as a framework does that makes its own objects of what it reads. */
  const framework = async (reparsed: boolean) => {
    const scene = await createScene();
    const guard = scene.guard();
    const connection = wire(guard);
    const texts: string[] = [];
    const gate = attestHandler(
      async (req: Request) => {
        const text = await req.text();
        texts.push(text);
        await connection.receive(JSON.parse(text), { request: req });
        return new Response("{}");
      },
      guard,
      { reparsed },
    );
    const send = async (init: RequestInit) => gate(new Request("https://server.example/mcp", init));
    return { ...scene, ...connection, send, texts };
  };

  it("keeps who calls by a reference, where that is configured (SPEC-4.21)", async () => {
    const { send, alice, delivered, texts } = await framework(true);
    await send(await alice.post(call));
    await send(await alice.post({ jsonrpc: "2.0", id: 0, result: { action: "accept" } }));
    await send(await alice.post({ jsonrpc: "2.0", id: 0, error: { code: -1, message: "no" } }));
    expect(attestationOf((delivered[0] as { params: object }).params)).toMatchObject({ verified: true });
    expect(delivered.slice(1)).toEqual([
      { jsonrpc: "2.0", id: 0, result: { action: "accept" } },
      { jsonrpc: "2.0", id: 0, error: { code: -1, message: "no" } },
    ]);
    // It names nobody, and is no part of what a handler sees.
    expect(texts[0]).not.toMatch(/spiffe|eyJ/);
    expect(JSON.stringify(delivered)).not.toContain("reference");
  });

  it("takes a reference once (SPEC-4.21, M9)", async () => {
    const { send, alice, receive, delivered, sent, texts } = await framework(true);
    await send(await alice.post(call));
    expect(delivered).toHaveLength(1);
    await receive(JSON.parse(texts[0] as string));
    expect(delivered).toHaveLength(1);
    expect(reasonOf(sent.at(-1))).toBe("attestation_required");
  });

  /** The texts of two calls on their way through a framework, which holds them back. */
  const held = async () => {
    const scene = await createScene();
    const guard = scene.guard();
    const texts: string[] = [];
    const keep = async (req: Request) => new Response(texts.push(await req.text()) ? "{}" : "");
    const gate = attestHandler(keep, guard, { reparsed: true });
    for (let i = 0; i < 2; i++) await gate(new Request("https://server.example/mcp", await scene.alice.post(call)));
    const [first, second] = texts.map((text) => JSON.parse(text));
    return { first, second, guard, connection: wire(guard), other: wire(scene.guard()) };
  };

  it("takes a reference for the message that was verified, and at the guard that made it (SPEC-4.21, M9)", async () => {
    const { first, second, connection, other } = await held();
    await connection.receive({ ...first, params: { ...first.params, name: "y" } });
    await connection.receive(first);
    await other.receive(second);
    expect([...connection.delivered, ...other.delivered]).toEqual([]);
    await connection.receive(second);
    expect(connection.delivered).toHaveLength(1);
  });

  it("takes a reference for five seconds (SPEC-4.21)", async () => {
    const clock = vi.spyOn(performance, "now").mockReturnValue(1000);
    onTestFinished(() => clock.mockRestore());
    const { first, second, connection } = await held();
    clock.mockReturnValue(5999);
    await connection.receive(first);
    clock.mockReturnValue(6000);
    await connection.receive(second);
    expect(connection.delivered).toHaveLength(1);
  });

  it("finds nobody without that option, and says what is missing (M11)", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { send, alice, delivered, sent, guarded, texts } = await framework(false);
    await send(await alice.post(call));
    expect(delivered).toEqual([]);
    expect(reasonOf(sent[0])).toBe("attestation_required");
    expect(guarded().at(-1)).toMatchObject({ code: "ERR_GATE_MISSING" });
    expect(texts[0]).toBe(JSON.stringify(call));
    warn.mockRestore();
  });
});

describe("a stateful v2 server without a gate", () => {
  it("takes the session from the request that the SDK shows, for proofs in the message (SPEC-3.11)", async () => {
    const { guard, authority } = await createScene();
    const connection = wire(guard());
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, { kind: "message", method: "tools/list" }, { sessionId: "s-1" });
    const _meta = { "io.github.attest/attestation": attestation, "io.github.attest/proof": proof };
    const headers = { "Mcp-Session-Id": "s-1" };
    const message = request(1, "tools/list", { _meta });
    await connection.receive(message, {
      request: new Request("https://x.example", { headers: { ...headers, "Mcp-Session-Id": "s-2" } }),
    });
    expect(reasonOf(connection.sent[0])).toBe("attestation_proof_invalid");
    await connection.receive(message, { request: new Request("https://x.example", { headers }) });
    expect(connection.delivered).toHaveLength(1);
  });
});

describe("an Authorization field", () => {
  it.each(["Bearer own other", "Bearer", "DPoP a b", "bearer\tx"])(
    "that is %j is refused, where an SDK would read its second word (M14, SPEC-4.28)",
    async (authorization) => {
      const { guard, alice, guarded } = await createScene();
      const gate = attestNodeHandler(served, guard());
      const url = await listen((req, res) => void gate(req, res));
      const init = await alice.post(call);
      const headers = { ...(init.headers as object), Authorization: authorization };
      expect(reasonOf(await (await fetch(url, { ...init, headers })).json())).toBe("attestation_invalid");
      expect(guarded().at(-1)).toMatchObject({ code: "ERR_AUTHORIZATION" });
    },
  );

  it("with one credential is what the proof is for (SPEC-3.12)", async () => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler(served, guard());
    const url = await listen((req, res) => void gate(req, res));
    expect((await fetch(url, await alice.post(call, { authorization: "Bearer own" }))).status).toBe(200);
  });
});

it("a guarded server behind a guarded wire serves each message once, whoever answers it (M9)", async () => {
  const { guard, alice } = await createScene();
  const own = guard();
  const server = attestServer(new McpServer({ name: "bank", version: "1" }), own);
  server.registerTool("whoami", {}, (context) => ({
    content: [{ type: "text", text: attestationOf(context)?.subject ?? "nobody" }],
  }));
  const [client, end] = InMemoryTransport.createLinkedPair();
  await server.connect(attestServerTransport(end, own) as never);
  onTestFinished(() => server.close());
  const answers: unknown[] = [];
  client.onmessage = (message) => void answers.push(message);
  await client.start();
  await client.send((await alice.inBand(request(1, "tools/call", { name: "whoami", arguments: {} }))) as never);
  await client.send(request(2, "tools/list") as never);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  const answerTo = (id: number) => answers.find((answer) => (answer as { id: number }).id === id);
  expect(JSON.stringify(answerTo(1))).toContain("spiffe://example.com/model/example-1");
  expect(reasonOf(answerTo(2))).toBe("attestation_required");
});
