import {
  type AttestationDemand,
  attestServer,
  attestServerTransport,
  guardTaskStore,
  requireAttestation,
} from "@attest/mcp-server";
import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { completable as completableV1 } from "@modelcontextprotocol/sdk/server/completable.js";
import {
  McpServer as McpServerV1,
  type RegisteredResourceTemplate,
  ResourceTemplate,
} from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { DEMAND, type Register, registerV1, registerV2, secret } from "./demanding.ts";
import { createScene, reasonOf, request, type Scene } from "./support.ts";

/** A guarded server of either SDK, over an in-memory wire. */
const serve = async (scene: Scene, register: Register, demanding: boolean, v1: boolean) => {
  const guard = scene.guard();
  const server = v1 ? new McpServerV1({ name: "bank", version: "1" }) : new McpServerV2({ name: "bank", version: "1" });
  attestServer(server, guard);
  register(server as never, demanding);
  const [client, end] = InMemoryTransport.createLinkedPair();
  await server.connect(end as never);
  onTestFinished(() => server.close());
  const answers = new Map<unknown, (answer: unknown) => void>();
  client.onmessage = (message) => answers.get((message as { id?: unknown }).id)?.(message);
  await client.start();
  let id = 0;
  return async (method: string, params: Record<string, unknown>) => {
    const own = id++;
    const answer = new Promise<{ result?: Record<string, never> }>((resolve) => {
      answers.set(own, resolve as never);
    });
    await client.send((await scene.alice.inBand(request(own, method, params))) as never);
    return answer;
  };
};

const opening = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1" } };
const argument = { name: "account", value: "s" };

describe.each([
  ["v1", registerV1, true],
  ["v2", registerV2, false],
] as const)("on a server of SDK %s, what a handler demands holds for", (_, register, v1) => {
  it.each<[string, string, Record<string, unknown>]>([
    [
      "completions of its prompt's arguments",
      "completion/complete",
      { ref: { type: "ref/prompt", name: "report" }, argument },
    ],
    [
      "completions of its template's variables",
      "completion/complete",
      { ref: { type: "ref/resource", uri: "vault://{account}" }, argument },
    ],
    ["subscriptions to its resource", "resources/subscribe", { uri: "ledger://all" }],
    ["subscriptions to a resource of its template", "resources/subscribe", { uri: "vault://secret-1" }],
  ])("%s (SPEC-5.8)", async (_, method, params) => {
    for (const demanding of [true, false]) {
      const send = await serve(await createScene(), register, demanding, v1);
      await send("initialize", opening);
      const answer = await send(method, params);
      expect(reasonOf(answer)).toBe(demanding ? "attestation_claims_insufficient" : undefined);
      if (!demanding && method === "completion/complete")
        expect(answer.result).toMatchObject({ completion: { values: secret } });
    }
  });

  it("the list of its template, which is empty for others (SPEC-5.8)", async () => {
    for (const demanding of [true, false]) {
      const send = await serve(await createScene(), register, demanding, v1);
      await send("initialize", opening);
      for (let round = 0; round < 2; round++) {
        const { result } = (await send("resources/list", {})) as unknown as {
          result: { resources: { name: string }[] };
        };
        const names = result.resources.map(({ name }) => name);
        expect(names).toEqual(demanding ? ["ledger"] : ["ledger", ...secret]);
      }
    }
  });
});

it("a demand's check that needs a handler's arguments refuses what comes without them (SPEC-5.8)", async () => {
  const check = (_: unknown, args: { account: string }) => args.account === "own";
  const send = await serve(
    await createScene(),
    ((server: McpServerV1) => {
      const argsSchema = { account: completableV1(z.string(), () => secret) };
      server.registerPrompt(
        "report",
        { argsSchema },
        requireAttestation({ check } as never, (() => ({ messages: [] })) as never) as never,
      );
    }) as Register,
    true,
    true,
  );
  await send("initialize", opening);
  const answer = await send("completion/complete", { ref: { type: "ref/prompt", name: "report" }, argument });
  expect(reasonOf(answer)).toBe("attestation_claims_insufficient");
});

it("a demand follows a prompt whose callback is replaced (SPEC-5.8)", async () => {
  for (const [v1, register] of [
    [true, registerV1],
    [false, registerV2],
  ] as const) {
    let registered: { update(updates: object): void } | undefined;
    const send = await serve(
      await createScene(),
      ((server: McpServerV1) => {
        const before = server.registerPrompt.bind(server);
        server.registerPrompt = ((...args: Parameters<typeof before>) => {
          registered = before(...args);
          return registered;
        }) as never;
        register(server as never, false);
      }) as Register,
      false,
      v1,
    );
    await send("initialize", opening);
    const ask = () => send("completion/complete", { ref: { type: "ref/prompt", name: "report" }, argument });
    expect(reasonOf(await ask())).toBeUndefined();
    registered?.update({ callback: requireAttestation(DEMAND, () => ({ messages: [] })) });
    expect(reasonOf(await ask())).toBe("attestation_claims_insufficient");
  }
});

