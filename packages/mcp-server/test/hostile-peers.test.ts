import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { AttestationError, META_ATTESTATION, META_PROOF, type ProofRequest } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  AttestationGuard,
  attestHandler,
  attestNodeHandler,
  attestServer,
  type NodeHandler,
  requireAttestation,
} from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let authority: TestAuthority;
let guard: AttestationGuard;
let closing: (() => void)[] = [];

beforeEach(async () => {
  authority = await createTestAuthority();
  guard = new AttestationGuard(authority.verifierOptions);
});
afterEach(() => {
  for (const close of closing) close();
  closing = [];
});

async function attested(method: string, params: object, id: number, subject?: string) {
  const token = await authority.attest(subject === undefined ? {} : { subject });
  const request: ProofRequest = { kind: "message", method, params };
  const _meta = { [META_ATTESTATION]: token, [META_PROOF]: await authority.prove(token, request) };
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta } };
}

/** HTTP fields that attest a body, for a session if there is one. */
async function fieldsFor(body: string, sessionId?: string, method = "POST"): Promise<Record<string, string>> {
  const attestation = await authority.attest();
  const request: ProofRequest = { kind: "http", method, body: new TextEncoder().encode(body) };
  const proof = await authority.prove(attestation, request, sessionId === undefined ? {} : { sessionId });
  return { "Agent-Attestation": attestation, "Agent-Attestation-Proof": proof };
}

async function listen(handler: NodeHandler, own = guard): Promise<number> {
  const guarded = attestNodeHandler(handler, own);
  const server = createServer((req, res) => void guarded(req, res));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Everything that a server says to these bytes before it closes the connection. */
async function say(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.write(bytes);
  await once(socket, "close");
  return answer;
}

function request(body: string, fields: Record<string, string>, more: readonly string[] = []): string {
  const lines = Object.entries({
    Host: "x",
    Connection: "close",
    "Content-Type": "application/json",
    "Content-Length": String(Buffer.byteLength(body)),
    ...fields,
  }).map(([name, value]) => `${name}: ${value}`);
  return `${["POST /mcp HTTP/1.1", ...lines, ...more].join("\r\n")}\r\n\r\n${body}`;
}

const message = (id: number, method: string, params?: unknown) =>
  JSON.stringify({ jsonrpc: "2.0", id, method, ...(params !== undefined && { params }) });

describe("a session with an owner", () => {
  it.each(["ping", "server/discover"])(
    "takes no %s from a stranger, whose id could be that of a request under way (M1, SPEC-4.26)",
    async (method) => {
      const session = guard.createSession();
      expect(await guard.check({ jsonrpc: "2.0", id: 0, method }, session)).toMatchObject({ action: "forward" });
      const initialize = await attested("initialize", { protocolVersion: "2025-11-25", capabilities: {} }, 0);
      expect(await guard.check(initialize, session)).toMatchObject({ action: "forward" });
      expect(await guard.check({ jsonrpc: "2.0", id: 7, method }, session)).toMatchObject({
        action: "reply",
        message: { id: 7, error: { data: { reason: "attestation_required" } } },
      });
      expect(await guard.check(await attested(method, {}, 8), session)).toMatchObject({ action: "forward" });
    },
  );

  /** A guard that does not finish verifying a subject before it is released. */
  const holding = (subject: string) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const isRevoked = async ({ sub }: { sub: string }) => {
      if (sub === subject) await released;
      return false;
    };
    return { holder: new AttestationGuard({ ...authority.verifierOptions, isRevoked }), release };
  };
  const [owner, other] = ["spiffe://example.com/model/owner", "spiffe://example.com/model/other"] as const;

  it("has it from the first initialize that came, not the first to be verified (M1, SPEC-4.19)", async () => {
    const { holder, release } = holding(owner);
    const session = holder.createSession();
    const opening = { protocolVersion: "2025-11-25", capabilities: {} };
    const messages = await Promise.all([
      attested("initialize", opening, 0, owner),
      attested("initialize", opening, 1, other),
      attested("tools/call", { name: "transfer" }, 2, other),
      { jsonrpc: "2.0", id: 3, method: "ping" },
    ]);
    const decisions = Promise.all(messages.map((message) => holder.check(message, session)));
    // For as long as three verifications take: by then, everyone who does not wait for the owner is decided about.
    for (let id = 10; id < 13; id++) {
      await holder.check(await attested("tools/list", {}, id, other), holder.createSession());
    }
    release();
    expect(await decisions).toMatchObject([
      { action: "forward", attestation: { subject: owner } },
      { action: "reply", message: { error: { data: { reason: "attestation_invalid" } } } },
      { action: "reply", message: { error: { data: { reason: "attestation_invalid" } } } },
      { action: "reply", message: { error: { data: { reason: "attestation_required" } } } },
    ]);
  });

  it("opens for the second initialize if the first is refused, and waits for nobody after (SPEC-4.19)", async () => {
    const session = guard.createSession();
    const opening = await attested("initialize", { capabilities: {} }, 1);
    const first = guard.check({ jsonrpc: "2.0", id: 0, method: "initialize", params: {} }, session);
    const second = guard.check(opening, session);
    expect(await first).toMatchObject({ action: "reply" });
    expect(await second).toMatchObject({ action: "forward" });
    expect(await guard.check(await attested("tools/list", {}, 2), session)).toMatchObject({ action: "forward" });
  });
});

