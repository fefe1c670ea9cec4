import { AttestationError } from "@attest/core";
import type { AttestationGuard } from "../guard/attestation-guard.ts";
import { attestServerTransport, isGuardedBy } from "./attest-server-transport.ts";
import type { TransportLike } from "./transport-like.ts";

const attestedServers = new WeakSet<object>();

/**
 * Guards a `Server` or `McpServer` of either SDK: whatever transport it connects to from now on, nothing reaches a handler
 * that the guard has not let through.
 *
 * @returns The same server. @throws AttestationError `ERR_ALREADY_ATTESTED` if it is guarded already, `ERR_OPTION` if it
 * is connected already; from `connect`, `ERR_ALREADY_ATTESTED` for a transport with another guard.
 */
// biome-ignore lint/suspicious/noExplicitAny: the SDKs' own transport types, which this package does not import
export function attestServer<S extends { connect(transport: any): Promise<void> }>(
  server: S,
  guard: AttestationGuard,
): S {
  if (attestedServers.has(server)) throw new AttestationError("ERR_ALREADY_ATTESTED", "The server is guarded already");
  const { transport, server: inner } = server as { transport?: unknown; server?: { transport?: unknown } };
  if (transport !== undefined || inner?.transport !== undefined) {
    throw new AttestationError("ERR_OPTION", "server must be guarded before it is connected");
  }
  // An `McpServer` can also be connected through the `Server` inside it.
  for (const each of [server, inner] as (S | undefined)[]) {
    const connect = each?.connect;
    if (!each || typeof connect !== "function") continue;
    each.connect = async (transport: TransportLike) =>
      connect.call(each, isGuardedBy(guard, transport) ? transport : attestServerTransport(transport, guard));
  }
  attestedServers.add(server);
  return server;
}
