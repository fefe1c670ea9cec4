import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "tsup";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { RotatingKeyStore } from "../src/index.ts";
import { FileKeyStorage } from "../src/node.ts";

let work = "";
let directory = "";

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-keys-"));
  await build({
    entry: [fileURLToPath(new URL("key-process.ts", import.meta.url))],
    outDir: work,
    format: "esm",
    config: false,
    silent: true,
    noExternal: [/.*/],
    esbuildOptions(options) {
      options.conditions = ["@attest/source"];
    },
    outExtension: () => ({ js: ".mjs" }),
  });
});

afterAll(() => rm(work, { recursive: true, force: true }));

async function emptyDirectory(): Promise<string> {
  directory = join(await mkdtemp(join(work, "case-")), "keys");
  return directory;
}

const generations = async () => (await readdir(directory)).filter((name) => name.startsWith("keys-"));

function startProcess(changes: number): ChildProcess {
  const child = spawn(process.execPath, [join(work, "key-process.mjs"), directory, String(changes)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

it("keeps one text, readable by its owner alone, and empties what it supersedes", async () => {
  const storage = new FileKeyStorage(await emptyDirectory());
  expect(await storage.read()).toBeUndefined();
  expect(await storage.replace(undefined, "one")).toBe(true);
  expect(await storage.replace("one", "two")).toBe(true);
  expect(await storage.read()).toBe("two");
  expect((await readdir(directory)).sort()).toEqual(["keys-1.json", "keys-2.json"]);
  expect(await readFile(join(directory, "keys-1.json"), "utf8")).toBe("");
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, "keys-2.json"))).mode & 0o777).toBe(0o600);
});

it("replaces only what is still there", async () => {
  const storage = new FileKeyStorage(await emptyDirectory());
  await storage.replace(undefined, "one");
  expect(await storage.replace(undefined, "other")).toBe(false);
  expect(await storage.replace("two", "other")).toBe(false);
  expect(await storage.read()).toBe("one");
  expect(await generations()).toEqual(["keys-1.json"]);
});

it("lets exactly one of many be first", async () => {
  const path = await emptyDirectory();
  for (let previous: string | undefined, round = 0; round < 20; round++) {
    const texts = Array.from({ length: 10 }, (_, i) => `${round}-${i}`);
    const won = await Promise.all(texts.map((text) => new FileKeyStorage(path).replace(previous, text)));
    expect(won.filter(Boolean)).toHaveLength(1);
    previous = await new FileKeyStorage(path).read();
    expect(previous).toBe(texts[won.indexOf(true)]);
  }
});

it("keeps no more than a few names and no remains of crashes", async () => {
  const storage = new FileKeyStorage(await emptyDirectory());
  await mkdir(directory);
  const abandoned = join(directory, `draft-${"0".repeat(32)}`);
  const underWay = join(directory, `draft-${"1".repeat(32)}`);
  for (const draft of [abandoned, underWay, join(directory, "notes.txt")]) await writeFile(draft, "half of a te");
  await utimes(abandoned, 1, 1);
  for (let i = 0; i < 40; i++)
    expect(await storage.replace(i === 0 ? undefined : `text ${i - 1}`, `text ${i}`)).toBe(true);
  expect(await generations()).toHaveLength(16);
  expect((await readdir(directory)).filter((name) => !name.startsWith("keys-")).sort()).toEqual([
    `draft-${"1".repeat(32)}`,
    "notes.txt",
  ]);
  expect(await storage.read()).toBe("text 39");
});

it("says what the system said, without a path or a key, and reads no emptied file as none", async () => {
  const storage = new FileKeyStorage(await emptyDirectory());
  await storage.replace(undefined, "one");
  await truncate(join(directory, "keys-1.json"));
  await expect(storage.read()).rejects.toMatchObject({ code: "ERR_KEY_FORMAT" });
  await writeFile(`${directory}-file`, "");
  const message = "The key directory failed: ENOTDIR at scandir";
  const misplaced = new FileKeyStorage(`${directory}-file`);
  await expect(misplaced.read()).rejects.toMatchObject({ code: "ERR_KEY_SOURCE_UNAVAILABLE", message });
  expect(() => new FileKeyStorage("")).toThrow(/^directory must/);
});

it("loses no change of several processes at once", async () => {
  await emptyDirectory();
  const children = Array.from({ length: 4 }, () => startProcess(10));
  const outputs = await Promise.all(
    children.map(async (child) => {
      let output = "";
      child.stdout?.on("data", (chunk) => {
        output += chunk;
      });
      expect(await once(child, "exit")).toEqual([0, null]);
      return JSON.parse(output.split("\n")[1] ?? "") as string[];
    }),
  );
  // Had one change overwritten another, a removed key would have come back, to be removed once more.
  const removed = outputs.flat();
  expect(new Set(removed).size).toBe(40);
  const store = await RotatingKeyStore.open({ storage: new FileKeyStorage(directory) });
  onTestFinished(() => store.close());
  for (const { kid } of store.jwks().keys) expect(removed).not.toContain(kid);
  // The first one founded the ring.
  expect(Math.max(...(await generations()).map((name) => Number(/\d+/.exec(name)?.[0])))).toBe(41);
});

it("holds whole keys after processes were killed in the middle of their changes", async () => {
  const storage = new FileKeyStorage(await emptyDirectory());
  for (let round = 0; round < 12; round++) {
    const child = startProcess(0);
    if (child.stdout) await once(child.stdout, "data");
    // Each round gets a little further into a change before it ends.
    for (let i = 0; i < 1 + round * 2; i++) await storage.read();
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = await RotatingKeyStore.open({ storage });
    expect(store.jwks().keys).toHaveLength(2);
    const { kid } = store.current();
    await store.remove(kid);
    expect(store.current().kid).not.toBe(kid);
    store.close();
  }
});
