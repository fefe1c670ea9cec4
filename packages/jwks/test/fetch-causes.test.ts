import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { type KeyFetchCause, KeyPair } from "@attest/core";
import { beforeAll, expect, it, vi } from "vitest";
import type { HostLookup } from "../src/index.ts";
import {
  document,
  type HostileServer,
  ISSUER,
  jwks,
  openHostileServer,
  resolverFor,
  webResolver,
  wordsOf,
} from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const key = await KeyPair.generate({ kid: "a" });
const good = jwks([key.toJwk()]);

const NOWHERE: HostLookup = (_hostname, _options, callback) =>
  callback(Object.assign(new Error("canary"), { code: "ENOTFOUND" }), []);

const timedOut = new DOMException("canary", "TimeoutError");

/** Why each fetch fails, as a label; on a real connection where there is one. */
const CAUSES: readonly [string, KeyFetchCause, (server: HostileServer) => ReturnType<typeof resolverFor>][] = [
  ["a private address", "address", (server) => resolverFor(server, { allowPrivateNetwork: false })],
  ["a name that does not resolve", "dns", (server) => resolverFor(server, { lookup: NOWHERE })],
  [
    "a port where nobody listens",
    "connection",
    (server) => resolverFor({ ...server, url: atPort(server, closedPort) }),
  ],
  [
    "a connection that ends",
    "connection",
    (server) => {
      server.answer = (_req, res) => res.socket?.destroy();
      return resolverFor(server);
    },
  ],
  [
    "a certificate for another name",
    "tls",
    (server) => resolverFor({ ...server, url: server.url.replace("keys.", "other.") }),
  ],
  ["plain HTTP where TLS is expected", "tls", (server) => resolverFor({ ...server, url: atPort(server, plainPort) })],
  [
    "an answer that does not come",
    "timeout",
    (server) => {
      server.answer = () => {};
      return resolverFor(server, { timeoutMs: 1500 });
    },
  ],
  ["a redirect", "redirect", (server) => answering(server, document("", { location: "/" }, 302))],
  ["another status", "status", (server) => answering(server, document("", {}, 404))],
  ["a body beyond the limit", "size", (server) => answering(server, document(" ".repeat(300_000)))],
  ["no key set", "content", (server) => answering(server, document("<html>"))],
  ["a broken encoding", "content", (server) => answering(server, document("no gzip", { "content-encoding": "gzip" }))],
  ["no HTTP", "content", (server) => answering(server, (_req, res) => res.socket?.end("SSH-2.0-hello\r\n"))],
  ["a fetch of somebody else's that gave up", "timeout", () => webResolver(() => Promise.reject(timedOut))],
  ["a fetch of somebody else's that throws", "other", () => webResolver(() => Promise.reject(new Error("canary")))],
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

function answering(server: HostileServer, answer: RequestListener): ReturnType<typeof resolverFor> {
  server.answer = answer;
  return resolverFor(server);
}

it.each(CAUSES)("tells by its cause that a fetch failed for %s: %s (O2)", async (_what, cause, resolverOf) => {
  const { outcome, events } = resolverOf(await openHostileServer(good));
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(events).toEqual([
    {
      type: "key-fetch",
      outcome: "failed",
      issuer: ISSUER,
      code: cause === "content" ? expect.stringMatching(/^ERR_KEY_(FORMAT|SOURCE_UNAVAILABLE)$/) : UNAVAILABLE,
      cause,
      duration: expect.any(Number),
    },
  ]);
});

it("tells by its cause that a fetch ended because the resolver was closed, and names none for one that succeeded", async () => {
  const server = await openHostileServer(good);
  const { resolver, outcome, events, time } = resolverFor(server);
  await outcome("a");
  server.answer = () => {};
  time.now += 3600;
  const pending = outcome("a");
  await vi.waitFor(() => expect(server.hits).toBe(2));
  await resolver.close();
  await pending;
  const fetches = events.filter((event) => event.type === "key-fetch");
  expect(fetches).toEqual([
    expect.not.objectContaining({ cause: expect.anything() }),
    expect.objectContaining({ cause: "closed" }),
  ]);
});

it("says which option lets it fetch from a private address, and which code a refused connection had", async () => {
  const server = await openHostileServer(good);
  const inside = resolverFor(server, { allowPrivateNetwork: false });
  expect(await wordsOf(() => inside.resolver.resolve(ISSUER, "a"))).toContain("allowPrivateNetwork");
  const nobody = resolverFor({ ...server, url: atPort(server, closedPort) });
  const words = await wordsOf(() => nobody.resolver.resolve(ISSUER, "a"));
  expect(words).toContain("could not be reached (ECONNREFUSED)");
  expect(words).not.toContain("in time");
});