describe("a session id that is given out again", () => {
  const endpoint = "https://x.example/";
  const opening = message(0, "initialize", { capabilities: {} });
  const call = message(1, "tools/list");
  /** What the server waits for before it answers a DELETE. */
  let ending: Promise<unknown>;
  let reached: string[];
  let isRevoked: () => Promise<boolean>;
  let send: (method: string, body: string, sessionId?: string) => Promise<Response>;

  beforeEach(() => {
    ending = Promise.resolve();
    reached = [];
    isRevoked = async () => false;
    const own = new AttestationGuard({ ...authority.verifierOptions, isRevoked: () => isRevoked() });
    const handler = attestHandler(
      {
        fetch: async (request: Request, given?: { parsedBody?: { method: string } }) => {
          reached.push(given?.parsedBody?.method ?? request.method);
          if (request.method === "DELETE") await ending;
          return new Response("{}", { headers: { "Mcp-Session-Id": "same" } });
        },
      },
      own,
    );
    send = async (method, body, sessionId) => {
      const headers = {
        ...(await fieldsFor(body, sessionId, method)),
        ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
      };
      return handler.fetch(new Request(endpoint, { method, headers, ...(method === "POST" && { body }) }));
    };
  });

  it("stays with its new session when the old one's end is answered late (M1)", async () => {
    let end = (_?: unknown) => {};
    ending = new Promise((resolve) => {
      end = resolve;
    });
    await send("POST", opening);
    const ended = send("DELETE", "", "same");
    await expect.poll(() => reached).toContain("DELETE");
    await send("POST", opening);
    end();
    await ended;
    expect((await send("POST", call, "same")).status).toBe(200);
  });

  it("takes no message into its new session that was verified for the old one (M1, SPEC-4.20)", async () => {
    await send("POST", opening);
    let verified = (_: boolean) => {};
    const verifying = new Promise<void>((begun) => {
      isRevoked = () => {
        isRevoked = async () => false;
        begun();
        return new Promise((resolve) => {
          verified = resolve;
        });
      };
    });
    const late = send("POST", call, "same");
    await verifying;
    await send("DELETE", "", "same");
    await send("POST", opening);
    verified(false);
    expect((await late).status).toBe(404);
    expect(reached).toEqual(["initialize", "DELETE", "initialize"]);
  });
});

describe("what is dispatched", () => {
  it.each([
    ["a list", [1]],
    ["null", null],
    ["text", "x"],
  ])("is what came: %s in the place of params is refused, not replaced (M2)", async (_, params) => {
    const lenient = new AttestationGuard({ ...authority.verifierOptions, policy: "optional" });
    expect(await lenient.check({ jsonrpc: "2.0", id: 1, method: "tools/list", params })).toMatchObject({
      action: "reply",
      status: 400,
    });
  });
});

describe("a guarded McpServer", () => {
  it("is guarded also where its inner server is connected (M2)", async () => {
    const server = attestServer(new McpServer({ name: "inner", version: "1.0.0" }), guard);
    const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
    await server.server.connect(serverSide);
    const client = new Client({ name: "plain", version: "1.0.0" });
    await expect(client.connect(clientSide)).rejects.toMatchObject({ code: -32001 });
    await server.close();
  });
});

