import { attestationOf, attestHandler, attestNodeHandler, attestServer, requireAttestation } from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { createMcpHandler, McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createScene, reasonOf, request, strange } from "./support.ts";

const call = request(1, "tools/call", { name: "whoami", arguments: {} });

/** A handler in the form in which several frameworks export theirs. */
const echo = async (req: Request) =>
  new Response(await req.text(), { headers: { "Content-Type": "application/json" } });

describe("a handler that is called as a function", () => {
  it("is guarded when it is called, and in every way in which a function can be called (M11)", async () => {
    const { guard, alice } = await createScene();
    const guarded = attestHandler(echo, guard());
    const ways: ((req: Request) => Promise<Response>)[] = [
      (req) => guarded(req),
      (req) => guarded.call(undefined, req),
      (req) => guarded.apply(undefined, [req]),
      guarded.bind(undefined),
      (req) => Reflect.apply(guarded, undefined, [req]),
    ];
    for (const way of ways) {
      const refused = await way(new Request("https://server.example/mcp", strange(call)));
      expect(reasonOf(await refused.json())).toBe("attestation_required");
      const passed = await way(new Request("https://server.example/mcp", await alice.post(call)));
      expect(await passed.json()).toEqual(call);
    }
  });

  it("gets what its platform passes next to the request", async () => {
    const { guard, alice } = await createScene();
    const seen: unknown[] = [];
    const guarded = attestHandler((_: Request, ...rest: unknown[]) => {
      seen.push(...rest);
      return new Response();
    }, guard());
    await guarded(new Request("https://server.example/mcp", await alice.post(call)), { KV: 1 }, { waitUntil: 2 });
    expect(seen).toEqual([{ KV: 1 }, { waitUntil: 2 }]);
  });
});

describe("a handler with a fetch function", () => {
  it("is guarded at every other member that takes a request (M11)", async () => {
    const { guard } = await createScene();
    class Framework {
      #served = 0;
      async fetch(req: Request) {
        return this.handleRequest(req);
      }
      async handleRequest(_: Request) {
        this.#served++;
        return new Response("served");
      }
      served = () => this.#served;
    }
    const guarded = attestHandler(new Framework(), guard());
    for (const way of [guarded.fetch, guarded.handleRequest]) {
      const refused = await way(new Request("https://server.example/mcp", strange(call)));
      expect(reasonOf(await refused.json())).toBe("attestation_required");
    }
    expect(guarded.served()).toBe(0);
    expect(guarded.fetch).toBe(guarded.fetch);
  });

  it("is guarded in every copy that is made of it (M11)", async () => {
    const { guard } = await createScene();
    const guarded = attestHandler({ fetch: echo }, guard());
    const copies = [
      { ...guarded },
      Object.defineProperties({} as typeof guarded, Object.getOwnPropertyDescriptors(guarded)),
    ];
    for (const copy of copies) {
      const refused = await copy.fetch(new Request("https://server.example/mcp", strange(call)));
      expect(reasonOf(await refused.json())).toBe("attestation_required");
    }
  });

  it("is guarded at a function that takes its place later (M11)", async () => {
    const { guard } = await createScene();
    const guarded = attestHandler({ fetch: echo }, guard());
    guarded.fetch = async () => new Response("replaced");
    const refused = await guarded.fetch(new Request("https://server.example/mcp", strange(call)));
    expect(reasonOf(await refused.json())).toBe("attestation_required");
  });

  it("as a Worker exports it keeps its environment and context", async () => {
    const { guard, alice } = await createScene();
    const seen: unknown[] = [];
    const worker = {
      fetch: (_: Request, env: object, context: object) => {
        seen.push(env, context);
        return new Response();
      },
    };
    const guarded = attestHandler(worker, guard());
    const [env, context] = [{ KV: 1 }, { waitUntil: () => {} }];
    await guarded.fetch(new Request("https://server.example/mcp", await alice.post(call)), env, context);
    expect(seen).toEqual([env, context]);
  });
});

