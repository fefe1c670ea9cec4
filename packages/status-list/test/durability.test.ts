import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { KeyPair } from "@attest/core";
import { Pool } from "pg";
import { PostgresServer, requirePostgres } from "postgres-harness";
import { build } from "tsup";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { readStatusListToken, StatusListPublisher, type StatusStorage } from "../src/index.ts";
import { FileStatusStorage } from "../src/node.ts";
import { PostgresStatusStorage } from "../src/postgres.ts";
import { ISSUER, URI } from "./signed-lists.ts";

let work = "";
beforeAll(async () => {
  // Beside the sources, so that `pg` is found.
  work = await mkdtemp(fileURLToPath(new URL("../node_modules/.durability-", import.meta.url)));
  await build({
    entry: [fileURLToPath(new URL("status-process.ts", import.meta.url))],
    outDir: work,
    format: "esm",
    config: false,
    silent: true,
    noExternal: [/@attest/],
    external: ["pg"],
    esbuildOptions(options) {
      options.conditions = ["@attest/source", "node"];
    },
    outExtension: () => ({ js: ".mjs" }),
  });
});
afterAll(() => rm(work, { recursive: true, force: true }));

/** What processes were told is done. */
interface Confirmed {
  readonly allocated: Map<string, number>;
  readonly revoked: Set<string>;
}

function startProcess(where: string, name: string, most: number, confirmed: Confirmed) {
  const child: ChildProcess = spawn(process.execPath, [join(work, "status-process.mjs"), where, name, String(most)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let notify = () => {};
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  lines.on("line", (line) => {
    const [what, key = "", idx = ""] = line.split(" ");
    if (what === "a") confirmed.allocated.set(key, Number(idx));
    if (what === "r") confirmed.revoked.add(key);
    notify();
  });
  const ended = Promise.all([once(child, "exit"), once(lines, "close")]);
  const until = (done: () => boolean) =>
    new Promise<void>((resolve, reject) => {
      child.once("exit", (status) => reject(new Error(`A process that writes ended (${status})`)));
      notify = () => {
        if (done()) resolve();
      };
    });
  return { child, ended, until };
}

/** Everything that was confirmed, and nothing else, is there for a process that opens the storage anew. */
async function expectDurable(storage: StatusStorage, { allocated, revoked }: Confirmed): Promise<void> {
  const signer = await KeyPair.generate();
  const publisher = await StatusListPublisher.open({ uri: URI, issuer: ISSUER, signer, storage, size: 2 ** 17 });
  const { importVerificationKey } = await import("@attest/core");
  const key = await importVerificationKey(signer.toJwk());
  const expected = { issuer: ISSUER, uri: URI, keyResolver: { resolve: () => key }, clockTolerance: 30 };
  const body = new TextEncoder().encode(await publisher.token());
  const { list } = await readStatusListToken(body, { ...expected, now: Math.floor(Date.now() / 1000) });
  expect(new Set(allocated.values()).size).toBe(allocated.size);
  const wrong = [...allocated].filter(([each, idx]) => revoked.has(each) && list.get(idx) !== 1);
  expect(wrong).toEqual([]);
}

/** Kills processes while they write, again and again, and looks at what is left. */
async function survives(where: () => string, open: () => StatusStorage): Promise<void> {
  const confirmed: Confirmed = { allocated: new Map(), revoked: new Set() };
  for (let round = 0; round < 3; round++) {
    const before = confirmed.revoked.size;
    const processes = [0, 1].map((i) => startProcess(where(), `${round}-${i}`, 0, confirmed));
    await Promise.all(processes.map(({ until }) => until(() => confirmed.revoked.size > before + 25)));
    for (const { child } of processes) child.kill("SIGKILL");
    await Promise.all(processes.map(({ ended }) => ended));
    await expectDurable(open(), confirmed);
  }
  // What is left can be worked on.
  const { ended } = startProcess(where(), "last", 10, confirmed);
  await ended;
  expect(confirmed.revoked.size).toBeGreaterThan(75);
  await expectDurable(open(), confirmed);
}

it("keeps what was confirmed in a directory, whenever the processes that write are killed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "attest-status-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "status");
  await survives(
    () => path,
    () => new FileStatusStorage(path),
  );
}, 180_000);

describe.runIf(requirePostgres("the tests of what outlasts a crash of PostgreSQL"))("PostgreSQL", () => {
  let server: PostgresServer;
  let pool: Pool;
  beforeAll(async () => {
    server = await PostgresServer.start();
    pool = new Pool(server.connection);
    pool.on("error", () => {});
    await new PostgresStatusStorage({ pool, list: URI }).createTables();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  it("keeps what was confirmed, whenever the processes that write are killed", async () => {
    const url = `postgres://attest@127.0.0.1:${server.port}/postgres`;
    await survives(
      () => url,
      () => new PostgresStatusStorage({ pool, list: URI }),
    );
  }, 180_000);
});
