import { chmod, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { OwnDirectory } from "../src/node.ts";

let work = "";
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "attest-own-"));
});
afterAll(() => rm(work, { recursive: true }));

const failures = { code: "ERR_SOURCE_UNAVAILABLE", directory: "The folder of notes" } as const;

it("makes files whole, once for each name, and tells what is there", async () => {
  const path = join(await mkdtemp(join(work, "case-")), "notes");
  const directory = new OwnDirectory(path, failures);
  expect([await directory.names(), await directory.read("a")]).toEqual([[], undefined]);
  expect(await directory.create("a", "one")).toBe(true);
  expect(await directory.create("a", "two")).toBe(false);
  expect([await directory.names(), await directory.read("a")]).toEqual([["a"], "one"]);
  expect((await stat(join(path, "a"))).mode & 0o777).toBe(0o600);
  await directory.empty("a");
  expect(await directory.read("a")).toBe("");
  await directory.remove("a");
  await directory.remove("a");
  expect(await readdir(path)).toEqual([]);
});

it("makes no file where others can write, and says so in its own words and code", async () => {
  const path = join(await mkdtemp(join(work, "case-")), "notes");
  await mkdir(path);
  await chmod(path, 0o777);
  await expect(new OwnDirectory(path, failures).create("a", "one")).rejects.toMatchObject({
    code: "ERR_SOURCE_UNAVAILABLE",
    message: expect.stringMatching(/^Others can write to the folder of notes: /),
  });
  expect(await readdir(path)).toEqual([]);
  await expect(new OwnDirectory("/dev/null/notes", failures).names()).rejects.toMatchObject({
    message: "The folder of notes failed: ENOTDIR at lstat",
  });
});
