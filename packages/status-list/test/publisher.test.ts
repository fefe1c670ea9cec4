import { expect, it, vi } from "vitest";
import { MemoryStatusStorage, StatusListPublisher, type StatusStorage } from "../src/index.ts";
import { authority, codeOf, keyNamed, LONGEST, passingPublishDelay, SIZE, signer } from "./authority.ts";
import { ISSUER, NOW, URI } from "./signed-lists.ts";

const passPublishDelay = passingPublishDelay();

it("gives each key an index of its own, and the same one again for its renewals (S2, SPEC-18.2)", async () => {
  const { open, time } = authority();
  const publisher = await open();
  const given = await Promise.all(Array.from({ length: 500 }, (_, i) => publisher.allocate(keyNamed(i))));
  expect(new Set(given.map(({ idx }) => idx)).size).toBe(500);
  expect(given.every(({ idx, uri }) => uri === URI && idx >= 0 && idx < SIZE)).toBe(true);
  for (let hour = 0; hour < 30; hour++) {
    time.now += 3600;
    expect(await publisher.allocate(keyNamed(7))).toEqual(given[7]);
  }
});

it("draws indexes at random over the whole list (S2, SPEC-18.2)", async () => {
  const { open } = authority();
  const publisher = await open();
  const given = await Promise.all(Array.from({ length: 2000 }, (_, i) => publisher.allocate(keyNamed(i))));
  const quarters = [0, 0, 0, 0];
  for (const { idx } of given)
    quarters[Math.floor((idx / SIZE) * 4)] = (quarters[Math.floor((idx / SIZE) * 4)] ?? 0) + 1;
  // 500 each, give or take eight standard deviations.
  for (const quarter of quarters) expect(Math.abs(quarter - 500)).toBeLessThan(8 * Math.sqrt(2000 * 0.25 * 0.75));
  const ascending = given.filter(({ idx }, i) => i > 0 && idx > (given[i - 1]?.idx ?? 0)).length;
  expect(Math.abs(ascending - 1000)).toBeLessThan(8 * Math.sqrt(500));
});

it("writes once for many that come at once, and nothing for renewals within half an index's life", async () => {
  const { open, time, storage } = authority();
  const append = vi.spyOn(storage, "append");
  const publisher = await open();
  await Promise.all(Array.from({ length: 1000 }, (_, i) => publisher.allocate(keyNamed(i))));
  expect(append.mock.calls.length).toBeLessThanOrEqual(2);
  const before = append.mock.calls.length;
  time.now += LONGEST;
  await publisher.allocate(keyNamed(1));
  expect(append.mock.calls.length).toBe(before);
  time.now += 1;
  await publisher.allocate(keyNamed(1));
  expect(append.mock.calls.length).toBe(before + 1);
});

it("gives an index to another key only once no attestation and no list can be about the first (SPEC-18.12)", async () => {
  // Every draw comes to 5, so that the next free index from there on is taken.
  vi.spyOn(crypto, "getRandomValues").mockImplementation((array) => (array as Uint32Array).fill(5) as never);
  const lifetime = 7200;
  const { open, time, isRevokedBy } = authority({ lifetime });
  const publisher = await open();
  const indexOf = async (key: string) => (await publisher.allocate(keyNamed(key))).idx;
  expect([await indexOf("first"), await indexOf("second")]).toEqual([5, 6]);
  await publisher.revoke({ key: keyNamed("first") });
  // What has ended is dropped whenever a snapshot is due.
  const store = async () => {
    for (let i = 0; i < 256; i++) await publisher.reinstate({ key: keyNamed("nobody") });
  };
  time.now += 2 * LONGEST + lifetime - 1;
  await store();
  expect(await isRevokedBy(publisher, 5)).toBe(true);
  expect(await indexOf("third")).toBe(7);
  time.now += 1;
  await store();
  expect(await indexOf("fourth")).toBe(5);
  passPublishDelay();
  expect(await isRevokedBy(publisher, 5)).toBe(false);
});

