import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KeyPair, type PublicJwk } from "@attest/core";
import { expect, it, onTestFinished } from "vitest";
import { createJwksHandler, type KeyPublisher, MemoryKeyStorage, RotatingKeyStore } from "../src/index.ts";
import { createNodeJwksHandler } from "../src/node.ts";

const URL_OF_KEYS = "https://authority.example/.well-known/jwks.json";

async function openStore(publishAhead?: number): Promise<RotatingKeyStore> {
  const store = await RotatingKeyStore.open({ storage: new MemoryKeyStorage(), ...(publishAhead && { publishAhead }) });
  onTestFinished(() => store.close());
  return store;
}

const request = (headers: Record<string, string> = {}, method = "GET") => new Request(URL_OF_KEYS, { method, headers });

it("publishes the keys for everyone, with how long they may be kept", async () => {
  const store = await openStore();
  const response = await createJwksHandler(store)(request());
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual(store.jwks());
  expect(Object.fromEntries(response.headers)).toEqual({
    "access-control-allow-origin": "*",
    "cache-control": "public, max-age=300, must-revalidate",
    "content-type": "application/jwk-set+json",
    etag: expect.stringMatching(/^"[\w-]{43}"$/),
    "x-content-type-options": "nosniff",
  });
});

it("answers 304 to who has the same set, and the set to who has another", async () => {
  const store = await openStore();
  const handler = createJwksHandler(store);
  const etag = (await handler(request())).headers.get("etag") ?? "";
  for (const field of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const response = await handler(request({ "if-none-match": field }));
    expect([response.status, await response.text(), response.headers.get("etag")]).toEqual([304, "", etag]);
  }
  expect((await handler(request({ "if-none-match": '"other"' }))).status).toBe(200);
  await store.remove(store.current().kid);
  const changed = await handler(request({ "if-none-match": etag }));
  expect([changed.status, changed.headers.get("etag") === etag]).toEqual([200, false]);
});

it("answers HEAD without a body and refuses other methods", async () => {
  const handler = createJwksHandler(await openStore());
  const head = await handler(request({}, "HEAD"));
  expect([head.status, await head.text(), head.headers.has("etag")]).toEqual([200, "", true]);
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
    const response = await handler(request({}, method));
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  }
});

it("lets no answer be kept for so long that a new key could sign before it is known", async () => {
  const cacheControl = async (store: KeyPublisher, options?: { maxAge?: number }) =>
    (await createJwksHandler(store, options)(request())).headers.get("cache-control");
  const store = await openStore(240);
  expect(await cacheControl(store)).toContain("max-age=120,");
  expect(await cacheControl(store, { maxAge: 0 })).toContain("max-age=0,");
  for (const maxAge of [121, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => createJwksHandler(store, { maxAge })).toThrow(/^maxAge must be/);
  }
  expect(() => createJwksHandler(store, { ttl: 1 } as object)).toThrow(/^ttl is not an option/);
  expect(() => createJwksHandler({} as KeyPublisher)).toThrow(/^store must/);
  expect(await cacheControl({ jwks: () => ({ keys: [] }) }, { maxAge: 86_400 })).toContain("max-age=86400,");
});

it("publishes nothing when it is given a private or weak key (K3)", async () => {
  const pair = await KeyPair.generate();
  const weak = { kty: "OKP", crv: "Ed25519", x: `AQ${"A".repeat(41)}`, kid: "weak" };
  for (const bad of [await pair.toPrivateJwk(), weak]) {
    const response = await createJwksHandler({ jwks: () => ({ keys: [pair.toJwk(), bad as PublicJwk] }) })(request());
    expect([response.status, await response.text(), response.headers.get("cache-control")]).toEqual([
      500,
      "",
      "no-store",
    ]);
  }
});

it("answers 503 while the store cannot be read, so that no removed key is published from memory", async () => {
  const storage = new MemoryKeyStorage();
  const store = await RotatingKeyStore.open({ storage });
  onTestFinished(() => store.close());
  const handler = createJwksHandler(store);
  storage.read = async () => {
    throw new Error("gone");
  };
  const response = await handler(request());
  expect([response.status, response.headers.get("cache-control")]).toEqual([503, "no-store"]);
});

it("publishes at once what another process on the same storage changed", async () => {
  const storage = new MemoryKeyStorage();
  const [here, there] = await Promise.all([RotatingKeyStore.open({ storage }), RotatingKeyStore.open({ storage })]);
  onTestFinished(() => [here, there].forEach((store) => void store.close()));
  const handler = createJwksHandler(here);
  const { kid } = there.current();
  await there.remove(kid);
  expect(await (await handler(request())).text()).not.toContain(kid);
});

it("does the same on node:http", async () => {
  const store = await openStore();
  const server = createServer(createNodeJwksHandler(store));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await fetch(url);
  expect(await response.json()).toEqual(store.jwks());
  expect(response.headers.get("cache-control")).toBe("public, max-age=300, must-revalidate");
  const etag = response.headers.get("etag") ?? "";
  expect((await fetch(url, { headers: { "if-none-match": etag } })).status).toBe(304);
  expect((await fetch(url, { method: "HEAD" })).headers.get("etag")).toBe(etag);
  expect((await fetch(url, { method: "POST" })).status).toBe(405);
});
