import { gzipSync } from "node:zlib";
import { KeyPair } from "@attest/core";
import { answer, loopback, openHostileServer } from "hostile-server";
import { beforeAll, expect, it } from "vitest";
import { HttpStatusSource } from "../src/index.ts";
import { claimsOf, ISSUER, listOf, sourceOf, tokenOf } from "./signed-lists.ts";

let signer: KeyPair;
beforeAll(async () => {
  signer = await KeyPair.generate({ kid: "a" });
});

/** A source with the built-in client, for a list at a server on the loopback. */
function sourceAt({ url, ca }: { url: string; ca: string }, options: object = {}) {
  const http = { allowPrivateNetwork: true, ca, lookup: loopback, timeoutMs: 60_000 };
  const { check, ...rest } = sourceOf(signer, { lists: { [ISSUER]: url }, ...http, ...options });
  return { ...rest, check: (idx: number) => check(idx, url) };
}

it("fetches a list over HTTPS, compressed in transit too, and asks for its media type", async () => {
  let accepted: string | undefined;
  const server = await openHostileServer((req, res) => {
    accepted = req.headers.accept;
    void claimsOf({ sub: server.url }, { 4: 1 })
      .then((claims) => tokenOf(signer, claims))
      .then((token) => res.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(token)));
  });
  const { check } = sourceAt(server);
  expect([await check(4), await check(5)]).toEqual(["revoked", "valid"]);
  expect(accepted).toBe("application/statuslist+jwt");
});

it("follows no redirect, reads no endless answer, and trusts no certificate of a stranger (S1, SPEC-18.11)", async () => {
  const token = await tokenOf(signer, await claimsOf());
  const server = await openHostileServer(answer("", { location: "https://evil.example/" }, 302));
  expect(await sourceAt(server).check(0)).toMatch(/^unavailable: .*redirect/);
  server.answer = answer(token.padEnd(5 * 1024 * 1024, "A"));
  expect(await sourceAt(server).check(0)).toMatch(/^unavailable: .*more than 2097152 bytes/);
  const http = { allowPrivateNetwork: true, lookup: loopback, timeoutMs: 60_000 };
  const { check } = sourceOf(signer, { lists: { [ISSUER]: server.url }, ...http });
  expect(await check(0, server.url)).toMatch(/^unavailable: .*TLS/);
});

it("connects to no private address unless that is allowed (SPEC-18.11)", async () => {
  const server = await openHostileServer(answer("never read"));
  const source = new HttpStatusSource({
    lists: { [ISSUER]: server.url },
    keyResolver: { resolve: () => undefined },
    ...{ ca: server.ca, lookup: loopback },
  });
  await expect(source.ready()).rejects.toMatchObject({
    problem: "unavailable",
    cause: { message: expect.stringContaining("is not at a public address") },
  });
  expect(server.hits).toBe(0);
  await source.close();
});

it("takes a list of 67 million entries, and one of 20,000 revoked among a million", async () => {
  const server = await openHostileServer(answer(""));
  const lists = { huge: await listOf({ 9: 1 }, 1, 2 ** 26), dense: await listOf(every(50, 1_000_000), 1, 1_000_000) };
  for (const status_list of Object.values(lists)) {
    server.answer = answer(await tokenOf(signer, await claimsOf({ sub: server.url, status_list })));
    const { check } = sourceAt(server);
    expect([await check(0), await check(9), await check(50)].sort()).toEqual(["revoked", "valid", "valid"]);
  }
});

function every(step: number, end: number): Record<number, number> {
  return Object.fromEntries(Array.from({ length: Math.floor((end - 1) / step) }, (_, i) => [(i + 1) * step, 1]));
}
