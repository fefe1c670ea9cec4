import type { IncomingMessage } from "node:http";
import { attestHandler, attestServer, attestServerTransport } from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { Server as ServerV1 } from "@modelcontextprotocol/sdk/server/index.js";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2, Server as ServerV2 } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import { createScene, reasonOf, request, strange } from "./support.ts";

const call = request(1, "tools/call", { name: "whoami", arguments: {} });

/** The part of both SDKs' servers that is used here. */
// biome-ignore lint/suspicious/noExplicitAny: the SDKs' own types differ
type AnyServer = any;
type Connect = (server: AnyServer, transport: InMemoryTransport) => unknown;

const SDKS = [
  ["v1", McpServerV1, ServerV1],
  ["v2", McpServerV2, ServerV2],
] as const;

/** What a stranger is answered on a wire. */
async function answerOf(connect: (transport: InMemoryTransport) => unknown): Promise<unknown> {
  const [client, end] = InMemoryTransport.createLinkedPair();
  const answer = new Promise<unknown>((resolve) => {
    client.onmessage = resolve;
  });
  await connect(end);
  await client.start();
  onTestFinished(() => client.close());
  await client.send(call as never);
  return answer;
}

describe.each(SDKS)("a guarded server of SDK %s", (_, McpServer, Server) => {
  const named = { name: "bank", version: "1" };
  const withTool = (server: AnyServer) => {
    server.registerTool("whoami", {}, () => ({ content: [{ type: "text", text: "anybody" }] }));
    return server;
  };

  it.each<[string, Connect]>([
    ["its own connect", (server, transport) => server.connect(transport)],
    ["the server inside", (server, transport) => server.server.connect(transport)],
    ["the method of its class", (server, transport) => McpServer.prototype.connect.call(server, transport as never)],
    [
      "the method of the inner server's class",
      (server, transport) => Server.prototype.connect.call(server.server, transport as never),
    ],
    ["bind", (server, transport) => server.connect.bind(server)(transport)],
    ["call with another this", (server, transport) => server.connect.call(undefined, transport)],
    ["apply", (server, transport) => Reflect.apply(server.connect, server, [transport])],
    ["a Proxy around it", (server, transport) => new Proxy(server, {}).connect(transport)],
    ["an object that inherits from it", (server, transport) => Object.create(server).connect(transport)],
    ["a façade that has it", (server, transport) => ({ server, start: () => server.connect(transport) }).start()],
    [
      "a second connect after a first",
      async (server, transport) => {
        const [, other] = InMemoryTransport.createLinkedPair();
        await server.connect(other);
        await server.close();
        await server.connect(transport);
      },
    ],
  ])("verifies what reaches it by %s (M11)", async (_, connect) => {
    const { guard } = await createScene();
    const server = attestServer(withTool(new McpServer(named)), guard());
    expect(reasonOf(await answerOf((transport) => connect(server, transport)))).toBe("attestation_required");
  });

  it("verifies what reaches it by a connect that was taken from it before (M11)", async () => {
    const { guard } = await createScene();
    for (const take of [(server: AnyServer) => server, (server: AnyServer) => server.server]) {
      const server = withTool(new McpServer(named));
      const connect = take(server).connect.bind(take(server));
      attestServer(server, guard());
      expect(reasonOf(await answerOf(connect))).toBe("attestation_required");
    }
  });

  it("verifies what reaches it where a subclass connects in a way of its own (M11)", async () => {
    const { guard } = await createScene();
    const Base = McpServer as new (info: object) => AnyServer;
    class Super extends Base {
      async connect(transport: unknown) {
        await super["connect"](transport);
      }
    }
    class Inner extends Base {
      async connect(transport: unknown) {
        await (this as AnyServer).server.connect(transport);
      }
    }
    for (const Class of [Super, Inner]) {
      const server = attestServer(withTool(new Class(named) as AnyServer), guard());
      expect(reasonOf(await answerOf((transport) => server.connect(transport)))).toBe("attestation_required");
    }
  });

  it("verifies what reaches a server that is put inside it later (M11)", async () => {
    const { guard } = await createScene();
    const server = attestServer(withTool(new McpServer(named)), guard());
    const other = withTool(new McpServer(named));
    Object.defineProperty(server, "server", { value: other.server });
    expect(reasonOf(await answerOf((transport) => server.connect(transport)))).toBe("attestation_required");
  });

  it("is guarded as the bare server that it has inside (M11)", async () => {
    const { guard } = await createScene();
    const server = attestServer(new Server(named, { capabilities: { tools: {} } }) as AnyServer, guard());
    expect(reasonOf(await answerOf((transport) => server.connect(transport)))).toBe("attestation_required");
  });

  it("is refused the transport that was given to attestServerTransport, in the place of what that returned (M11)", async () => {
    const { guard } = await createScene();
    const server = withTool(new McpServer(named));
    const [, end] = InMemoryTransport.createLinkedPair();
    const transport = attestServerTransport(end, guard());
    const refusal = { code: "ERR_OPTION", message: expect.stringContaining("attestServerTransport returned") };
    await expect(server.connect(end)).rejects.toMatchObject(refusal);
    await withTool(new McpServer(named)).connect(transport as AnyServer);
  });

  it("is guarded by attestServerTransport also where it has connected before (M11)", async () => {
    const { guard } = await createScene();
    const answer = answerOf(async (transport) => {
      await withTool(new McpServer(named)).connect(transport as AnyServer);
      attestServerTransport(transport, guard());
    });
    expect(reasonOf(await answer)).toBe("attestation_required");
  });

  it("serves where instrumentation replaces onmessage of the transport inside (M11)", async () => {
    const { guard } = await createScene();
    const [client, end] = InMemoryTransport.createLinkedPair();
    const transport = attestServerTransport(end, guard());
    await withTool(new McpServer(named)).connect(transport as AnyServer);
    const before = end.onmessage;
    const seen: unknown[] = [];
    end.onmessage = (message, extra) => {
      seen.push(message);
      before?.(message, extra);
    };
    const answer = new Promise<unknown>((resolve) => {
      client.onmessage = resolve;
    });
    await client.start();
    await client.send(call as never);
    expect(reasonOf(await answer)).toBe("attestation_required");
    expect(seen).toEqual([call]);
  });
});

