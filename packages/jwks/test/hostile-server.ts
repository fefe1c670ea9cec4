import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { AttestationError, AttestationEvent, MaybePromise } from "@attest/core";
import { onTestFinished } from "vitest";
import { type HostLookup, HttpKeyResolver, type HttpKeyResolverOptions } from "../src/index.ts";
import { createTestCa, type TestCa } from "./test-ca.ts";

export const ISSUER = "https://authority.example";

/** One authority for all servers of a test file: making it costs more than most tests. */
const testCa: Promise<TestCa> = createTestCa(["keys.example"], ["127.0.0.1"]);

/** Answers every name with the loopback address. */
export const loopback: HostLookup = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: "127.0.0.1", family: 4 }]);
  else callback(null, "127.0.0.1", 4);
};

/** A real HTTPS server on loopback that answers as a test tells it to. */
export interface HostileServer {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  /** Requests so far. */
  hits: number;
  /** Connections so far, whether or not a request came over them. */
  connections: number;
  /** The requests' `If-None-Match`, in order. */
  readonly revalidations: (string | undefined)[];
  answer: RequestListener;
  /** Resolves when every connection is closed. */
  idle(): Promise<void>;
}

export async function openHostileServer(answer: RequestListener): Promise<HostileServer> {
  const { ca, server: certificate } = await testCa;
  const sockets = new Set<Duplex>();
  const idle = new Set<() => void>();
  const server = createServer(certificate, (req: IncomingMessage, res: ServerResponse) => {
    hostile.hits++;
    hostile.revalidations.push(req.headers["if-none-match"]);
    hostile.answer(req, res);
  });
  server.on("connection", (socket) => {
    hostile.connections++;
    sockets.add(socket);
    socket.on("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) for (const resolve of idle) resolve();
    });
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const hostile: HostileServer = {
    url: `https://keys.example:${port}/jwks.json`,
    port,
    ca,
    hits: 0,
    connections: 0,
    revalidations: [],
    answer,
    idle: () => (sockets.size === 0 ? Promise.resolve() : new Promise((resolve) => idle.add(resolve))),
  };
  return hostile;
}

/** A server's answer with a key set, and whatever header fields. */
export function jwks(keys: readonly unknown[], headers: Record<string, string> = {}): RequestListener {
  return document(JSON.stringify({ keys }), { "content-type": "application/jwk-set+json", ...headers });
}

export function document(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): RequestListener {
  return (_req, res) => {
    res.writeHead(status, headers).end(body);
  };
}

/** A resolver that finds a hostile server by name, over TLS, or has a fetch of its own; with its time in the test's hand. */
export function resolverFor(
  server: Pick<HostileServer, "url" | "ca">,
  options: Partial<HttpKeyResolverOptions> = {},
): { resolver: HttpKeyResolver; time: { now: number }; events: AttestationEvent[]; outcome: Outcome } {
  const time = { now: 1_800_000_000 };
  const events: AttestationEvent[] = [];
  const resolver = new HttpKeyResolver({
    issuers: { [ISSUER]: { jwksUri: server.url } },
    ...(options.fetch
      ? { allowUncheckedAddresses: true }
      : { allowPrivateNetwork: true, ca: server.ca, lookup: loopback }),
    // On a busy machine a handshake can take its time.
    timeoutMs: 60_000,
    clock: () => time.now,
    observer: { onEvent: (event) => events.push(event) },
    ...options,
  });
  onTestFinished(() => resolver.close());
  return { resolver, time, events, outcome: (kid) => outcomeOf(() => resolver.resolve(ISSUER, kid)) };
}

/** What a resolution comes to: the key's thumbprint, `none`, or the code of its error. */
export type Outcome = (kid: string) => Promise<string>;

export async function outcomeOf(work: () => MaybePromise<{ thumbprint: string } | undefined>): Promise<string> {
  try {
    return (await work())?.thumbprint ?? "none";
  } catch (error) {
    return (error as AttestationError).code;
  }
}

/** The messages of an error and everything that caused it. */
export async function wordsOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "";
  } catch (error) {
    const words: string[] = [];
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
      words.push(cause.message, JSON.stringify(cause), cause.stack ?? "");
    }
    return words.join("\n");
  }
}

/** A resolver with a fetch of its own, and no connection. */
export function webResolver(fetch: () => Promise<Response>, options: { timeoutMs?: number } = {}) {
  return resolverFor({ url: "https://keys.example/", ca: "" }, { fetch, ...options });
}
