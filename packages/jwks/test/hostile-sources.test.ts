import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { AttestationError, KeyPair } from "@attest/core";
import { expect, it } from "vitest";
import { HttpKeyResolver } from "../src/index.ts";
import { document, ISSUER, jwks, openHostileServer, resolverFor, webResolver, wordsOf } from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const key = await KeyPair.generate({ kid: "a" });
const good = jwks([key.toJwk()]);

it("does not follow a redirect to an internal address (J1, SPEC-8.11)", async () => {
  const internal = await openHostileServer(good);
  const server = await openHostileServer(document("", { location: internal.url }, 302));
  const { outcome } = resolverFor(server);
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect([server.hits, internal.connections]).toEqual([1, 0]);
});

it("reaches a loopback address only where that is allowed by name (J2, SPEC-8.11)", async () => {
  const server = await openHostileServer(good);
  const url = `https://127.0.0.1:${server.port}/`;
  expect(await resolverFor({ ...server, url }).outcome("a")).not.toBe(UNAVAILABLE);
  expect(await resolverFor({ ...server, url }, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(await resolverFor(server, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(server.connections).toBe(1);
});

it("takes a fetch of somebody else's only with the acknowledgement that it checks no address (J2)", async () => {
  const issuers = { [ISSUER]: { jwksUri: "https://keys.example/" } };
  const fetch = async () => Response.json({ keys: [key.toJwk()] });
  expect(() => new HttpKeyResolver({ issuers, fetch })).toThrow(/allowUncheckedAddresses/);
  expect(() => new HttpKeyResolver({ issuers, fetch, allowPrivateNetwork: true })).toThrow(/allowUncheckedAddresses/);
  expect(() => new HttpKeyResolver({ issuers, allowUncheckedAddresses: true })).toThrow(/allowUncheckedAddresses/);
  const resolver = new HttpKeyResolver({ issuers, fetch, allowUncheckedAddresses: true });
  expect(await resolver.resolve(ISSUER, "a")).toMatchObject({ kid: "a" });
});

it("gives up on a server that is slow with its body, and hangs up (J3, SPEC-8.12)", async () => {
  const server = await openHostileServer((_req, res) => res.writeHead(200).write('{"keys":['));
  const { resolver } = resolverFor(server, { timeoutMs: 1500 });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("did not answer in time");
  await server.idle();
});

it("takes a body of exactly the limit and none of a byte more (J4, SPEC-8.12)", async () => {
  const body = JSON.stringify({ keys: [key.toJwk()] });
  const server = await openHostileServer(document(gzipSync(body), { "content-encoding": "gzip" }));
  expect(await resolverFor(server, { maxBytes: body.length }).outcome("a")).not.toBe(UNAVAILABLE);
  expect(await resolverFor(server, { maxBytes: body.length - 1 }).outcome("a")).toBe(UNAVAILABLE);
});

it.each([
  ["a web page", document("<!doctype html><title>Sign in</title>", { "content-type": "text/html" })],
  ["nothing", document("")],
  ["JSON of another shape", document("[]")],
  ["keys that are no list", document('{"keys":{}}')],
  ["two lists of keys", document('{"keys":[],"keys":[]}')],
  ["a byte-order mark", document('\ufeff{"keys":[]}')],
  ["no UTF-8", document(Buffer.from([0x7b, 0xff, 0x7d]))],
  ["half a document", document('{"keys":[')],
  ["deep nesting", document(`{"keys":${"[".repeat(5000)}${"]".repeat(5000)}}`)],
  ["a broken encoding", document("no gzip", { "content-encoding": "gzip" })],
  ["status 500", document('{"keys":[]}', {}, 500)],
  ["status 404", document('{"keys":[]}', {}, 404)],
  ["status 203", document('{"keys":[]}', {}, 203)],
  ["a 304 to a request without a condition", document("", {}, 304)],
  ["a connection that ends", (_req: IncomingMessage, res: ServerResponse) => res.socket?.destroy()] as const,
  ["no HTTP", (_req: IncomingMessage, res: ServerResponse) => res.socket?.end("SSH-2.0-hello\r\n")] as const,
] as const)(
  "calls a source unavailable that answers with %s, and not one without the key (J8)",
  async (_what, answer) => {
    const server = await openHostileServer(answer);
    expect(await resolverFor(server).outcome("a")).toBe(UNAVAILABLE);
    expect(server.hits).toBe(1);
  },
);

it("shows nothing of what a server, a fetch or a URL says, in errors and in events (O1)", async () => {
  const canary = "canary-6b1f";
  const server = await openHostileServer(document(`{"keys":[],"${canary}":`, { [canary]: canary }));
  const { resolver, events } = resolverFor({ ...server, url: `${server.url}?${canary}` });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).not.toContain(canary);
  const failing = webResolver(async () => {
    throw Object.assign(new Error(canary), { cause: new Error(canary) });
  });
  const words = await wordsOf(() => failing.resolver.resolve(ISSUER, "a"));
  expect(words).toContain("could not be reached");
  expect(words).not.toContain(canary);
  expect(events.length).toBeGreaterThan(0);
  expect(JSON.stringify([events, failing.events])).not.toContain(canary);
});

it("throws its own errors only", async () => {
  const { resolver } = webResolver(() => {
    throw new Error("thrown, not rejected");
  });
  await expect(async () => resolver.resolve(ISSUER, "a")).rejects.toBeInstanceOf(AttestationError);
});
