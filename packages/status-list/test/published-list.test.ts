import { KeyPair } from "@attest/core";
import { expect, it, vi } from "vitest";
import type { StatusListPublisher } from "../src/index.ts";
import { authority, keyNamed, keyResolver, passingPublishDelay, signer } from "./authority.ts";
import { ISSUER, NOW, sourceOf, URI } from "./signed-lists.ts";

const passPublishDelay = passingPublishDelay();

it("publishes lists that a verifier can take from any of its processes in turn, whenever they were started", async () => {
  const { open, time, listBy } = authority({ lifetime: 1000 });
  const publishers = [await open()];
  await publishers[0]?.allocate(keyNamed("a"), { workload: "bot" });
  let newest = 0;
  for (let step = 0; step < 400; step++) {
    time.now += 7;
    passPublishDelay();
    if (step % 90 === 0) publishers.push(await open());
    const publisher = publishers[step % publishers.length] as StatusListPublisher;
    if (step % 70 === 13) await publisher.revoke({ key: keyNamed(step) });
    const { issuedAt, expiresAt } = await listBy(publisher);
    expect(issuedAt).toBeGreaterThanOrEqual(newest);
    expect(expiresAt).toBeGreaterThanOrEqual(time.now + 500);
    newest = issuedAt;
  }
});

it("asks the storage again for a request that comes while an earlier one waits for it", async () => {
  const { open, storage } = authority();
  const [publisher, other] = [await open(), await open()];
  const { idx } = await publisher.allocate(keyNamed("a"));
  const first = await publisher.token();
  passPublishDelay();
  let answer: (() => void) | undefined;
  const read = storage.read.bind(storage);
  vi.spyOn(storage, "read").mockImplementationOnce(async (after) => {
    const stored = await read(after);
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return stored;
  });
  const early = publisher.token();
  await vi.waitFor(() => expect(answer).toBeDefined());
  await other.revoke({ idx });
  passPublishDelay();
  const late = publisher.token();
  answer?.();
  expect(await early).toBe(first);
  expect(await late).not.toBe(first);
  expect(await publisher.token()).toBe(await late);
});

it("publishes no older list after a newer one, though it took longer to sign", async () => {
  let finish: (() => void) | undefined;
  const slow = {
    ...{ kid: signer.kid, algorithm: signer.algorithm, toJwk: () => signer.toJwk() },
    sign: async (data: Uint8Array) => {
      if (!finish) {
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
      }
      return signer.sign(data);
    },
  };
  const { open, isRevokedBy } = authority({ signer: slow });
  const publisher = await open();
  const { idx } = await publisher.allocate(keyNamed("a"));
  const first = publisher.token();
  await vi.waitFor(() => expect(finish).toBeDefined());
  await publisher.revoke({ idx });
  passPublishDelay();
  const second = await publisher.token();
  finish?.();
  expect(await first).toBe(second);
  expect(await isRevokedBy(publisher, idx)).toBe(true);
});

it("signs again what changed, what has lived for half its life, and what an old key signed; and nothing else", async () => {
  const next = await KeyPair.generate({ kid: "b" });
  await keyResolver.addKey(ISSUER, next.toJwk());
  const keys = { current: () => signer };
  const { open, time, listBy } = authority({ signer: keys, ttl: 30, lifetime: 1000 });
  // NOW is the beginning of a period of 500 seconds.
  const publisher = await open();
  expect(await listBy(publisher)).toMatchObject({ issuedAt: NOW, expiresAt: NOW + 1000, ttl: 30 });
  const first = await publisher.token();
  await publisher.allocate(keyNamed(1));
  time.now += 499;
  passPublishDelay();
  expect(await publisher.token()).toBe(first);
  time.now += 1;
  expect(await listBy(publisher)).toMatchObject({ issuedAt: NOW + 500, expiresAt: NOW + 1500 });
  const second = await publisher.token();
  keys.current = () => next;
  expect(await publisher.token()).not.toBe(second);
  const third = await publisher.token();
  await publisher.revoke({ key: keyNamed(1) });
  passPublishDelay();
  expect(await publisher.token()).not.toBe(third);
});

it("answers requests with the list and its entity tag, and 503 where it cannot be sure", async () => {
  const { open, storage } = authority();
  const publisher = await open();
  const get = (headers: Record<string, string> = {}, method = "GET") =>
    publisher.handler(new Request(URI, { method, headers }));
  const first = await get();
  const etag = first.headers.get("etag") ?? "";
  expect([first.status, first.headers.get("content-type")]).toEqual([200, "application/statuslist+jwt"]);
  expect(await first.text()).toBe(await publisher.token());
  expect(first.headers.get("cache-control")).toBe("no-cache");
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const answer = await get({ "if-none-match": tag });
    expect([answer.status, await answer.text()]).toEqual([304, ""]);
  }
  expect((await get({ "if-none-match": '"other"' })).status).toBe(200);
  const head = await get({}, "HEAD");
  expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
  expect((await get({}, "POST")).status).toBe(405);

  const read = vi.spyOn(storage, "read").mockRejectedValue(new Error("secret of the database"));
  passPublishDelay();
  const failed = await get();
  expect([failed.status, failed.headers.get("cache-control"), await failed.text()]).toEqual([503, "no-store", ""]);
  await expect(publisher.token()).rejects.toMatchObject({
    code: "ERR_REVOCATION_UNAVAILABLE",
    message: "The status storage failed",
  });
  read.mockRestore();
  expect((await get()).status).toBe(200);
});

it("is understood by a verifier's source, from the allocation to the refusal", async () => {
  const { open } = authority({ clock: () => NOW });
  const publisher = await open();
  const { server, source, check } = sourceOf(signer);
  server.answer = () => publisher.handler(new Request(URI));
  const { idx } = await publisher.allocate(keyNamed("agent"));
  expect(await check(idx)).toBe("valid");
  await publisher.revoke({ key: keyNamed("agent") });
  passPublishDelay();
  await source.reload();
  expect(await check(idx)).toBe("revoked");
});
