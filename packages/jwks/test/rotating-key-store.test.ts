import { type AttestationEvent, KeyPair, type Signer } from "@attest/core";
import { expect, it, onTestFinished, vi } from "vitest";
import { type KeyStorage, MemoryKeyStorage, RotatingKeyStore, type RotatingKeyStoreOptions } from "../src/index.ts";
import { outcomeOf } from "./hostile-server.ts";

const DAY = 86_400;
/** How long a key stays published after its last use: an hour, and the margin for clocks and processes. */
const RETENTION = 3600 + 360;

async function open(
  options: Partial<RotatingKeyStoreOptions> = {},
  time = { now: 1_800_000_000 },
): Promise<{ store: RotatingKeyStore; storage: KeyStorage; time: { now: number }; told: string[] }> {
  const storage = options.storage ?? new MemoryKeyStorage();
  const told: string[] = [];
  const onEvent = (event: AttestationEvent) => {
    if (event.type === "key-rotation") told.push(`${event.action} ${event.kid}`);
  };
  const store = await RotatingKeyStore.open({
    rotateEvery: 30 * DAY,
    clock: () => time.now,
    observer: { onEvent },
    ...options,
    storage,
  });
  onTestFinished(() => store.close());
  return { store, storage, time, told };
}

const kidsOf = (store: RotatingKeyStore) => store.jwks().keys.map(({ kid = "" }) => kid);
const stored = async (storage: KeyStorage) => JSON.parse((await storage.read()) ?? "");

it("publishes a key before its first use, and keeps it for one lifetime after its last (SPEC-8.16)", async () => {
  const { store, time, told } = await open();
  const [first = "", second = ""] = kidsOf(store);
  expect([store.current().kid, kidsOf(store).length]).toEqual([first, 2]);
  time.now += 30 * DAY - 1;
  await store.refresh();
  expect(store.current().kid).toBe(first);
  time.now += 1;
  // At its time every process changes, before any of them has written it down.
  expect([store.current().kid, kidsOf(store)]).toEqual([second, [second, first]]);
  await store.refresh();
  const third = kidsOf(store)[1] ?? "";
  expect([store.current().kid, kidsOf(store)]).toEqual([second, [second, third, first]]);
  time.now += RETENTION - 1;
  await store.refresh();
  expect(kidsOf(store)).toContain(first);
  time.now += 1;
  expect(kidsOf(store)).toEqual([second, third]);
  await store.refresh();
  expect(told).toEqual([
    `published ${first}`,
    `published ${second}`,
    `activated ${first}`,
    `published ${third}`,
    `activated ${second}`,
    `retired ${first}`,
    `removed ${first}`,
  ]);
});

it("keeps of a retired key its public half alone, and publishes no private one (K3)", async () => {
  const { store, storage, time } = await open();
  const { active } = await stored(storage);
  time.now += 30 * DAY;
  await store.refresh();
  expect(await storage.read()).not.toContain(active.d);
  expect(await storage.read()).toContain(active.x);
  expect(JSON.stringify(store.jwks())).not.toMatch(/"d"/);
});

it("rotates by hand at once when the next key has been published for long enough, and else as soon as it has", async () => {
  const { store, time } = await open({ publishAhead: 600 });
  const [first, second] = kidsOf(store);
  const founded = time.now;
  expect(await store.rotate()).toEqual({ kid: second, signsFrom: founded + 600 });
  expect(store.current().kid).toBe(first);
  time.now += 599;
  expect(await store.rotate()).toEqual({ kid: second, signsFrom: founded + 600 });
  expect(store.current().kid).toBe(first);
  time.now += 1;
  expect(store.current().kid).toBe(second);
  await store.refresh();
  const third = kidsOf(store)[1];
  time.now += 600;
  expect(await store.rotate()).toEqual({ kid: third, signsFrom: time.now });
  expect([store.current().kid, kidsOf(store).at(-1)]).toEqual([third, second]);
});

it("does not put a planned rotation off when one by hand is asked for", async () => {
  const { store, time } = await open({ publishAhead: 600, rotateEvery: 600 });
  const [first, second] = kidsOf(store);
  time.now += 599;
  expect(await store.rotate()).toEqual({ kid: second, signsFrom: time.now + 1 });
  expect(store.current().kid).toBe(first);
  time.now += 1;
  expect(store.current().kid).toBe(second);
});

it("never lets a key sign that has not been published for long enough, through half a year of any operations", async () => {
  const { store, time, told } = await open({ publishAhead: 3600, rotateEvery: 7 * DAY });
  const publishedAt = new Map<string, number>();
  const lastSigned = new Map<string, number>();
  const founder = store.current().kid;
  for (let step = 0; step < 1000; step++) {
    // A fixed walk through steps of up to eight hours, with a rotation by hand every now and then.
    time.now += 1 + ((step * 7919) % 30_000);
    if (step % 3 === 0) await store.refresh();
    if (step % 17 === 0) await store.rotate();
    for (const kid of kidsOf(store)) publishedAt.set(kid, publishedAt.get(kid) ?? time.now);
    const { kid } = store.current();
    if (kid !== founder) expect(time.now - (publishedAt.get(kid) ?? time.now)).toBeGreaterThanOrEqual(3600);
    lastSigned.set(kid, time.now);
    const due = [...lastSigned].filter(([, at]) => time.now - at < RETENTION).map(([signed]) => signed);
    expect(kidsOf(store)).toEqual(expect.arrayContaining(due));
  }
  expect(told.filter((each) => each.startsWith("activated")).length).toBeGreaterThan(20);
  expect(kidsOf(store).length).toBeLessThan(6);
});

