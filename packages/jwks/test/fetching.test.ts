import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { AttestationError, KeyPair } from "@attest/core";
import { expect, it, onTestFinished } from "vitest";
import { type HostLookup, HttpKeyResolver } from "../src/index.ts";
import {
  document,
  type HostileServer,
  ISSUER,
  jwks,
  loopback,
  openHostileServer,
  outcomeOf,
  resolverFor,
  webResolver,
  wordsOf,
} from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const key = await KeyPair.generate({ kid: "a" });
const good = jwks([key.toJwk()]);

it("fetches over HTTPS by name, from a server whose certificate is right", async () => {
  const server = await openHostileServer(good);
  const { resolver } = resolverFor(server);
  expect(await resolver.resolve(ISSUER, "a")).toMatchObject({ kid: "a", algorithm: "Ed25519" });
});

it("refuses a certificate of an unknown authority or for another name, whatever the environment says", async () => {
  const server = await openHostileServer(good);
  const { ca: _, ...untrusted } = server;
  const issuers = { [ISSUER]: { jwksUri: server.url } };
  const stranger = new HttpKeyResolver({ issuers, allowPrivateNetwork: true, lookup: loopback });
  onTestFinished(() => stranger.close());
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  onTestFinished(() => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  });
  expect(await outcomeOf(() => stranger.resolve(ISSUER, "a"))).toBe(UNAVAILABLE);
  const other = resolverFor({ ...untrusted, ca: server.ca, url: server.url.replace("keys.", "other.") });
  expect(await other.outcome("a")).toBe(UNAVAILABLE);
  expect(server.connections).toBe(2);
  expect(server.hits).toBe(0);
});

it("fetches over http: where that is allowed by name", async () => {
  const server = createHttpServer(good);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://keys.example:${(server.address() as AddressInfo).port}/`;
  const { ca } = await openHostileServer(good);
  expect(await resolverFor({ url, ca }, { allowInsecureHttp: true }).outcome("a")).toHaveLength(43);
  const checked = resolverFor({ url, ca }, { allowInsecureHttp: true, allowPrivateNetwork: false });
  expect(await checked.outcome("a")).toBe(UNAVAILABLE);
});

it.each([301, 302, 303, 307, 308])(
  "does not follow a redirect with status %s to an internal address (J1, SPEC-8.11)",
  async (status) => {
    const internal = await openHostileServer(good);
    const server = await openHostileServer(document("", { location: internal.url }, status));
    const { outcome } = resolverFor(server);
    expect(await outcome("a")).toBe(UNAVAILABLE);
    expect(server.hits).toBe(1);
    expect(internal.connections).toBe(0);
  },
);

it("does not believe a fetch of somebody else's that followed a redirect (J1)", async () => {
  const answers = [
    Object.defineProperty(Response.json({ keys: [key.toJwk()] }), "redirected", { value: true }),
    Object.defineProperty(Response.json({ keys: [key.toJwk()] }), "type", { value: "opaqueredirect" }),
  ];
  for (const answer of answers) {
    const { outcome } = webResolver(async () => answer);
    expect(await outcome("a")).toBe(UNAVAILABLE);
  }
});

it.each([
  "127.0.0.1",
  "127.1",
  "0x7f000001",
  "2130706433",
  "0.0.0.0",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "168.63.129.16",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:8.8.8.8]",
  "[::127.0.0.1]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[64:ff9b::7f00:1]",
  "[2001::1]",
  "[2001:db8::1]",
  "[2002:7f00:1::]",
])("refuses the address %s in a URL, which no lookup sees (J2)", async (host) => {
  const server = await openHostileServer(good);
  const { resolver } = resolverFor(
    { ...server, url: `https://${host}:${server.port}/jwks.json` },
    { allowPrivateNetwork: false },
  );
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("not at a public address");
  expect(server.connections).toBe(0);
});

