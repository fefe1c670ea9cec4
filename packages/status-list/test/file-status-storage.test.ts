import { chmod, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OwnDirectory } from "@attest/jwks/node";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { FileStatusStorage } from "../src/node.ts";

let work = "";
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-status-"));
});
afterAll(() => rm(work, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function emptyStorage() {
  const path = join(await mkdtemp(join(work, "case-")), "status");
  return { path, storage: new FileStatusStorage(path), other: new FileStatusStorage(path) };
}

async function fill(storage: FileStatusStorage, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) expect(await storage.append(i, `${i + 1}`)).toBe(true);
}

it("keeps files that their owner alone can read, one for each entry until a snapshot replaces them", async () => {
  const { storage, path } = await emptyStorage();
  await fill(storage, 0, 3);
  expect((await readdir(path)).sort()).toEqual(["entry-1.json", "entry-2.json", "entry-3.json"]);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
  expect((await stat(join(path, "entry-2.json"))).mode & 0o777).toBe(0o600);
  await storage.compact(2, "two");
  await storage.compact(3, "three");
  expect(await readdir(path)).toEqual(["snapshot-3.json"]);
});

it("reads again what a listing missed, as names that come meanwhile may or may not be in it", async () => {
  const { storage } = await emptyStorage();
  await fill(storage, 0, 3);
  vi.spyOn(OwnDirectory.prototype, "names").mockResolvedValueOnce(["entry-1.json", "entry-3.json"]);
  expect((await storage.read(0)).entries.map(({ position }) => position)).toEqual([1, 2, 3]);
});

it("reads again what a snapshot replaced meanwhile", async () => {
  const { storage, other } = await emptyStorage();
  await fill(storage, 0, 3);
  const read = OwnDirectory.prototype.read;
  vi.spyOn(OwnDirectory.prototype, "read").mockImplementationOnce(async function (this: OwnDirectory, name) {
    await other.compact(2, "two");
    return read.call(this, name);
  });
  expect(await storage.read(0)).toEqual({
    head: 3,
    snapshot: { position: 2, text: "two" },
    entries: [{ position: 3, text: "3" }],
  });
});

it("shows a gap that stays", async () => {
  const { storage, path } = await emptyStorage();
  await fill(storage, 0, 3);
  await rm(join(path, "entry-2.json"));
  expect((await storage.read(0)).entries.map(({ position }) => position)).toEqual([1, 3]);
});

it("stores nothing under a name that is free because others went far past it", async () => {
  const { storage, other, path } = await emptyStorage();
  await fill(storage, 0, 2);
  const create = OwnDirectory.prototype.create;
  vi.spyOn(OwnDirectory.prototype, "create").mockImplementationOnce(async function (this: OwnDirectory, name, text) {
    await fill(other, 2, 5);
    await other.compact(5, "five");
    return create.call(this, name, text);
  });
  expect(await storage.append(2, "late")).toBe(false);
  expect(await readdir(path)).toEqual(["snapshot-5.json"]);
  expect(await storage.read(2)).toEqual({ head: 5, snapshot: { position: 5, text: "five" }, entries: [] });
});

it("trusts no directory or file that others could have changed, and names no path", async () => {
  const { storage, path } = await emptyStorage();
  await fill(storage, 0, 1);
  const problem = async () => storage.read(0).then(String, ({ code, message }) => `${code} ${message}`);
  const entry = join(path, "entry-1.json");
  await chmod(entry, 0o644);
  expect(await problem()).toBe(
    "ERR_REVOCATION_UNAVAILABLE Others can read or write entry-1.json: take that from them (chmod 600)",
  );
  await rm(entry);
  await writeFile(join(work, "elsewhere"), "1", { mode: 0o600 });
  await symlink(join(work, "elsewhere"), entry);
  expect(await problem()).toBe("ERR_REVOCATION_UNAVAILABLE entry-1.json is a symbolic link: remove it");
  await chmod(path, 0o777);
  expect(await problem()).toMatch(/^ERR_REVOCATION_UNAVAILABLE Others can write to the status directory: /);
});