it("removes the signing key in an emergency, and goes on with one that verifiers know", async () => {
  const { store, time, told } = await open();
  const [first = "", second = ""] = kidsOf(store);
  time.now += 10;
  await store.remove(first);
  expect(store.current().kid).toBe(second);
  expect(kidsOf(store)).not.toContain(first);
  expect(kidsOf(store)).toHaveLength(2);
  expect(told.slice(3)).toEqual([`published ${kidsOf(store)[1]}`, `activated ${second}`, `removed ${first}`]);
});

it("removes the next key and retained ones, without touching the one that signs", async () => {
  const { store, time } = await open({ publishAhead: 7200 });
  const [first = "", second = ""] = kidsOf(store);
  time.now += 30 * DAY - 60;
  await store.remove(second);
  const [, third = ""] = kidsOf(store);
  expect([store.current().kid, third === second]).toEqual([first, false]);
  // The rotation waits for the new next key to be known.
  time.now += 7199;
  expect(store.current().kid).toBe(first);
  time.now += 1;
  await store.refresh();
  expect(store.current().kid).toBe(third);
  await store.remove(first);
  expect(kidsOf(store)).not.toContain(first);
  expect(await outcomeOf(() => store.remove(first).then(() => undefined))).toBe("ERR_KEY_NOT_FOUND");
  expect(store.current().kid).toBe(third);
});

it("leaves no key of a disclosed storage, when both are removed", async () => {
  const { store, storage } = await open();
  const before = kidsOf(store);
  for (const kid of before) await store.remove(kid);
  expect(kidsOf(store).filter((kid) => before.includes(kid))).toEqual([]);
  for (const kid of before) expect(await storage.read()).not.toContain(kid);
});

it("takes up after a restart what it had, and goes on where it was", async () => {
  const storage = new MemoryKeyStorage();
  const { store, time } = await open({ storage });
  time.now += 31 * DAY;
  await store.refresh();
  const { store: again } = await open({ storage }, time);
  expect(again.jwks()).toEqual(store.jwks());
  const data = new TextEncoder().encode("data");
  const signer: Signer = again.current();
  expect(await signer.sign(data)).toEqual(await store.current().sign(data));
});

it("rotates once after a long sleep, and retains what it may have signed before it", async () => {
  const { store, time } = await open();
  const [first, second] = kidsOf(store);
  time.now += 400 * DAY;
  await store.refresh();
  expect([store.current().kid, kidsOf(store).includes(first ?? "")]).toEqual([second, true]);
});

it("founds one ring when many processes open an empty storage at once", async () => {
  const storage = new MemoryKeyStorage();
  const opened = await Promise.all(Array.from({ length: 20 }, () => open({ storage })));
  expect(new Set(opened.map(({ store }) => store.current().kid)).size).toBe(1);
  expect(opened.flatMap(({ told }) => told)).toHaveLength(3);
});

it("rotates once when many processes are due at once, and each learns of what another did", async () => {
  const storage = new MemoryKeyStorage();
  const time = { now: 1_800_000_000 };
  const opened = await Promise.all(Array.from({ length: 10 }, () => open({ storage }, time)));
  time.now += 30 * DAY;
  await Promise.all(opened.map(({ store }) => store.refresh()));
  expect(new Set(opened.map(({ store }) => JSON.stringify(store.jwks()))).size).toBe(1);
  const [a, b] = opened.map(({ store }) => store);
  const kid = a?.current().kid ?? "";
  await a?.remove(kid);
  await b?.refresh();
  expect(kidsOf(b as RotatingKeyStore)).not.toContain(kid);
});

it("loses no removal when many are made at once by many processes", async () => {
  const storage = new MemoryKeyStorage();
  const opened = await Promise.all(Array.from({ length: 8 }, () => open({ storage })));
  const [first = "", second = ""] = kidsOf(opened[0]?.store as RotatingKeyStore);
  const [a, b] = opened.map(({ store }) => store);
  await Promise.all([a?.remove(first), b?.remove(second)]);
  const { store } = await open({ storage });
  expect(kidsOf(store).filter((kid) => kid === first || kid === second)).toEqual([]);
});