it.each<[string, unknown, string]>([
  ["nothing", undefined, "must be a function or have a fetch function"],
  ["an object without fetch", { handle: echo }, "must be a function or have a fetch function"],
  ["a module", { default: { fetch: echo } }, "pass the module's default export"],
])("a gate refuses %s when it is given, by name (M11)", async (_, handler, message) => {
  const { guard } = await createScene();
  expect(() => attestHandler(handler as never, guard())).toThrow(message);
  expect(() => attestNodeHandler(handler as never, guard())).toThrow("must be a function");
});

describe("a server", () => {
  class FakeFramework {
    readonly tools: string[] = [];
    async connect(_: unknown) {}
  }
  it.each<[string, unknown, string]>([
    ["a framework's own class", new FakeFramework(), "FakeFramework is not one"],
    ["a framework with a server that is none", { connect: async () => {}, server: {} }, "Object is not one"],
    ["nothing", undefined, "must be a Server or McpServer"],
  ])("that is %s is refused when it is given, by name and with what to do (M11)", async (_, server, message) => {
    const { guard } = await createScene();
    expect(() => attestServer(server as never, guard())).toThrow(message);
    expect(() => attestServer(server as never, guard())).toThrow("attestNodeHandler");
  });

  /** What a client without credentials gets from a server that was connected in some way. */
  async function strangersAnswer(connect: (server: McpServerV1, transport: InMemoryTransport) => Promise<unknown>) {
    const { guard } = await createScene();
    const server = attestServer(new McpServerV1({ name: "bank", version: "1" }), guard());
    server.registerTool("whoami", {}, () => ({ content: [] }));
    const [client, end] = InMemoryTransport.createLinkedPair();
    const answer = new Promise<unknown>((resolve) => {
      client.onmessage = resolve;
    });
    await connect(server, end);
    await client.start();
    onTestFinished(() => server.close());
    await client.send(call as never);
    return answer;
  }

  it.each<[string, (server: McpServerV1, transport: InMemoryTransport) => Promise<unknown>]>([
    ["connect", (server, transport) => server.connect(transport)],
    ["the server inside", (server, transport) => server.server.connect(transport)],
    ["the method of its class", (server, transport) => McpServerV1.prototype.connect.call(server, transport)],
    [
      "the method of the class of the server inside",
      (server, transport) =>
        Object.getPrototypeOf(Object.getPrototypeOf(server.server)).connect.call(server.server, transport),
    ],
    ["a Proxy around it", (server, transport) => new Proxy(server, {}).connect(transport)],
    ["bind", (server, transport) => server.connect.bind(server)(transport)],
  ])("is guarded when it is connected by %s (M11)", async (_, connect) => {
    expect(reasonOf(await strangersAnswer(connect))).toBe("attestation_required");
  });

  it("of a subclass is guarded also where that calls the connect of its base class (M11)", async () => {
    const { guard } = await createScene();
    class Instrumented extends McpServerV1 {
      override async connect(transport: Parameters<McpServerV1["connect"]>[0]) {
        await super.connect(transport);
      }
    }
    const server = attestServer(new Instrumented({ name: "bank", version: "1" }), guard());
    const [client, end] = InMemoryTransport.createLinkedPair();
    const answer = new Promise<unknown>((resolve) => {
      client.onmessage = resolve;
    });
    await server.connect(end);
    await client.start();
    await client.send(call as never);
    expect(reasonOf(await answer)).toBe("attestation_required");
    await server.close();
  });

  it("is guarded again at each further connection (M11)", async () => {
    const { guard } = await createScene();
    const server = attestServer(new McpServerV1({ name: "bank", version: "1" }), guard());
    for (let round = 0; round < 2; round++) {
      const [client, end] = InMemoryTransport.createLinkedPair();
      const answer = new Promise<unknown>((resolve) => {
        client.onmessage = resolve;
      });
      await server.connect(end);
      await client.start();
      await client.send(call as never);
      expect(reasonOf(await answer)).toBe("attestation_required");
      await server.close();
    }
  });

  it("passes further arguments of connect on", async () => {
    const { guard } = await createScene();
    const server = new McpServerV1({ name: "bank", version: "1" });
    const seen: unknown[] = [];
    const connect = server.connect.bind(server);
    server.connect = async (transport, ...rest: unknown[]) => {
      seen.push(...rest);
      await connect(transport);
    };
    attestServer(server, guard());
    const [, end] = InMemoryTransport.createLinkedPair();
    await (server.connect as (...args: unknown[]) => Promise<void>)(end, { hint: 1 });
    expect(seen).toEqual([{ hint: 1 }]);
    await server.close();
  });

  it("is refused a second guard, whichever of its two objects is given", async () => {
    const { guard } = await createScene();
    const server = attestServer(new McpServerV2({ name: "bank", version: "1" }), guard());
    for (const each of [server, server.server]) {
      expect(() => attestServer(each, guard())).toThrow(
        expect.objectContaining({ code: "ERR_ALREADY_ATTESTED", message: expect.stringContaining("may guard many") }),
      );
    }
  });
});

