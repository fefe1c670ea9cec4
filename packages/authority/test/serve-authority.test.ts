import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ServedAuthority, type ServeOptions, serveAuthority } from "../src/node.ts";
import { Asking, SECRET } from "./asking.ts";

let asking: Asking;
let served: ServedAuthority;
beforeEach(async () => {
  asking = await Asking.start({ limits: { perAddress: 2 } });
  served = await serve();
});
afterEach(() => served.close(100));

const serve = (options: Partial<ServeOptions> = {}) =>
  serveAuthority(asking.authority, { host: "127.0.0.1", port: 0, ...options });
const post = (path: string, secret = SECRET, fields = {}, body = "{}") =>
  fetch(new URL(path, served.url), { method: "POST", headers: { Authorization: `Bearer ${secret}`, ...fields }, body });

it("answers over HTTP, and says that it is there", async () => {
  expect((await post("attestations/challenge")).status).toBe(200);
  expect((await fetch(new URL(".well-known/jwks.json", served.url))).status).toBe(200);
  const health = await fetch(new URL("health", served.url));
  expect(await health.json()).toEqual({ status: "ok", issuer: "https://models.example" });
});

describe("the client's address", () => {
  const wrong = (forwarded: string) =>
    post("attestations/challenge", "wrong-secret-of-nobody", { "X-Forwarded-For": forwarded });
  const statuses = async (...addresses: string[]) => {
    const found = [];
    for (const address of addresses) found.push((await wrong(address)).status);
    return found;
  };

  it("is the connection's own, whatever a client writes (A4)", async () => {
    expect(await statuses("192.0.2.1", "192.0.2.2", "192.0.2.3")).toEqual([403, 403, 429]);
  });

  it("is the one that a trusted proxy adds, and not what the client writes before it (A4)", async () => {
    await served.close();
    served = await serve({ proxy: { addresses: ["127.0.0.1"], addressHeader: "X-Forwarded-For" } });
    expect(await statuses("192.0.2.1, 203.0.113.9", "192.0.2.2, 203.0.113.9", "203.0.113.9")).toEqual([403, 403, 429]);
    expect(await statuses("198.51.100.7")).toEqual([403]);
  });

  it("is not taken from a proxy that is not named (A4)", async () => {
    await served.close();
    served = await serve({ proxy: { addresses: ["10.0.0.7"], addressHeader: "X-Forwarded-For" } });
    expect(await statuses("192.0.2.1", "192.0.2.2", "192.0.2.3")).toEqual([403, 403, 429]);
  });
});

it("answers 413 to a large body, and the next request on whatever connection (T17)", async () => {
  for (let i = 0; i < 2; i++) {
    const { status } = await post("attestations", SECRET, {}, "x".repeat(5 * 1024 * 1024));
    expect(status).toBe(413);
    expect((await post("attestations/challenge")).status).toBe(200);
  }
});

it("lets a request under way end when it is closed, and takes no other", async () => {
  const socket = connect(Number(served.url.port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(
    `POST /attestations/challenge HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${SECRET}\r\n` +
      "Connection: close\r\nContent-Length: 2\r\n\r\n",
  );
  // The server has read the head once it answers another connection.
  expect((await post("attestations/challenge")).status).toBe(200);
  const closed = served.close();
  expect(served.draining).toBe(true);
  socket.write("{}");
  let answer = "";
  for await (const chunk of socket) answer += chunk;
  expect(answer).toMatch(/^HTTP\/1.1 200 /);
  await closed;
  await expect(fetch(new URL("health", served.url))).rejects.toThrow();
});

it("ends what does not end in time", async () => {
  const socket = connect(Number(served.url.port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(`POST /attestations/challenge HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n`);
  expect((await post("attestations/challenge")).status).toBe(200);
  await served.close(20);
  await once(socket, "close");
});

it("answers by another authority once it is replaced", async () => {
  const next = await Asking.start({ issuer: "https://next.example" });
  served.replace(next.authority);
  expect(await (await fetch(new URL("health", served.url))).json()).toMatchObject({ issuer: "https://next.example" });
});

it("does not listen before its replay cache is there", async () => {
  const down = {
    scope: "process",
    consume: () => true,
    ready: () => Promise.reject(new Error("out of reach")),
  } as const;
  const { authority } = await Asking.start({ replayCache: down });
  await expect(serveAuthority(authority, { host: "127.0.0.1", port: 0 })).rejects.toThrow("out of reach");
});