it("reaches a loopback address only where that is allowed by name (J2, SPEC-8.11)", async () => {
  const server = await openHostileServer(good);
  const url = `https://127.0.0.1:${server.port}/`;
  expect(await resolverFor({ ...server, url }).outcome("a")).not.toBe(UNAVAILABLE);
  expect(await resolverFor({ ...server, url }, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(await resolverFor(server, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(server.connections).toBe(1);
});

/** Of the global range, and given to nobody. */
const PUBLIC = { address: "2e00::1", family: 6 };
const LOOPBACK = { address: "127.0.0.1", family: 4 };

it("refuses a name with one private address among public ones (J2)", async () => {
  const server = await openHostileServer(good);
  const lookup: HostLookup = (_hostname, _options, callback) => callback(null, [PUBLIC, LOOPBACK]);
  const { resolver } = resolverFor(server, { allowPrivateNetwork: false, lookup });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("not at a public address");
  expect(server.connections).toBe(0);
});

it("refuses a name that first has a public address, then a loopback one (J2)", async () => {
  const server = await openHostileServer(good);
  const answers = [PUBLIC, LOOPBACK];
  const lookup: HostLookup = (_hostname, options, callback) => {
    const { address, family } = answers.shift() ?? LOOPBACK;
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
  const { resolver, time } = resolverFor(server, { allowPrivateNetwork: false, lookup, timeoutMs: 100 });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).not.toContain("not at a public address");
  expect(answers).toEqual([LOOPBACK]);
  time.now += 60;
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("not at a public address");
  expect(answers).toEqual([]);
  expect(server.connections).toBe(0);
});

it("sends nothing over a connection that went elsewhere than its lookup said (J2, SPEC-8.11)", async () => {
  const server = await openHostileServer(good);
  let reads = 0;
  // Public when it is looked at, loopback when it is connected to.
  const shifting = {
    family: 4,
    get address() {
      return reads++ === 0 ? "8.8.8.8" : "127.0.0.1";
    },
  };
  const lookup: HostLookup = (_hostname, _options, callback) => callback(null, [shifting]);
  const { resolver } = resolverFor(server, { allowPrivateNetwork: false, lookup });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("not at a public address");
  expect(server.connections).toBe(1);
  expect(server.hits).toBe(0);
  await server.idle();
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

/** Servers that are slow for ever, one byte at a time where they can, so that only a deadline over all of it ends them. */
const SLOW: readonly [string, (server: HostileServer) => void][] = [
  [
    "headers",
    (server) => {
      server.answer = (_req, res) => drip(res.socket, "HTTP/1.1 200 OK\r\nx-slow: ");
    },
  ],
  [
    "body",
    (server) => {
      server.answer = (_req, res) => {
        res.writeHead(200).write('{"keys":[');
        drip(res, " ");
      };
    },
  ],
  [
    "answer",
    (server) => {
      server.answer = () => {};
    },
  ],
];

function drip(
  to: { write(text: string): unknown; on(event: "close", listener: () => void): unknown } | null,
  start: string,
): void {
  to?.write(start);
  const timer = setInterval(() => to?.write(" "), 10);
  to?.on("close", () => clearInterval(timer));
  onTestFinished(() => clearInterval(timer));
}

it.each(SLOW)("gives up on a server that is slow with its %s, and hangs up (J3, SPEC-8.12)", async (_phase, slow) => {
  const server = await openHostileServer(good);
  slow(server);
  const { resolver } = resolverFor(server, { timeoutMs: 1500 });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("did not answer in time");
  expect(server.hits).toBe(1);
  await server.idle();
});

it("gives up on a server that is slow with its handshake, and hangs up (J3)", async () => {
  let closed = (): void => {};
  const hungUp = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = createServer((socket) => {
    socket.resume();
    socket.on("error", () => {});
    socket.on("close", closed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `https://keys.example:${(server.address() as AddressInfo).port}/`;
  const { ca } = await openHostileServer(good);
  const { resolver } = resolverFor({ url, ca }, { timeoutMs: 150 });
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("did not answer in time");
  await hungUp;
});

it("gives up on a lookup and on a fetch that never answer and heed no signal (J3)", async () => {
  const server = await openHostileServer(good);
  const stuck = resolverFor(server, { timeoutMs: 50, lookup: () => {} });
  expect(await wordsOf(() => stuck.resolver.resolve(ISSUER, "a"))).toContain("did not answer in time");
  const deaf = webResolver(() => new Promise(() => {}), { timeoutMs: 50 });
  expect(await deaf.outcome("a")).toBe(UNAVAILABLE);
  const endless = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  const bodiless = webResolver(async () => endless, { timeoutMs: 50 });
  expect(await bodiless.outcome("a")).toBe(UNAVAILABLE);
});

it("hangs up on the answer of a fetch that heeds no signal and comes too late (J3)", async () => {
  let answer: (response: Response) => void = () => {};
  const late = webResolver(
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
    { timeoutMs: 50 },
  );
  expect(await late.outcome("a")).toBe(UNAVAILABLE);
  const hungUp = new Promise<void>((resolve) => {
    answer(new Response(new ReadableStream({ pull: () => new Promise(() => {}), cancel: () => resolve() })));
  });
  await hungUp;
});

const huge = Buffer.alloc(50 * 1024 * 1024, " ");

it.each([
  ["plain", huge, {}],
  ["gzip", gzipSync(huge), { "content-encoding": "gzip" }],
  ["brotli", brotliCompressSync(huge.subarray(0, 8 * 1024 * 1024)), { "content-encoding": "br" }],
  ["gzip in gzip", gzipSync(gzipSync(huge)), { "content-encoding": "gzip, gzip" }],
])("stops reading a huge body that arrives as %s (J4)", async (_encoding, body, headers) => {
  const server = await openHostileServer(document(body, headers));
  const { resolver } = resolverFor(server);
  expect(await wordsOf(() => resolver.resolve(ISSUER, "a"))).toContain("sent more than 262144 bytes");
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

it("asks caches on the way to ask the source, which may have removed a key (J10)", async () => {
  const server = await openHostileServer(good);
  let asked: string | undefined;
  server.answer = (req, res) => {
    asked = req.headers["cache-control"];
    good(req, res);
  };
  await resolverFor(server).outcome("a");
  expect(asked).toBe("no-cache");
});

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
