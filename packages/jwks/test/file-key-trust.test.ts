import {
  chmod,
  chown,
  lutimes,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, onTestFinished } from "vitest";
import { createJwksHandler, RotatingKeyStore } from "../src/index.ts";
import { FileKeyStorage } from "../src/node.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
/** A user who is not this one. */
const OTHER = 12_345;
const isRoot = process.geteuid?.() === 0;

let work: string;
let directory: string;
let storage: FileKeyStorage;

beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-trust-"));
  directory = join(work, "keys");
  storage = new FileKeyStorage(directory);
  await storage.replace(undefined, "one");
});
afterEach(() => rm(work, { recursive: true, force: true }));

const first = () => join(directory, "keys-1.json");

/** Neither reads nor changes anything, and says what to do. */
async function refuses(message: RegExp): Promise<void> {
  const before = await readdir(directory);
  const refused = { code: UNAVAILABLE, message: expect.stringMatching(message) };
  await expect(storage.read()).rejects.toMatchObject(refused);
  await expect(storage.replace("one", "two")).rejects.toMatchObject(refused);
  expect(await readdir(directory)).toEqual(before);
}

it.each(["720", "702", "777", "1777"])("refuses a directory of mode %s, to which others can write", async (mode) => {
  await chmod(directory, Number.parseInt(mode, 8));
  await refuses(/Others can write to the key directory.*chmod go-w/);
  await chmod(directory, 0o755);
  expect(await storage.read()).toBe("one");
});

it.each(["640", "604", "620", "602"])(
  "refuses keys in a file of mode %s, which others can read or write",
  async (mode) => {
    await chmod(first(), Number.parseInt(mode, 8));
    await refuses(/Others can read or write keys-1\.json.*chmod 600.*disclosed/);
    await chmod(first(), 0o600);
    expect(await storage.read()).toBe("one");
  },
);

it.runIf(isRoot)("refuses a directory and a file of another user", async () => {
  await chown(directory, OTHER, OTHER);
  await refuses(/The key directory belongs to another user.*chown/);
  await chown(directory, 0, 0);
  await chown(first(), OTHER, OTHER);
  await refuses(/keys-1\.json belongs to another user.*chown/);
});

it("refuses a directory and a file of another user, by the process's own one", async () => {
  const { geteuid } = process;
  onTestFinished(() => {
    process.geteuid = geteuid as () => number;
  });
  process.geteuid = () => OTHER;
  await refuses(/The key directory belongs to another user.*chown/);
});

it("follows no link in the place of the directory", async () => {
  await rename(directory, join(work, "elsewhere"));
  await symlink(join(work, "elsewhere"), directory);
  await refuses(/The key directory is a symbolic link.*name the directory itself/);
  const empty = join(work, "empty");
  await symlink(join(work, "nowhere"), empty);
  await expect(new FileKeyStorage(empty).read()).rejects.toMatchObject({ code: UNAVAILABLE });
  await expect(new FileKeyStorage(empty).replace(undefined, "one")).rejects.toMatchObject({ code: UNAVAILABLE });
  expect(await readdir(work)).not.toContain("nowhere");
});

it("follows no link in the place of a file, neither to read it nor to empty it", async () => {
  const outside = join(work, "outside.json");
  await writeFile(outside, "another", { mode: 0o600 });
  await symlink(outside, join(directory, "keys-2.json"));
  await refuses(/keys-2\.json is a symbolic link/);
  await rm(join(directory, "keys-2.json"));
  await writeFile(join(directory, "keys-3.json"), "three", { mode: 0o600 });
  await symlink(outside, join(directory, "keys-2.json"));
  await expect(storage.replace("three", "four")).rejects.toMatchObject({ code: UNAVAILABLE });
  expect(await readFile(outside, "utf8")).toBe("another");
});

it("does not wait at what is no file", async () => {
  await mkdir(join(directory, "keys-2.json"), { mode: 0o700 });
  await refuses(/keys-2\.json is not a file/);
});

it("clears away a link in the place of a draft by the link's own age, and not what it points to", async () => {
  const outside = join(work, "outside.json");
  await writeFile(outside, "another");
  const draft = `draft-${"0".repeat(32)}`;
  await symlink(outside, join(directory, draft));
  await lutimes(join(directory, draft), 1, 1);
  expect(await storage.replace("one", "two")).toBe(true);
  expect(await readdir(directory)).not.toContain(draft);
  expect(await readFile(outside, "utf8")).toBe("another");
});

it("notices it at each read: a store publishes nothing from then on, and signs with what it has", async () => {
  await rm(directory, { recursive: true });
  const store = await RotatingKeyStore.open({ storage });
  onTestFinished(() => store.close());
  const publish = createJwksHandler(store);
  const status = async () => (await publish(new Request("https://authority.example/jwks.json"))).status;
  expect(await status()).toBe(200);
  const { kid } = store.current();
  await chmod(directory, 0o777);
  expect([await status(), store.current().kid]).toEqual([503, kid]);
  await chmod(directory, 0o700);
  expect(await status()).toBe(200);
});

it("leaves modes and owners to the platform where there are none, and refuses links there too", async () => {
  const { geteuid } = process;
  onTestFinished(() => {
    process.geteuid = geteuid as () => number;
  });
  delete (process as { geteuid?: unknown }).geteuid;
  await chmod(directory, 0o777);
  await chmod(first(), 0o666);
  expect(await storage.read()).toBe("one");
  await symlink(first(), join(directory, "keys-2.json"));
  await expect(storage.read()).rejects.toMatchObject({ message: expect.stringContaining("keys-2.json is a symbolic") });
});
