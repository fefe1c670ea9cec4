import { optionError } from "@attest/core";
import type { ConnectionOptions, HttpClient } from "./connection.ts";

/**
 * Outside Node there is no client whose connections could be checked, so there is no default. Deno and Bun are among
 * them: their stand-ins for Node's sockets and for undici do not promise to ask a `lookup`.
 *
 * @throws AttestationError `ERR_OPTION`, always.
 */
export function openHttpClient(_options: ConnectionOptions): HttpClient {
  throw optionError("fetch", "must be given outside Node, with allowUncheckedAddresses: addresses are its to check");
}
