import { optionError } from "@attest/core";
import type { ConnectionOptions, Connections } from "./connection.ts";

/**
 * Outside Node no client can check the addresses that it connects to, so there is no default one. That includes Deno and
 * Bun: their replacements for Node's sockets and for undici do not promise to call `lookup`.
 *
 * @throws AttestationError `ERR_OPTION`, always.
 */
export function openConnections(_options: ConnectionOptions): Connections {
  throw optionError("fetch", "must be given outside Node, with allowUncheckedAddresses: it decides where to connect");
}
