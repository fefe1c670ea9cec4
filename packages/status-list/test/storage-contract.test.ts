import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { PostgresServer, requirePostgres } from "postgres-harness";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusStorageContract } from "../src/contract/index.ts";
import { MemoryStatusStorage } from "../src/index.ts";
import { FileStatusStorage } from "../src/node.ts";
import { PostgresStatusStorage } from "../src/postgres.ts";

const runner = { describe, it, expect };

describe("MemoryStatusStorage", () => {
  statusStorageContract(runner, async () => {
    const storage = new MemoryStatusStorage();
    return { open: async () => storage };
  });
});

describe("FileStatusStorage", () => {
  const emptyFolder = () => mkdtemp(join(tmpdir(), "attest-status-"));
  statusStorageContract(
    runner,
    async () => {
      const folder = await emptyFolder();
      return {
        open: async () => new FileStatusStorage(join(folder, "status")),
        close: () => rm(folder, { recursive: true }),
      };
    },
    async () => new FileStatusStorage("/dev/null/status"),
  );
});

describe.runIf(requirePostgres("the tests of PostgresStatusStorage"))("PostgresStatusStorage", () => {
  let server: PostgresServer;
  let pool: Pool;
  let lists = 0;
  beforeAll(async () => {
    server = await PostgresServer.start();
    pool = new Pool({ ...server.connection, max: 20 });
    // Idle connections end with the server in one test; nobody listening to that would end the process.
    pool.on("error", () => {});
    await new PostgresStatusStorage({ pool, list: "any" }).createTables();
  });
  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  statusStorageContract(
    runner,
    async () => {
      const list = `https://authority.example/status/${lists++}`;
      return { open: async () => new PostgresStatusStorage({ pool, list }) };
    },
    async () => {
      const elsewhere = new Pool({ ...server.connection, port: 1, connectionTimeoutMillis: 1000 });
      return new PostgresStatusStorage({ pool: elsewhere, list: "any" });
    },
  );

  it("makes its tables once, however many make them at once", async () => {
    await pool.query("CREATE SCHEMA many");
    const pools = Array.from({ length: 8 }, () => new Pool({ ...server.connection, options: "-c search_path=many" }));
    await Promise.all(pools.map((each) => new PostgresStatusStorage({ pool: each, list: "any" }).createTables()));
    const storage = new PostgresStatusStorage({ pool: pools[0] as Pool, list: "any" });
    expect(await storage.append(0, "first")).toBe(true);
    await Promise.all(pools.map((each) => each.end()));
  });

  it("keeps what it confirmed through a crash of the database that was configured to lose it", async () => {
    const lazy = new Pool({ ...server.connection, options: "-c synchronous_commit=off" });
    lazy.on("error", () => {});
    const storage = new PostgresStatusStorage({ pool: lazy, list: "crash" });
    let confirmed = 0;
    for (; confirmed < 20; confirmed++) expect(await storage.append(confirmed, `entry ${confirmed}`)).toBe(true);
    await server.crash();
    await lazy.end().catch(() => {});
    await server.resume();
    expect((await new PostgresStatusStorage({ pool, list: "crash" }).read(0)).head).toBe(confirmed);
  });
});

it("refuses wrong options of a storage by their names", () => {
  const pool = { query: async () => ({ rows: [] }) };
  for (const options of [
    { pool: {} as never, list: "a" },
    { pool: undefined as never, list: "a" },
  ]) {
    expect(() => new PostgresStatusStorage(options)).toThrow(/^pool must/);
  }
  for (const list of ["", "x".repeat(2049), "a\0b", undefined as never]) {
    expect(() => new PostgresStatusStorage({ pool, list })).toThrow(/^list must/);
  }
  expect(() => new PostgresStatusStorage({ pool, list: "a", tabel: 1 } as never)).toThrow(/^tabel is not an option/);
  expect(() => new FileStatusStorage("")).toThrow(/^directory must/);
});
