import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyAuditLog } from "@attest/observability";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openAuditLog } from "../src/open-audit-log.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attest-audit-"));
  file = join(folder, "audit.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

const demand = { type: "demand", outcome: "met", subject: "spiffe://example.com/model/aurora-2" } as const;
const lines = async () => (await readFile(file, "utf8")).split("\n");

it("goes on where it stood when the server starts again, readable by its owner alone", async () => {
  for (let start = 0; start < 3; start++) {
    const log = await openAuditLog(file);
    log.onEvent?.(demand);
    log.onEvent?.(demand);
  }
  expect(await verifyAuditLog(await lines())).toMatchObject({ valid: true, entries: 6 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it("adds nothing to a log that somebody changed, and says where", async () => {
  const log = await openAuditLog(file);
  for (let i = 0; i < 3; i++) log.onEvent?.(demand);
  const [first = "", second = "", ...rest] = await lines();
  await writeFile(file, [first, second.replace("aurora-2", "aurora-3"), ...rest].join("\n"));
  await expect(openAuditLog(file)).rejects.toThrow("line 2 is altered");
});
