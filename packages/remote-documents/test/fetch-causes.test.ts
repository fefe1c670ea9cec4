import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { answer, type HostileServer, openHostileServer } from "hostile-server";
import { beforeAll, expect, it, vi } from "vitest";
import type { FetchCause, HostLookup } from "../src/index.ts";
import { documentAt, documentBehind, names, UNAVAILABLE, wordsOf } from "./names.ts";

const good = names(["a"]);

const NOWHERE: HostLookup = (_hostname, _options, callback) =>
  callback(Object.assign(new Error("canary"), { code: "ENOTFOUND" }), []);

const timedOut = new DOMException("canary", "TimeoutError");

/** Why each fetch fails, as a label; on a real connection where there is one. */
const CAUSES: readonly [string, FetchCause, (server: HostileServer) => ReturnType<typeof documentAt>][] = [
  ["a private address", "address", (server) => documentAt(server, { allowPrivateNetwork: false })],
  ["a name that does not resolve", "dns", (server) => documentAt(server, { lookup: NOWHERE })],
  ["a port where nobody listens", "connection", (server) => documentAt({ ...server, url: atPort(server, closedPort) })],
  [
    "a connection that ends",
    "connection",
    (server) => {
      server.answer = (_req, res) => res.socket?.destroy();
      return documentAt(server);
    },
  ],
  [
    "a certificate for another name",
    "tls",
    (server) => documentAt({ ...server, url: server.url.replace("keys.", "other.") }),
  ],
  ["plain HTTP where TLS is expected", "tls", (server) => documentAt({ ...server, url: atPort(server, plainPort) })],
  [
    "an answer that does not come",
    "timeout",
    (server) => {
      server.answer = () => {};
      return documentAt(server, { timeoutMs: 1500 });
    },
  ],
  ["a redirect", "redirect", (server) => answering(server, answer("", { location: "/" }, 302))],
  ["another status", "status", (server) => answering(server, answer("", {}, 404))],
  ["a body beyond the limit", "size", (server) => answering(server, answer(" ".repeat(300_000)))],
  ["what the parser refuses", "content", (server) => answering(server, answer("<html>"))],
  ["a broken encoding", "content", (server) => answering(server, answer("no gzip", { "content-encoding": "gzip" }))],
  ["no HTTP", "content", (server) => answering(server, (_req, res) => res.socket?.end("SSH-2.0-hello\r\n"))],
  ["a fetch of somebody else's that gave up", "timeout", () => documentBehind(() => Promise.reject(timedOut))],
  ["a fetch of somebody else's that throws", "other", () => documentBehind(() => Promise.reject(new Error("canary")))],
];

let plainPort: number;
/** Where nobody listens any more. */
let closedPort: number;

beforeAll(async () => {
  const plain = createHttpServer(good);
  const closed = createServer();
  for (const server of [plain, closed]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  [plainPort, closedPort] = [plain, closed].map((server) => (server.address() as AddressInfo).port) as [number, number];
  await new Promise((resolve) => closed.close(resolve));
  return () => new Promise((resolve) => plain.close(resolve));
});

const atPort = ({ url }: HostileServer, port: number): string => url.replace(/:\d+/, `:${port}`);

function answering(server: HostileServer, listener: RequestListener): ReturnType<typeof documentAt> {
  server.answer = listener;
  return documentAt(server);
}

it.each(CAUSES)("says by its cause that a fetch failed for %s: %s (O2)", async (_what, cause, documentOf) => {
  const { outcome, results } = documentOf(await openHostileServer(good));
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(results).toEqual([
    { outcome: "failed", cause, error: expect.any(Error), served: { phase: "none" }, duration: expect.any(Number) },
  ]);
});

it("says by its cause that a fetch ended because the client was closed, and names none for one that succeeded", async () => {
  const server = await openHostileServer(good);
  const { client, outcome, results, time } = documentAt(server);
  await outcome("a");
  server.answer = () => {};
  time.now += 3600;
  const pending = outcome("a");
  await vi.waitFor(() => expect(server.hits).toBe(2));
  await client.close();
  expect([await pending, await outcome("a")]).toEqual([UNAVAILABLE, UNAVAILABLE]);
  expect(results).toEqual([
    expect.not.objectContaining({ cause: expect.anything() }),
    expect.objectContaining({ cause: "closed" }),
  ]);
  await server.idle();
});

it("says which option lets it fetch from a private address, and which code a refused connection had", async () => {
  const server = await openHostileServer(good);
  const inside = documentAt(server, { allowPrivateNetwork: false });
  expect(await wordsOf(() => inside.find("a"))).toContain("allowPrivateNetwork");
  const nobody = documentAt({ ...server, url: atPort(server, closedPort) });
  const words = await wordsOf(() => nobody.find("a"));
  expect(words).toContain("could not be reached (ECONNREFUSED)");
  expect(words).not.toContain("in time");
});
