import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { onTestFinished } from "vitest";
import { createTestCa, type TestCa } from "./create-test-ca.ts";

const HOST = "keys.example";

/** One authority for all servers of a test file: making it costs more than most tests. */
const testCa: Promise<TestCa> = createTestCa([HOST], ["127.0.0.1"]);

/** A real HTTPS server on loopback that answers as a test says. It ends with the test. */
export interface HostileServer {
  /** By name; `loopback` finds it. */
  readonly url: string;
  readonly port: number;
  /** The authority that issued its certificate, as PEM. */
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

/** Opens a server for the test that runs. */
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
    url: `https://${HOST}:${port}/document`,
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
