import { randomBytes } from "node:crypto";
import { type KeyStorage, MemoryKeyStorage, RotatingKeyStore } from "@attest/jwks";
import { expect, it } from "vitest";
import { sealedKeyStorage } from "../src/index.ts";

const secret = randomBytes(32);

it("keeps keys that a copy of the storage alone does not show", async () => {
  const inner = new MemoryKeyStorage();
  const store = await RotatingKeyStore.open({ storage: sealedKeyStorage(inner, secret) });
  const stored = (await inner.read()) ?? "";
  expect(stored).not.toContain('"d"');
  expect(stored).not.toContain(store.current().kid);
  const again = await RotatingKeyStore.open({ storage: sealedKeyStorage(inner, secret) });
  expect(again.jwks()).toEqual(store.jwks());
  store.close();
  again.close();
});

it("is shared by processes that rotate at once", async () => {
  const inner = new MemoryKeyStorage();
  const clock = { now: 1_800_000_000 };
  const open = () => RotatingKeyStore.open({ storage: sealedKeyStorage(inner, secret), clock: () => clock.now });
  const stores = [await open(), await open()];
  clock.now += 8000;
  await Promise.all(stores.map((store) => store.rotate()));
  await Promise.all(stores.map((store) => store.refresh()));
  expect(stores[0]?.jwks()).toEqual(stores[1]?.jwks());
  for (const store of stores) store.close();
});

it("opens nothing that was sealed with another secret, changed, or never sealed", async () => {
  const inner = new MemoryKeyStorage();
  const unavailable = { code: "ERR_KEY_SOURCE_UNAVAILABLE" };
  await sealedKeyStorage(inner, secret).replace(undefined, "the keys");
  await expect(sealedKeyStorage(inner, randomBytes(32)).read()).rejects.toMatchObject(unavailable);
  const { form, sealed } = JSON.parse((await inner.read()) ?? "");
  const changed = sealed.slice(0, 30) + (sealed[30] === "A" ? "B" : "A") + sealed.slice(31);
  for (const text of [JSON.stringify({ form, sealed: changed }), JSON.stringify({ sealed }), "the keys", "{}"]) {
    const other: KeyStorage = { read: async () => text, replace: async () => true };
    await expect(sealedKeyStorage(other, secret).read()).rejects.toMatchObject(unavailable);
  }
  expect(await sealedKeyStorage(inner, secret).read()).toBe("the keys");
});

it("replaces what is there, and nothing that somebody else wrote in between", async () => {
  const inner = new MemoryKeyStorage();
  const [one, two] = [sealedKeyStorage(inner, secret), sealedKeyStorage(inner, secret)];
  expect(await one.replace(undefined, "a")).toBe(true);
  expect(await two.replace(undefined, "b")).toBe(false);
  expect(await two.replace("a", "b")).toBe(false);
  expect(await two.read()).toBe("a");
  expect(await two.replace("a", "b")).toBe(true);
  // It knows what is stored, and that it is not what the caller read.
  expect(await two.replace("a", "c")).toBe(false);
  expect(await one.replace("a", "c")).toBe(false);
  expect(await one.read()).toBe("b");
});

it("needs a secret of 32 bytes and a storage", () => {
  expect(() => sealedKeyStorage(new MemoryKeyStorage(), new Uint8Array(31))).toThrow("secret");
  expect(() => sealedKeyStorage({} as KeyStorage, secret)).toThrow("storage");
});