it("finds the last free index of a list, and gives none where all are in use", async () => {
  const { open, storage } = authority();
  const allocations = Array.from({ length: SIZE - 1 }, (_, i) => [i + 1, keyNamed(i), NOW + 7920, false]);
  await storage.append(0, "replaced");
  await storage.compact(
    1,
    JSON.stringify({ version: 1, revokedAt: 0, allocations, revokedKeys: [], revokedWorkloads: [] }),
  );
  const publisher = await open();
  expect((await publisher.allocate(keyNamed("last"))).idx).toBe(0);
  expect(await publisher.allocate(keyNamed("more")).catch(({ code, message }) => [code, message])).toEqual([
    "ERR_REVOCATION_UNAVAILABLE",
    "The status list is full: make it larger (size)",
  ]);
});

it("publishes what was revoked: a key, a workload with all its keys, and the key at an index (SPEC-18.3)", async () => {
  const { open, isRevokedBy } = authority();
  const publisher = await open();
  const [a, b1, b2, c, d] = await Promise.all([
    publisher.allocate(keyNamed("a")),
    publisher.allocate(keyNamed("b1"), { workload: "bot" }),
    publisher.allocate(keyNamed("b2"), { workload: "bot" }),
    publisher.allocate(keyNamed("c"), { workload: "another" }),
    publisher.allocate(keyNamed("d")),
  ]);
  expect(await publisher.revoke({ key: keyNamed("a") })).toEqual([a.idx]);
  expect([...(await publisher.revoke({ workload: "bot" }))].sort()).toEqual([b1.idx, b2.idx].sort());
  expect(await publisher.revoke({ idx: d.idx })).toEqual([d.idx]);
  const revoked = await Promise.all([a, b1, b2, c, d].map(({ idx }) => isRevokedBy(publisher, idx)));
  expect(revoked).toEqual([true, true, true, false, true]);
});

it("attests nothing revoked again until it is reinstated, and then at another index (SPEC-18.3)", async () => {
  const { open, isRevokedBy } = authority();
  const publisher = await open();
  const first = await publisher.allocate(keyNamed("a"), { workload: "bot" });
  await publisher.revoke({ workload: "bot" });
  for (const key of ["a", "fresh"]) {
    expect(await codeOf(publisher.allocate(keyNamed(key), { workload: "bot" }))).toBe("ERR_REVOKED");
  }
  await publisher.allocate(keyNamed("fresh"), { workload: "another" });
  await publisher.reinstate({ workload: "bot" });
  const second = await publisher.allocate(keyNamed("a"), { workload: "bot" });
  expect(second.idx).not.toBe(first.idx);
  passPublishDelay();
  expect(await isRevokedBy(publisher, first.idx)).toBe(true);
  expect(await isRevokedBy(publisher, second.idx)).toBe(false);
  await publisher.revoke({ key: keyNamed("unheard-of") });
  expect(await codeOf(publisher.allocate(keyNamed("unheard-of")))).toBe("ERR_REVOKED");
  expect(await codeOf(publisher.revoke({ idx: (second.idx + 1) % SIZE }))).toBe("ERR_OPTION");
});

it("gives a key that goes to another workload another index, and revokes both with the key", async () => {
  const { open } = authority();
  const publisher = await open();
  const one = await publisher.allocate(keyNamed("a"), { workload: "one" });
  const two = await publisher.allocate(keyNamed("a"), { workload: "two" });
  expect(one.idx).not.toBe(two.idx);
  expect(await publisher.revoke({ workload: "one" })).toEqual([one.idx]);
  expect([...(await publisher.revoke({ key: keyNamed("a") }))].sort()).toEqual([one.idx, two.idx].sort());
});

