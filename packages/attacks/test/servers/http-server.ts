import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HTTP_FIELDS } from "@attest/core";
import {
  type AttestationGuard,
  attestNodeHandler,
  attestServer,
  guardTaskStore,
  type NodeHandler,
  requireAttestation,
} from "@attest/mcp-server";
import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { McpServer, ResourceTemplate } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { SubscribeRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import {
  completable as completableV2,
  createMcpHandler,
  McpServer as McpServerV2,
  ResourceTemplate as ResourceTemplateV2,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { addLab, addTask } from "./lab.mjs";

/** A server over HTTP on a free loopback port. */
export interface HttpServer {
  readonly url: string;
  /** Has another guard from now on, as the server's next process has. */
  restart(guard: AttestationGuard): void;
  close(): Promise<void>;
}

/** Restarts a server with a new guard, and waits until that serves honest agents. */
export function restarting(server: HttpServer, guard: () => AttestationGuard): () => Promise<void> {
  return async () => {
    const next = guard();
    server.restart(next);
    await next.verifier.ready();
  };
}

/** The parts that guard a server; a sabotage puts others in their place. */
export interface Defences {
  /** The gate in front. */
  readonly gate: typeof attestNodeHandler;
  /** The wrapper within. */
  readonly attach: typeof attestServer;
  /** The demand of the tool `report`: no agent with minimal safety. */
  readonly demand: typeof requireAttestation;
  /** The owners of tasks. */
  readonly tasks: typeof guardTaskStore;
}

const DEFENCES: Defences = {
  gate: attestNodeHandler,
  attach: attestServer,
  demand: requireAttestation,
  tasks: guardTaskStore,
};
const DEMAND: Parameters<typeof requireAttestation>[0] = {
  check: ({ claims }) => claims.attestationMetadata?.safetyLevel !== "minimal",
};
const { any, string } = z;
const V1 = {
  completable,
  ResourceTemplate,
  subscribe: SubscribeRequestSchema,
  schema: (shape: z.ZodRawShape) => shape,
  any,
  string,
};
const V2 = {
  completable: completableV2,
  ResourceTemplate: ResourceTemplateV2,
  subscribe: "resources/subscribe",
  schema: (shape: z.ZodRawShape) => z.object(shape),
  any,
  string,
};
const TASKS = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
const ALL_IS_WELL = { content: [{ type: "text" as const, text: "all is well" }] };

type Start = (guard: AttestationGuard, defences?: Partial<Defences>) => Promise<HttpServer>;

/** A server of the first SDK with sessions, guarded in front and within. */
export const startHttpServer: Start = (guard, defences = {}) => listen((own) => sessionsOf(own, defences), guard);

/** A server of the second SDK, without sessions, in both eras. */
export const startStatelessServer: Start = (guard, defences = {}) => listen((own) => statelessOf(own, defences), guard);

type Handle = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

function sessionsOf(guard: AttestationGuard, defences: Partial<Defences>): Handle {
  const { gate, attach, demand, tasks } = { ...DEFENCES, ...defences };
  const taskStore = tasks(acrossSessions(new InMemoryTaskStore()), guard);
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        transports.set(id, transport);
      },
      onsessionclosed: (id) => {
        transports.delete(id);
      },
    });
    const server = attach(
      new McpServer({ name: "guarded", version: "1.0.0" }, { taskStore, capabilities: TASKS }),
      guard,
    );
    server.registerTool(
      "report",
      {},
      demand(DEMAND, () => ALL_IS_WELL),
    );
    addLab(server, { demand: (handler, more) => demand({ ...DEMAND, ...more }, handler), ...V1 });
    addTask(server);
    await server.connect(transport as Parameters<McpServer["connect"]>[0]);
    return transport;
  };
  const handler: NodeHandler = async (req, res, body) => {
    const id = req.headers["mcp-session-id"];
    const known = typeof id === "string" ? transports.get(id) : undefined;
    await (known ?? (await open())).handleRequest(req, res, body);
  };
  return gate(relaying(handler), guard);
}

function statelessOf(guard: AttestationGuard, defences: Partial<Defences>): Handle {
  const { gate, attach, demand } = { ...DEFENCES, ...defences };
  const { fetch } = createMcpHandler(() => {
    const server = attach(new McpServerV2({ name: "guarded", version: "2.0.0" }), guard);
    server.registerTool(
      "report",
      {},
      demand(DEMAND, () => ALL_IS_WELL),
    );
    addLab(server, { demand: (handler, more) => demand({ ...DEMAND, ...more }, handler), ...V2 });
    return server;
  });
  const handler: NodeHandler = async (req, res, parsedBody) => {
    const url = `http://127.0.0.1${req.url ?? "/"}`;
    const { method = "GET", headers } = req;
    const fields = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const response = await fetch(new Request(url, { method, headers: fields }), { parsedBody });
    res.writeHead(response.status, Object.fromEntries(response.headers));
    for await (const chunk of response.body ?? []) res.write(chunk);
    res.end();
  };
  return gate(relaying(handler), guard);
}

/** How many arguments of a task store's functions come before the session's id. */
const BEFORE_SESSION: Readonly<Record<string, number>> = {
  createTask: 3,
  getTask: 1,
  getTaskResult: 1,
  listTasks: 1,
  storeTaskResult: 3,
  updateTaskStatus: 3,
};

/** A store as durable ones are: an agent finds its tasks again in its next session. */
function acrossSessions<S extends object>(store: S): S {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => value.apply(target, args.slice(0, BEFORE_SESSION[String(name)]));
    },
  });
}

/** A handler that also passes on the field by which a server that it called refused it. */
function relaying(handler: NodeHandler): NodeHandler {
  return (req, res, body, next) => {
    const { params } = (body ?? {}) as { params?: { name?: unknown } };
    if (params?.name === "relay") res.setHeader(HTTP_FIELDS.error, "attestation_expired");
    return handler(req, res, body, next);
  };
}

async function listen(start: (guard: AttestationGuard) => Handle, guard: AttestationGuard): Promise<HttpServer> {
  let handle = start(guard);
  const server = createServer((req, res) => {
    handle(req, res).catch(() => {
      if (!res.headersSent) res.writeHead(500);
      res.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    restart: (next) => {
      handle = start(next);
    },
    close: () => close(server),
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
