import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { AttestationError } from "@attest/core";
import { answer, type HostileServer, openHostileServer } from "hostile-server";
import { expect, it, onTestFinished } from "vitest";
import { DocumentClient, type HostLookup } from "../src/index.ts";
import { documentAt, documentBehind, names, textOf, UNAVAILABLE, wordsOf } from "./names.ts";

const good = names(["a"]);

it("fetches over HTTPS by name, from a server whose certificate is right", async () => {
  const server = await openHostileServer(good);
  const { find } = documentAt(server);
  expect(await find("a")).toBe("a");
});

it("refuses a certificate of an unknown authority or for another name, whatever the environment says", async () => {
  const server = await openHostileServer(good);
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  onTestFinished(() => {
    delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  });
  for (const stranger of [
    { ...server, ca: "" },
    { ...server, url: server.url.replace("keys.", "other.") },
  ]) {
    const { outcome, results } = documentAt(stranger);
    expect([await outcome("a"), results]).toMatchObject([UNAVAILABLE, [{ cause: "tls" }]]);
  }
  expect(server.connections).toBe(2);
  expect(server.hits).toBe(0);
});

it("fetches over http: where that is allowed by name", async () => {
  const server = createHttpServer(good);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://keys.example:${(server.address() as AddressInfo).port}/`;
  const { ca } = await openHostileServer(good);
  expect(await documentAt({ url, ca }, { allowInsecureHttp: true }).outcome("a")).toBe("found");
  const checked = documentAt({ url, ca }, { allowInsecureHttp: true, allowPrivateNetwork: false });
  expect(await checked.outcome("a")).toBe(UNAVAILABLE);
});

it.each([301, 302, 303, 307, 308])(
  "does not follow a redirect with status %s to an internal address (J1, SPEC-8.11)",
  async (status) => {
    const internal = await openHostileServer(good);
    const server = await openHostileServer(answer("", { location: internal.url }, status));
    const { outcome } = documentAt(server);
    expect(await outcome("a")).toBe(UNAVAILABLE);
    expect(server.hits).toBe(1);
    expect(internal.connections).toBe(0);
  },
);