it("is one list, however many processes work on its storage", async () => {
  const { open, isRevokedBy } = authority();
  const publishers = await Promise.all(Array.from({ length: 4 }, open));
  const given = await Promise.all(
    Array.from({ length: 400 }, (_, i) => publishers[i % 4]?.allocate(keyNamed(i), { workload: `w${i % 10}` })),
  );
  expect(new Set(given.map((each) => each?.idx)).size).toBe(400);
  // Each process knows what the others allocated and revoked.
  expect(await publishers[3]?.allocate(keyNamed(0), { workload: "w0" })).toEqual(given[0]);
  expect(await publishers[2]?.revoke({ workload: "w0" })).toHaveLength(40);
  passPublishDelay();
  for (const publisher of publishers) expect(await isRevokedBy(publisher, given[10]?.idx ?? -1)).toBe(true);
  expect(await codeOf(publishers[1]?.allocate(keyNamed("new"), { workload: "w0" }) as Promise<unknown>)).toBe(
    "ERR_REVOKED",
  );
});

it("leaves no key of a workload valid that is allocated while others revoke it (SPEC-18.3)", async () => {
  const { open, isRevokedBy } = authority();
  const [one, other] = await Promise.all([open(), open()]);
  for (let round = 0; round < 20; round++) {
    const workload = `w${round}`;
    const [allocated] = await Promise.allSettled([
      one.allocate(keyNamed(round), { workload }),
      other.revoke({ workload }),
    ]);
    passPublishDelay();
    if (allocated.status === "fulfilled") expect(await isRevokedBy(one, allocated.value.idx)).toBe(true);
    else expect(allocated.reason.code).toBe("ERR_REVOKED");
  }
});

it("comes back with everything after a restart, through snapshots too", async () => {
  const { open, isRevokedBy, storage } = authority();
  const before = await open();
  const revoked = await before.allocate(keyNamed("r"), { workload: "bot" });
  await before.revoke({ workload: "bot" });
  for (let i = 0; i < 600; i++) await before.allocate(keyNamed(i));
  const { snapshot, entries } = await storage.read(0);
  expect(snapshot?.position).toBe(512);
  expect(entries.length).toBeLessThan(256);
  const after = await open();
  expect(await isRevokedBy(after, revoked.idx)).toBe(true);
  expect(await after.allocate(keyNamed(3))).toEqual(await before.allocate(keyNamed(3)));
  expect(await codeOf(after.allocate(keyNamed("x"), { workload: "bot" }))).toBe("ERR_REVOKED");
});

it("confirms nothing that its storage did not, and stays right whatever became of it", async () => {
  const { open, storage, isRevokedBy } = authority();
  const publisher = await open();
  const given = await publisher.allocate(keyNamed("a"));
  const append = storage.append.bind(storage);
  const spy = vi.spyOn(storage, "append");
  // Once it is not stored, once it is; the publisher hears of neither.
  for (const isStored of [false, true]) {
    spy.mockImplementationOnce(async (after, text) => {
      if (isStored) await append(after, text);
      throw new Error("connection lost");
    });
    expect(await codeOf(publisher.revoke({ key: keyNamed("a") }))).toBe("ERR_REVOCATION_UNAVAILABLE");
    passPublishDelay();
    expect(await isRevokedBy(publisher, given.idx)).toBe(isStored);
    expect(await codeOf(publisher.allocate(keyNamed("a")))).toBe(isStored ? "ERR_REVOKED" : "done");
  }
});