describe("a guarded handler", () => {
  const echo = async (_: Request) => new Response("served");
  const web = () => new Request("https://server.example/mcp", strange(call));

  it.each<[string, unknown]>([
    ["the context of a platform, with the request inside", { request: web(), env: {} }],
    ["the context of a framework, with the raw request inside", { req: { raw: web() } }],
    ["a request of node:http", { method: "POST", url: "/mcp", headers: {} } as IncomingMessage],
  ])("is not called with %s: it refuses, by name and with what to do (M11)", async (_, given) => {
    const { guard } = await createScene();
    let served = 0;
    const serve = async () => {
      served++;
      return new Response("served");
    };
    const refusal = { code: "ERR_OPTION", message: expect.stringContaining("attestHandler takes a Request") };
    const called = attestHandler(serve, guard()) as (given: unknown) => unknown;
    const members = attestHandler({ fetch: serve, onRequest: serve, handleRequest: serve }, guard());
    const ways = [called, members.fetch, members.onRequest, members.handleRequest] as ((given: unknown) => unknown)[];
    for (const way of ways) await expect((async () => way(given))()).rejects.toMatchObject(refusal);
    expect(served).toBe(0);
  });

  it("is guarded at a handler inside it, as a module's default export (M11)", async () => {
    const { guard } = await createScene();
    const inner = { fetch: echo };
    const guarded = attestHandler({ fetch: echo, default: inner }, guard());
    for (const each of [guarded, { ...guarded }]) {
      expect(reasonOf(await (await each.default.fetch(web())).json())).toBe("attestation_required");
    }
    expect(guarded.default).toBe(guarded.default);
  });

  it("keeps members that answer no requests as they are", async () => {
    const { guard } = await createScene();
    class Bus {
      #events = 0;
      publish = () => ++this.#events;
      count() {
        return this.#events;
      }
    }
    const bus = new Bus();
    const guarded = attestHandler({ fetch: echo, bus, list: [1], when: new Date(0) }, guard());
    expect(guarded.bus).toBe(bus);
    guarded.bus.publish();
    expect(guarded.bus.count()).toBe(1);
    expect(guarded.when.getTime()).toBe(0);
  });

  it("is guarded at GET, POST and DELETE where those are functions, as a framework's routes (M11)", async () => {
    const { guard } = await createScene();
    const routes = attestHandler(Object.assign(echo, { fetch: echo, GET: echo, POST: echo, DELETE: echo }), guard());
    const { POST, GET, DELETE } = routes;
    expect(reasonOf(await (await POST(web())).json())).toBe("attestation_required");
    const bodiless = (method: string) => new Request("https://server.example/mcp", { method });
    expect((await GET(bodiless("GET"))).status).toBe(403);
    expect((await DELETE(bodiless("DELETE"))).status).toBe(403);
  });
});
