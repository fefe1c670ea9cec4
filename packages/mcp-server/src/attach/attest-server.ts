import { AttestationError, optionError, type TransportLike } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { guardForServer } from "./attest-server-transport.ts";
import { noteSurface } from "./neighbours.ts";
import { Surface } from "./surface.ts";

/** What `attestServer` reads and replaces of a server. */
interface ServerLike {
  connect(transport: TransportLike, ...rest: unknown[]): Promise<void>;
  readonly transport?: unknown;
  readonly setRequestHandler?: unknown;
  readonly server?: ServerLike;
}

/** What a guarded server keeps of its transport. */
interface Assigned {
  readonly guarded: (transport: TransportLike) => TransportLike;
  current: TransportLike | undefined;
}

/** Where a server keeps it: its presence says that the server is guarded. */
const ASSIGNED = Symbol("@attest/mcp-server/transport");

/** One pair of accessors for all servers: with a pair for each, V8 would take every server for one of a kind of its own. */
const ACCESSORS: PropertyDescriptor & ThisType<{ [ASSIGNED]?: Assigned }> = {
  configurable: true,
  enumerable: true,
  get() {
    return this[ASSIGNED]?.current;
  },
  set(transport: TransportLike | undefined) {
    const assigned = this[ASSIGNED];
    if (assigned) assigned.current = transport && assigned.guarded(transport);
  },
};

/**
 * Guards a `Server` or `McpServer` of either SDK: whatever transport it connects to from now on, nothing reaches a handler
 * that the guard has not let through.
 *
 * @returns The same server.
 * @throws AttestationError `ERR_OPTION` if it is not such a server, or connected already; `ERR_ALREADY_ATTESTED` if it is
 * guarded already; from `connect`, `ERR_ALREADY_ATTESTED` for a transport with another guard.
 * @example
 * ```ts
 * import { type AttestationGuard, attestServer } from "@attest/mcp-server";
 * import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
 * import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
 *
 * declare const guard: AttestationGuard;
 * const server = attestServer(new McpServer({ name: "bank", version: "1.0.0" }), guard);
 * await server.connect(new StdioServerTransport());
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: the SDKs' own transport types, which this package does not import
export function attestServer<S extends { connect(transport: any): Promise<void> }>(
  server: S,
  guard: AttestationGuard,
): S {
  const inner = protocolOf(server);
  if (Object.hasOwn(inner, ASSIGNED)) {
    throw new AttestationError(
      "ERR_ALREADY_ATTESTED",
      "The server is guarded already. Guard each server once; one guard may guard many servers",
    );
  }
  if (inner.transport !== undefined) throw optionError("server", "must be guarded before it is connected");
  const surface = new Surface(server);
  const guarded = (transport: TransportLike) => guardForServer(transport, guard, surface);
  // An `McpServer` can also be connected through the `Server` inside it.
  for (const each of new Set([server as unknown as ServerLike, inner])) {
    const { connect } = each;
    each.connect = async (transport, ...rest) => connect.call(each, guarded(transport), ...rest);
  }
  guardAssignment(inner, guarded);
  noteSurface(guard, surface);
  return server;
}

/**
 * The server inside that speaks the protocol.
 *
 * @throws AttestationError `ERR_OPTION` for anything else, such as a framework's own class: its servers are made somewhere
 * inside, and a guard around the outside would see none of their messages.
 */
function protocolOf(server: unknown): ServerLike {
  const outer = (server ?? {}) as Partial<ServerLike>;
  const inner = [outer, outer.server].find((each) => typeof each?.setRequestHandler === "function");
  if (typeof outer.connect === "function" && typeof inner?.connect === "function") return inner as ServerLike;
  const name = (outer as object).constructor?.name ?? typeof server;
  throw optionError(
    "server",
    `must be a Server or McpServer of the MCP SDK, and ${name} is not one. Guard the servers that it makes, or its HTTP ` +
      "endpoint with attestHandler or attestNodeHandler",
  );
}

/**
 * Both SDKs keep the transport in `_transport`. A `connect` that goes around this one, such as that of a base class, still
 * sets it, and finds it guarded.
 */
function guardAssignment(server: ServerLike, guarded: Assigned["guarded"]): void {
  Object.defineProperty(server, ASSIGNED, { value: { guarded, current: undefined } satisfies Assigned });
  Object.defineProperty(server, "_transport", ACCESSORS);
}
