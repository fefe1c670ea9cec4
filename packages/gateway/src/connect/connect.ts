import type { Readable, Writable } from "node:stream";
import { isJsonObject, optionError, refuseUnknownOptions } from "@attest/core";
import { type AttestingAgent, attestFetch, type FetchLike } from "@attest/mcp-client";

import { LineTransport } from "../process/line-transport.ts";
import { Companion } from "./companion.ts";

/** A server that a host uses through its companion. */
export interface ConnectOptions {
  /** Whose attestations and proofs the companion sends. */
  readonly agent: AttestingAgent;
  /** The server's resource identifier, exactly as configured there. */
  readonly audience: string;
  /** Its MCP endpoint. */
  readonly url: string | URL;
  /** What sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
  /** Where the host writes. Default: this process's stdin. */
  readonly input?: Readable;
  /** Where the host reads. Default: this process's stdout. */
  readonly output?: Writable;
}

/** A companion that runs. */
export interface Connection {
  /** Resolves when the host has ended its input, everything that it asked is answered, and the session has ended. */
  readonly ended: Promise<void>;
  /** Ends at once. */
  close(): void;
}

const MAX_LINE = 16 * 1024 * 1024;

/**
 * A companion of an MCP client that nobody changes: the client starts it as a server over stdio, and it attests what it sends to the
 * real one over HTTP. It renews attestations, asks for tickets, opens sessions again that the server has lost, and keeps streams open.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function connect(options: ConnectOptions): Connection {
  const known = { agent: true, audience: true, url: true, fetch: true, input: true, output: true } as const;
  refuseUnknownOptions(options, known, "connect");
  const { agent, audience, url, fetch: send, input = process.stdin, output = process.stdout } = options;
  if (!URL.canParse(String(url))) throw optionError("url", "must be an absolute URL");
  const endpoint = new URL(url);
  const attested = attestFetch({ agent, audience, endpoint, ...(send && { fetch: send }) });
  const lines = new LineTransport(input, output, MAX_LINE);
  const companion = new Companion(endpoint, attested, (message) => lines.send(message));
  lines.onmessage = (message) => {
    if (isJsonObject(message)) companion.take(message);
  };
  return {
    ended: lines.read().then(() => companion.end()),
    close: () => companion.abort(),
  };
}