it("refuses a storage that lost what it had, has a gap, or holds something else", async () => {
  const { open, storage } = authority();
  const publisher = await open();
  await publisher.allocate(keyNamed(1));
  const change = async () => publisher.allocate(keyNamed(2)).catch(({ message }) => message);
  const read = vi.spyOn(storage, "read");
  for (const [stored, problem] of [
    [{ head: 0, entries: [] }, "lost what it had"],
    [{ head: 3, entries: [{ position: 3, text: "" }] }, ""],
    [{ head: 3, entries: [{ position: 3, text: JSON.stringify({ version: 1, changes: [] }) }] }, "has a gap"],
    [{ head: 3, entries: [] }, "has a gap"],
    [{ head: Number.NaN, entries: [] }, "lost what it had"],
  ] as const) {
    read.mockResolvedValueOnce(stored as Awaited<ReturnType<StatusStorage["read"]>>);
    expect(await change()).toBe(
      problem === "" ? "What is stored is not a status register of this version" : `The status storage ${problem}`,
    );
  }
  for (const text of [
    "",
    "[]",
    "{}",
    '{"version":2,"changes":[]}',
    '{"version":1,"changes":[{"take":"1"}]}',
    '{"version":1,"changes":[{}]}',
  ]) {
    read.mockResolvedValueOnce({ head: 2, entries: [{ position: 2, text }] });
    expect([text, await change()]).toEqual([text, "What is stored is not a status register of this version"]);
  }
  expect(await codeOf(publisher.allocate(keyNamed(2)))).toBe("done");
});

it("refuses wrong options by their names", async () => {
  const good = { uri: URI, issuer: ISSUER, signer, storage: new MemoryStatusStorage() };
  for (const [option, value] of [
    ["uri", "status"],
    ["issuer", ""],
    ["signer", {}],
    ["storage", { read: () => undefined }],
    ["size", SIZE - 1],
    ["size", 2 ** 26 + 1],
    ["ttl", 0],
    ["ttl", Number.NaN],
    ["ttl", 43_201],
    ["lifetime", 119],
    ["lifetime", 86_401],
    ["maxLifetime", 3601],
    ["clock", 1],
    ["unknown", 1],
  ] as const) {
    await expect(StatusListPublisher.open({ ...good, [option]: value } as never)).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringMatching(new RegExp(`^${option}`)),
    });
  }
  const publisher = await StatusListPublisher.open(good);
  for (const work of [
    () => publisher.allocate("not a thumbprint"),
    () => publisher.allocate(keyNamed("a"), { workload: "" }),
    () => publisher.revoke({} as never),
    () => publisher.revoke({ key: keyNamed("a"), workload: "w" } as never),
    () => publisher.revoke({ workloads: "w" } as never),
    () => publisher.reinstate({ idx: 1 } as never),
  ]) {
    expect(await codeOf(work())).toBe("ERR_OPTION");
  }
});

it("refuses to become smaller than what it gave away, and grows", async () => {
  const storage = new MemoryStatusStorage();
  const common = { uri: URI, issuer: ISSUER, signer, storage };
  const large = await StatusListPublisher.open({ ...common, size: 2 ** 26 });
  await Promise.all(Array.from({ length: 20 }, (_, i) => large.allocate(keyNamed(i))));
  await expect(StatusListPublisher.open({ ...common, size: SIZE })).rejects.toMatchObject({
    code: "ERR_OPTION",
    message: expect.stringMatching(/^size must be more than \d+, the highest index in use$/),
  });
});

it("reports a clock that tells no time", async () => {
  const { open, time } = authority();
  const publisher = await open();
  time.now = Number.NaN;
  expect(await codeOf(publisher.allocate(keyNamed(1)))).toBe("ERR_CLOCK");
});

it("stores although others are first two hundred times, and says so where they always are", async () => {
  const { open, storage } = authority();
  const publisher = await open();
  const append = storage.append.bind(storage);
  let others = 200;
  const spy = vi
    .spyOn(storage, "append")
    .mockImplementation(async (after, text) => others-- <= 0 && append(after, text));
  expect(await publisher.allocate(keyNamed("patient"))).toMatchObject({ uri: URI });
  expect(spy).toHaveBeenCalledTimes(201);
  others = Number.POSITIVE_INFINITY;
  expect(await codeOf(publisher.allocate(keyNamed("late")))).toBe("ERR_REVOCATION_UNAVAILABLE");
});