it("the list of a template is under the demand of each handler that it was given to (SPEC-5.8)", async () => {
  const template = new ResourceTemplate("vault://{account}", {
    list: () => ({ resources: secret.map((name) => ({ name, uri: `vault://${name}` })) }),
  });
  const under = (demand: AttestationDemand) => requireAttestation(demand, (() => ({ contents: [] })) as never) as never;
  const registered: RegisteredResourceTemplate[] = [];
  /** Serves what the server before made of the template. */
  const serving = async (demand: AttestationDemand) => {
    const register = (server: McpServerV1) => {
      const given = registered.at(-1)?.resourceTemplate ?? template;
      registered.push(server.registerResource("vault", given, {}, under(demand)));
    };
    const send = await serve(await createScene(), register as Register, true, true);
    await send("initialize", opening);
    return async () =>
      ((await send("resources/list", {})).result as unknown as { resources: object[] }).resources.length;
  };
  const met = { check: async () => true };
  const list = await serving(met);
  expect([await list(), await list()]).toEqual([2, 2]);
  expect(await (await serving(DEMAND))()).toBe(0);
  registered[0]?.update({ callback: under(DEMAND) });
  expect(await list()).toBe(0);
});

describe("tasks of a v1 server", () => {
  /** A server whose tasks several agents make over one connection. */
  const tasks = async (guarded: boolean) => {
    const scene = await createScene();
    const guard = scene.guard();
    const store = new InMemoryTaskStore();
    const taskStore = guarded ? guardTaskStore(store, guard) : store;
    const server = attestServer(
      new McpServerV1(
        { name: "bank", version: "1" },
        { taskStore, capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } } },
      ),
      guard,
    );
    server.experimental.tasks.registerToolTask(
      "slow",
      { inputSchema: {}, execution: { taskSupport: "required" } } as never,
      {
        createTask: async (
          _: unknown,
          { taskStore: own }: { taskStore: { createTask(params: object): Promise<object> } },
        ) => ({
          task: await own.createTask({ ttl: 60_000 }),
        }),
        getTask: async (_: unknown, { taskId, taskStore: own }: never) =>
          (own as { getTask(id: string): unknown }).getTask(taskId),
        getTaskResult: async () => ({ content: [] }),
      } as never,
    );
    const [client, end] = InMemoryTransport.createLinkedPair();
    await server.connect(attestServerTransport(end, guard) as never);
    onTestFinished(async () => {
      await server.close();
      store.cleanup();
    });
    const answers = new Map<unknown, (answer: never) => void>();
    client.onmessage = (message) => answers.get((message as { id?: unknown }).id)?.(message as never);
    await client.start();
    let id = 0;
    const send = async (agent: Scene["alice"], method: string, params: Record<string, unknown>) => {
      const own = id++;
      const answer = new Promise<{ result?: { task?: { taskId: string }; tasks?: unknown[]; taskId?: string } }>(
        (resolve) => {
          answers.set(own, resolve as never);
        },
      );
      await client.send((await agent.inBand(request(own, method, params))) as never);
      return answer;
    };
    const { result } = await send(scene.alice, "tools/call", { name: "slow", arguments: {}, task: { ttl: 60_000 } });
    return { ...scene, send, taskId: result?.task?.taskId as string };
  };

  it.each(["tasks/get", "tasks/result", "tasks/cancel"])("are their makers' alone in %s (M12)", async (method) => {
    const { send, alice, mallory, taskId } = await tasks(true);
    expect(taskId).toBeTypeOf("string");
    expect(reasonOf(await send(mallory, method, { taskId }))).toBe("attestation_invalid");
    expect(reasonOf(await send(alice, "tasks/get", { taskId }))).toBeUndefined();
    expect(reasonOf(await send(alice, "tasks/get", { taskId: "unknown" }))).toBe("attestation_invalid");
  });

  it("are listed for their makers alone, and no message of another joins them (M12)", async () => {
    const { send, alice, mallory, taskId } = await tasks(true);
    expect((await send(mallory, "tasks/list", {})).result?.tasks).toEqual([]);
    expect((await send(alice, "tasks/list", {})).result?.tasks).toHaveLength(1);
    const _meta = { "io.modelcontextprotocol/related-task": { taskId } };
    expect(reasonOf(await send(mallory, "tools/list", { _meta }))).toBe("attestation_invalid");
  });

  it("are everybody's without a guarded store, as the SDK has it", async () => {
    const { send, mallory, taskId } = await tasks(false);
    expect((await send(mallory, "tasks/list", {})).result?.tasks).toHaveLength(1);
    expect((await send(mallory, "tasks/get", { taskId })).result?.taskId).toBe(taskId);
  });
});