it("takes up nothing that it read before a change of its own", async () => {
  const storage = new MemoryKeyStorage();
  const { store } = await open({ storage });
  const { kid } = store.current();
  const text = await storage.read();
  let arrive = (): void => {};
  vi.spyOn(storage, "read").mockImplementationOnce(
    () =>
      new Promise((resolve) => {
        arrive = () => resolve(text);
      }),
  );
  const refreshed = store.refresh();
  const removed = store.remove(kid);
  await vi.waitFor(() => expect(storage.read).toHaveBeenCalled());
  // Long enough for the removal to be done, were it not to wait.
  await KeyPair.generate().then(() => KeyPair.generate());
  arrive();
  await Promise.all([refreshed, removed]);
  expect(store.current().kid).not.toBe(kid);
});

it("makes P-256 keys if asked to", async () => {
  const { store } = await open({ algorithm: "ES256" });
  expect(store.current().algorithm).toBe("ES256");
  expect(store.jwks().keys).toEqual([
    expect.objectContaining({ kty: "EC", alg: "ES256" }),
    expect.objectContaining({ kty: "EC", alg: "ES256" }),
  ]);
});

it.each([
  ["nothing", () => ""],
  ["no JSON", () => "{"],
  ["another version", (text: string) => text.replace('"version": 1', '"version": 2')],
  ["a key that lost its private half", (text: string) => text.replace(/"d": "[^"]*",?/, "")],
  ["halves of two keys", (text: string) => text.replace(/"x": "[^"]*"/, `"x": "${"A".repeat(43)}"`)],
  [
    "one kid twice",
    (text: string) => {
      const ring = JSON.parse(text);
      return JSON.stringify({ ...ring, next: ring.active });
    },
  ],
  ["a time that is none", (text: string) => text.replace(/"rotateAt": \d+/, '"rotateAt": "soon"')],
  ["no retained keys", (text: string) => text.replace(/"retained": \[\]/, '"retained": null')],
  ["a retained key without a kid", (text: string) => text.replace(/"retained": \[\]/, '"retained": [{"jwk":{}}]')],
])("does not make new keys in the place of a storage that holds %s", async (_what, spoil) => {
  const storage = new MemoryKeyStorage();
  await open({ storage });
  const text = (await storage.read()) ?? "";
  await storage.replace(text, spoil(text));
  const error = await RotatingKeyStore.open({ storage }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "ERR_KEY_FORMAT" });
  expect(String((error as Error).stack)).not.toContain(JSON.parse(text).next.d);
  expect(await storage.read()).toBe(spoil(text));
});

it("goes on signing while its storage fails, repeats nothing the storage says, and says that it failed (O1)", async () => {
  const inner = new MemoryKeyStorage();
  let failing = false;
  const storage: KeyStorage = {
    read: async () => {
      if (failing) throw new Error("postgres://user:canary@db");
      return inner.read();
    },
    replace: (previous, next) => inner.replace(previous, next),
  };
  const { store, time } = await open({ storage });
  const { kid } = store.current();
  failing = true;
  for (const work of [store.refresh(), store.rotate(), store.remove(kid)]) {
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ERR_KEY_SOURCE_UNAVAILABLE", message: "The key storage failed" });
    expect((error as Error).cause).toBeUndefined();
  }
  time.now += 30 * DAY;
  expect(store.current().kid).not.toBe(kid);
});

it("does not take a storage that lost its keys for a new one", async () => {
  const storage: KeyStorage & { text?: string | undefined } = {
    read: async () => storage.text,
    replace: async (_previous, next) => {
      storage.text = next;
      return true;
    },
  };
  const { store } = await open({ storage });
  const before = store.jwks();
  storage.text = undefined;
  expect(await outcomeOf(() => store.refresh().then(() => undefined))).toBe("ERR_KEY_SOURCE_UNAVAILABLE");
  expect(store.jwks()).toEqual(before);
});

it("gives up on a storage where it is never first", async () => {
  const storage: KeyStorage = { read: async () => undefined, replace: async () => false };
  expect(await outcomeOf(() => RotatingKeyStore.open({ storage }).then(() => undefined))).toBe(
    "ERR_KEY_SOURCE_UNAVAILABLE",
  );
});

it("looks after its keys by itself until it is closed", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const storage = new MemoryKeyStorage();
  const read = vi.spyOn(storage, "read");
  const { store, time } = await open({ storage });
  const [first] = kidsOf(store);
  time.now += 30 * DAY;
  vi.advanceTimersByTime(1000);
  await vi.waitFor(async () => expect((await stored(storage)).retained[0]?.jwk.kid).toBe(first));
  store.close();
  read.mockClear();
  vi.advanceTimersByTime(10_000);
  expect(read).not.toHaveBeenCalled();
});

it("does not share what it publishes with its callers", async () => {
  const { store } = await open();
  (store.jwks().keys as unknown[]).length = 0;
  Object.assign(store.jwks().keys[0] ?? {}, { kid: "changed" });
  expect(kidsOf(store)).toEqual([store.current().kid, expect.any(String)]);
  expect(kidsOf(store)).not.toContain("changed");
});

it("refuses a clock that tells no time", async () => {
  const { store, time } = await open();
  time.now = Number.NaN;
  expect(() => store.current()).toThrow(expect.objectContaining({ code: "ERR_CLOCK" }));
});