describe("a gate before node:http", () => {
  it("refuses a session id that is there twice: its readers would take different ones (M1)", async () => {
    const seen: unknown[] = [];
    const port = await listen((req, res) => {
      seen.push(req.headers["mcp-session-id"]);
      res.setHeader("Mcp-Session-Id", "one").writeHead(200).end();
    });
    const opening = message(0, "initialize", { capabilities: {} });
    await say(port, request(opening, await fieldsFor(opening)));
    const body = message(1, "tools/list");
    const twice = ["Mcp-Session-Id: one", "Mcp-Session-Id: two"];
    expect(await say(port, request(body, await fieldsFor(body, "one"), twice))).toMatch(/^HTTP\/1.1 400 /);
    expect(seen).toEqual([undefined]);
  });

  it("answers 500 when a handler fails with an error of this project's, and rejects nothing", async () => {
    const port = await listen(() => {
      throw new AttestationError("ERR_SOURCE_UNAVAILABLE", "An upstream's source is down");
    });
    const body = message(1, "tools/list");
    expect(await say(port, request(body, await fieldsFor(body)))).toMatch(/^HTTP\/1.1 500 /);
  });

  it("reads bytes as they are: a compressed body is none (M2)", async () => {
    const { gzipSync } = await import("node:zlib");
    let served = 0;
    const port = await listen((_, res) => void res.writeHead(200).end(String(++served)));
    const zipped = gzipSync(message(1, "ping"));
    const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`;
    expect(await say(port, Buffer.concat([Buffer.from(head), zipped]))).toMatch(/^HTTP\/1.1 400 [\s\S]*-32700/);
    expect(served).toBe(0);
  });

  it.each(["HEAD", "PUT", "PATCH"])("answers %s with 405 and hands nothing on (M2)", async (method) => {
    let served = 0;
    const port = await listen((_, res) => void res.writeHead(200).end(String(++served)));
    expect(await say(port, `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(/ 405 /);
    expect(served).toBe(0);
  });

  it("judges each of several requests sent at once for itself (M1, M4)", async () => {
    const served: unknown[] = [];
    const port = await listen((_: IncomingMessage, res: ServerResponse, body) => {
      served.push((body as { id: number }).id);
      res.writeHead(200).end("{}");
    });
    const honest = message(1, "tools/list");
    const { Connection: _, ...open } = { Connection: "", ...(await fieldsFor(honest)) };
    const first = request(honest, { ...open, Connection: "keep-alive" });
    const answer = await say(port, first + request(message(2, "tools/list"), {}));
    expect(answer).toContain("attestation_required");
    expect(served).toEqual([1]);
  });
});

describe("a gate before a fetch handler", () => {
  it("refuses what a stream breaks off, and serves the next", async () => {
    const handler = attestHandler({ fetch: async (_: Request) => new Response("{}") }, guard);
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("{"));
        controller.error(new Error("hung up"));
      },
    });
    const broken = new Request("https://x.example/", { method: "POST", body, duplex: "half" } as RequestInit);
    await expect(handler.fetch(broken)).rejects.toThrow("hung up");
    const text = message(1, "tools/list");
    const next = new Request("https://x.example/", { method: "POST", body: text, headers: await fieldsFor(text) });
    expect((await handler.fetch(next)).status).toBe(200);
  });

  it.each(["application/json", "text/event-stream"])("tells a tool's refusal as an error in %s (M8)", async (type) => {
    const tool = requireAttestation<(context: object) => unknown>({ check: () => false }, () => "never");
    const fetch = async (_: Request, given?: { parsedBody: { id: number; params: object } }) => {
      const { id, params } = given?.parsedBody ?? { id: 0, params: {} };
      const result = await Promise.resolve(tool(params)).catch((error) => ({
        isError: true,
        content: [String(error)],
      }));
      const answer = JSON.stringify({ jsonrpc: "2.0", id, result });
      const text = type === "application/json" ? answer : `event: message\ndata: ${answer}\n\n`;
      return new Response(text, { headers: { "Content-Type": type } });
    };
    const body = message(1, "tools/call", { name: "vault" });
    const asked = new Request("https://x.example/", { method: "POST", body, headers: await fieldsFor(body) });
    const answer = await (await attestHandler({ fetch }, guard).fetch(asked)).text();
    expect(answer).toContain("attestation_claims_insufficient");
    expect(answer).not.toContain("isError");
  });
});
