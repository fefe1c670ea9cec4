import { optionError, refuseUnknownOptions } from "@attest/core";
import type { StatusStorage, StoredStatus } from "./status-storage.ts";

/** What is used of a connection pool: a `Pool` of `pg` fits. */
export interface PostgresLike {
  /** Runs one statement with its values, in a transaction of its own. */
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** Where in a database a status list is kept. */
export interface PostgresStatusStorageOptions {
  /** Set its `connectionTimeoutMillis` and `query_timeout`: operations wait for as long as it does. It stays the caller's to end. */
  readonly pool: PostgresLike;
  /** Which list: its URI, or any other name of 1–2048 characters. Lists share the tables. */
  readonly list: string;
}

/** The tables that `PostgresStatusStorage` works on, for a schema that is managed elsewhere. Safe to run again. */
export const POSTGRES_STATUS_TABLES = `
CREATE TABLE IF NOT EXISTS attest_status_list (
  list text PRIMARY KEY,
  head bigint NOT NULL,
  snapshot_position bigint NOT NULL,
  snapshot text NOT NULL
);
CREATE TABLE IF NOT EXISTS attest_status_entry (
  list text NOT NULL REFERENCES attest_status_list,
  position bigint NOT NULL,
  entry text NOT NULL,
  PRIMARY KEY (list, position)
);`;

// One statement each, so that each sees one moment and happens whole or not at all. What is confirmed must outlast a crash of
// the database, whatever its configuration says: hence `synchronous_commit`.
const DURABLE = "SELECT set_config('synchronous_commit', 'on', true)";

/** First the list itself, then its entries. */
const READ = `
WITH l AS (SELECT head, snapshot_position, snapshot FROM attest_status_list WHERE list = $1)
SELECT head::float8 AS head, snapshot_position::float8 AS position,
  CASE WHEN snapshot_position > $2::bigint THEN snapshot END AS text FROM l
UNION ALL
SELECT NULL, e.position::float8, e.entry FROM attest_status_entry e, l
WHERE e.list = $1 AND e.position > greatest($2::bigint, l.snapshot_position)
ORDER BY head NULLS LAST, position`;

/** The row of the list is the lock: an update that waited for another one looks at `head` again. */
const APPEND = `
WITH durable AS (${DURABLE}), moved AS (
  UPDATE attest_status_list SET head = $2::bigint + 1 FROM durable WHERE list = $1 AND head = $2::bigint RETURNING list
)
INSERT INTO attest_status_entry (list, position, entry) SELECT list, $2::bigint + 1, $3 FROM moved RETURNING position`;

const FIRST = `
WITH durable AS (${DURABLE})
INSERT INTO attest_status_list (list, head, snapshot_position, snapshot) SELECT $1, 0, 0, '' FROM durable
ON CONFLICT DO NOTHING`;

const COMPACT = `
WITH durable AS (${DURABLE}), moved AS (
  UPDATE attest_status_list SET snapshot_position = $2::bigint, snapshot = $3 FROM durable
  WHERE list = $1 AND snapshot_position < $2::bigint RETURNING list
)
DELETE FROM attest_status_entry e USING moved WHERE e.list = moved.list AND e.position <= $2::bigint`;

/**
 * Status in PostgreSQL, shared by any number of processes on any number of machines. Works on the tables of
 * `POSTGRES_STATUS_TABLES`: run that once, by `createTables()` or with your migrations.
 */
export class PostgresStatusStorage implements StatusStorage {
  readonly #pool: PostgresLike;
  readonly #list: string;

  /** @throws AttestationError `ERR_OPTION`. */
  constructor(options: PostgresStatusStorageOptions) {
    refuseUnknownOptions(options, { pool: true, list: true }, "a status storage");
    const { pool, list } = options;
    if (typeof pool?.query !== "function") throw optionError("pool", "must have a query function, as a Pool of pg");
    if (typeof list !== "string" || list.length < 1 || list.length > 2048 || list.includes("\0")) {
      throw optionError("list", "must be a text of 1–2048 characters");
    }
    this.#pool = pool;
    this.#list = list;
  }

  /** Makes the tables, if they are not there. Needs the right to; `read` and the others only need to read and write them. */
  async createTables(): Promise<void> {
    // Two that make one table at once get in each other's way.
    const locked = `DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('attest_status')); ${POSTGRES_STATUS_TABLES} END $$`;
    await this.#pool.query(locked, []);
  }

  /** @throws What the pool throws. */
  async read(after: number): Promise<StoredStatus> {
    const { rows } = await this.#pool.query(READ, [this.#list, after]);
    const [list, ...entries] = rows.map(({ head, position, text }) => ({ head, position: Number(position), text }));
    if (!list) return { head: 0, entries: [] };
    const { head, position, text } = list;
    return {
      head: Number(head),
      ...(typeof text === "string" && { snapshot: { position, text } }),
      entries: entries.map((entry) => ({ position: entry.position, text: String(entry.text) })),
    };
  }

  /** @throws What the pool throws. */
  async append(after: number, text: string): Promise<boolean> {
    if (after === 0) await this.#pool.query(FIRST, [this.#list]);
    const { rows } = await this.#pool.query(APPEND, [this.#list, after, text]);
    return rows.length === 1;
  }

  /** @throws What the pool throws. */
  async compact(position: number, text: string): Promise<void> {
    await this.#pool.query(COMPACT, [this.#list, position, text]);
  }
}