it("a handler that runs for a message which no guard saw says so once, and what may be the cause (M11)", async () => {
  vi.resetModules();
  const { requireAttestation: fresh } = await import("@attest/mcp-server");
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const handler = fresh({}, () => "ran");
  for (let i = 0; i < 2; i++) await expect(handler({ _meta: {} })).rejects.toMatchObject({ code: "ERR_GUARD_MISSING" });
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[0]).toMatch(/call attestServer\(server, guard\) before connect.*hides `_meta`/);
});

it("a mark stands for its own message, once, and not for another that a handler makes with it (M9, M11)", async () => {
  const { guard, alice } = await createScene();
  const own = guard();
  const other = attestServer(new McpServerV1({ name: "other", version: "1" }), own);
  other.registerTool("drain", {}, (context) => ({
    content: [{ type: "text", text: attestationOf(context)?.subject ?? "nobody" }],
  }));
  const [client, end] = InMemoryTransport.createLinkedPair();
  await other.connect(end);
  await client.start();
  onTestFinished(() => other.close());
  const answers: unknown[] = [];
  client.onmessage = (message) => void answers.push(message);
  const handler = createMcpHandler(() => {
    const server = new McpServerV2({ name: "bank", version: "1" });
    server.registerTool("pay", {}, async (context) => {
      const { _meta } = context.mcpReq;
      // The same mark, on another message, to another server of this process.
      await client.send({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "drain", _meta } } as never);
      return { content: [] };
    });
    return server;
  });
  const pay = request(1, "tools/call", { name: "pay", arguments: {} });
  await attestHandler(handler, own).fetch(new Request("https://server.example/mcp", await alice.post(pay)));
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  expect(reasonOf(answers[0])).toBe("attestation_required");
});

it("what the guard marks is not seen by anybody who serializes a message (M3)", async () => {
  const { guard, alice } = await createScene();
  const decision = await guard().check(await alice.inBand(call));
  const { message } = decision as unknown as { message: { params: { _meta: object } } };
  expect(attestationOf(message.params)).toMatchObject({ verified: true });
  const written = JSON.stringify(message);
  expect(JSON.parse(written)).toEqual({ ...call, params: { ...(call["params"] as object), _meta: {} } });
  expect(structuredClone(message.params._meta)).not.toHaveProperty("subject");
  expect(attestationOf(JSON.parse(written).params)).toBeUndefined();
});

it("demands are refused where they are swapped with the handler, with what to write", () => {
  const handler = () => "ran";
  expect(() => requireAttestation(handler as never, {} as never)).toThrow("must be an object, and the first argument");
  expect(() => requireAttestation({}, {} as never)).toThrow("must be a function, and the second argument");
});

it("a mark is found by another copy of the package, as bundlers make them (M3)", async () => {
  const { guard, alice } = await createScene();
  const decision = await guard().check(await alice.inBand(call));
  vi.resetModules();
  const copy = await import("@attest/mcp-server");
  expect(copy.attestationOf).not.toBe(attestationOf);
  const { params } = (decision as unknown as { message: { params: object } }).message;
  expect(copy.attestationOf(params)).toMatchObject({ verified: true });
});