it("does not believe a fetch of somebody else's that followed a redirect (J1)", async () => {
  const answers = [
    Object.defineProperty(new Response(textOf(["a"])), "redirected", { value: true }),
    Object.defineProperty(new Response(textOf(["a"])), "type", { value: "opaqueredirect" }),
  ];
  for (const answer of answers) {
    const { outcome } = documentBehind(async () => answer);
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
  const { find } = documentAt(
    { ...server, url: `https://${host}:${server.port}/jwks.json` },
    { allowPrivateNetwork: false },
  );
  expect(await wordsOf(() => find("a"))).toContain("not at a public address");
  expect(server.connections).toBe(0);
});

it("reaches a loopback address only where that is allowed by name (J2, SPEC-8.11)", async () => {
  const server = await openHostileServer(good);
  const url = `https://127.0.0.1:${server.port}/`;
  expect(await documentAt({ ...server, url }).outcome("a")).toBe("found");
  expect(await documentAt({ ...server, url }, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(await documentAt(server, { allowPrivateNetwork: false }).outcome("a")).toBe(UNAVAILABLE);
  expect(server.connections).toBe(1);
});

/** Of the global range, and given to nobody. */
const PUBLIC = { address: "2e00::1", family: 6 };
const LOOPBACK = { address: "127.0.0.1", family: 4 };

it("refuses a name with one private address among public ones (J2)", async () => {
  const server = await openHostileServer(good);
  const lookup: HostLookup = (_hostname, _options, callback) => callback(null, [PUBLIC, LOOPBACK]);
  const { find } = documentAt(server, { allowPrivateNetwork: false, lookup });
  expect(await wordsOf(() => find("a"))).toContain("not at a public address");
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
  const { find, time } = documentAt(server, { allowPrivateNetwork: false, lookup, timeoutMs: 100 });
  expect(await wordsOf(() => find("a"))).not.toContain("not at a public address");
  expect(answers).toEqual([LOOPBACK]);
  time.now += 60;
  expect(await wordsOf(() => find("a"))).toContain("not at a public address");
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
  const { find } = documentAt(server, { allowPrivateNetwork: false, lookup });
  expect(await wordsOf(() => find("a"))).toContain("not at a public address");
  expect(server.connections).toBe(1);
  expect(server.hits).toBe(0);
  await server.idle();
});

it("takes a fetch of somebody else's only with the acknowledgement that it checks no address (J2)", async () => {
  const fetch = async () => new Response(textOf(["a"]));
  expect(() => new DocumentClient({ fetch })).toThrow(/allowUncheckedAddresses/);
  expect(() => new DocumentClient({ fetch, allowPrivateNetwork: true })).toThrow(/allowUncheckedAddresses/);
  expect(() => new DocumentClient({ allowUncheckedAddresses: true })).toThrow(/allowUncheckedAddresses/);
  const { find } = documentBehind(fetch, { allowUncheckedAddresses: true });
  expect(await find("a")).toBe("a");
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
  const { find } = documentAt(server, { timeoutMs: 1500 });
  expect(await wordsOf(() => find("a"))).toContain("did not answer in time");
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
  const { find } = documentAt({ url, ca }, { timeoutMs: 150 });
  expect(await wordsOf(() => find("a"))).toContain("did not answer in time");
  await hungUp;
});

it("gives up on a lookup and on a fetch that never answer and ignore the signal (J3)", async () => {
  const server = await openHostileServer(good);
  const stuck = documentAt(server, { timeoutMs: 50, lookup: () => {} });
  expect(await wordsOf(() => stuck.find("a"))).toContain("did not answer in time");
  const deaf = documentBehind(() => new Promise(() => {}), { timeoutMs: 50 });
  expect(await deaf.outcome("a")).toBe(UNAVAILABLE);
  const endless = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  const bodiless = documentBehind(async () => endless, { timeoutMs: 50 });
  expect(await bodiless.outcome("a")).toBe(UNAVAILABLE);
});

it("hangs up on the answer of a fetch that ignores the signal and comes too late (J3)", async () => {
  let answer: (response: Response) => void = () => {};
  const late = documentBehind(
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
  const server = await openHostileServer(answer(body, headers));
  const { find } = documentAt(server);
  expect(await wordsOf(() => find("a"))).toContain("sent more than 262144 bytes");
  await server.idle();
});

it("stops reading a compressed body that is endless and decompresses to nothing (J4)", async () => {
  const server = await openHostileServer((_req, res) => {
    // The header of a gzip member whose file name does not end (RFC 1952 §2.3).
    res.writeHead(200, { "content-encoding": "gzip" }).write(Buffer.from([0x1f, 0x8b, 8, 0x08, 0, 0, 0, 0, 0, 3]));
    const name = Buffer.alloc(64 * 1024, "a");
    const fill = () => {
      while (!res.destroyed && res.write(name));
    };
    res.on("drain", fill);
    fill();
  });
  const { find } = documentAt(server);
  expect(await wordsOf(() => find("a"))).toContain("sent more than 262144 bytes");
  await server.idle();
});

it("takes a document of exactly the limit that an encoding makes longer (J4)", async () => {
  const text = textOf([`a${"b".repeat(90)}`]);
  const stored = gzipSync(text, { level: 0 });
  const server = await openHostileServer(answer(stored, { "content-encoding": "gzip" }));
  expect(stored.byteLength).toBeGreaterThan(text.length);
  expect(await documentAt(server, { maxBytes: text.length }).outcome("a")).toBe("none");
});

it("takes a body of exactly the limit and none of a byte more (J4, SPEC-8.12)", async () => {
  const body = textOf(["a"]);
  const server = await openHostileServer(answer(gzipSync(body), { "content-encoding": "gzip" }));
  expect(await documentAt(server, { maxBytes: body.length }).outcome("a")).toBe("found");
  expect(await documentAt(server, { maxBytes: body.length - 1 }).outcome("a")).toBe(UNAVAILABLE);
});

it.each([
  ["what the parser refuses", answer("<!doctype html><title>Sign in</title>")],
  ["nothing", answer("")],
  ["a broken encoding", answer("no gzip", { "content-encoding": "gzip" })],
  ["status 500", answer(textOf(["a"]), {}, 500)],
  ["status 404", answer(textOf(["a"]), {}, 404)],
  ["status 203", answer(textOf(["a"]), {}, 203)],
  ["a 304 to a request without a condition", answer("", {}, 304)],
  ["a connection that ends", (_req: IncomingMessage, res: ServerResponse) => res.socket?.destroy()] as const,
  ["no HTTP", (_req: IncomingMessage, res: ServerResponse) => res.socket?.end("SSH-2.0-hello\r\n")] as const,
] as const)(
  "reports as unavailable, and not as absent, what a source that sends %s may have (J8)",
  async (_what, sent) => {
    const server = await openHostileServer(sent);
    expect(await documentAt(server).outcome("a")).toBe(UNAVAILABLE);
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
  await documentAt(server).outcome("a");
  expect(asked).toBe("no-cache");
});

it("shows nothing of what a server, a fetch, a parser or a URL says, in errors and results (O1)", async () => {
  const canary = "canary-6b1f";
  const server = await openHostileServer(answer(`{"names":["${canary}",`, { [canary]: canary }));
  const parsing = documentAt({ ...server, url: `${server.url}?${canary}` });
  const throwing = documentAt(server, {}, { parse: (body) => JSON.parse(new TextDecoder().decode(body)) });
  const failing = documentBehind(async () => {
    throw Object.assign(new Error(canary), { cause: new Error(canary) });
  });
  const words = await Promise.all([parsing, throwing, failing].map(({ find }) => wordsOf(() => find("a"))));
  expect(words[0]).toContain("The list is not JSON with names");
  expect(words[1]).toContain("The list's source sent something that cannot be read");
  expect(words[2]).toContain("The list's source could not be reached");
  for (const { results } of [parsing, throwing, failing]) {
    expect(results).toMatchObject([{ outcome: "failed" }]);
    words.push(await wordsOf(() => Promise.reject((results[0] as { error: Error }).error)));
  }
  expect(words.join()).not.toContain(canary);
});

it("throws its own errors only", async () => {
  const { find } = documentBehind(() => {
    throw new Error("thrown, not rejected");
  });
  await expect(async () => find("a")).rejects.toBeInstanceOf(AttestationError);
});
