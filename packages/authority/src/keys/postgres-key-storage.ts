import type { KeyStorage } from "@attest/jwks";
import type { PostgresLike } from "@attest/status-list/postgres";

const TABLE = "CREATE TABLE IF NOT EXISTS attest_keys (name text PRIMARY KEY, text text NOT NULL)";
/** What is confirmed outlasts a crash of the database, whatever its configuration says. */
const DURABLE = "SELECT set_config('synchronous_commit', 'on', true)";
const FIRST = `WITH durable AS (${DURABLE})
INSERT INTO attest_keys (name, text) SELECT $1, $2 FROM durable ON CONFLICT DO NOTHING RETURNING name`;
const NEXT = `WITH durable AS (${DURABLE})
UPDATE attest_keys SET text = $3 FROM durable WHERE name = $1 AND text = $2 RETURNING name`;

/**
 * The keys of an authority in PostgreSQL, for its replicas on several machines. Wrap it in `sealedKeyStorage`: what it stores are
 * private keys, and anyone who reads the database could sign otherwise. Makes its table, `attest_keys`, if it is not there.
 *
 * @param pool A `Pool` of `pg`; it stays the caller's to end. @param name Whose keys they are: authorities share the table.
 * @throws What the pool throws.
 */
export async function postgresKeyStorage(pool: PostgresLike, name: string): Promise<KeyStorage> {
  // Two that make one table at once get in each other's way.
  await pool.query(`DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('attest_keys')); ${TABLE}; END $$`, []);
  return {
    async read() {
      const { rows } = await pool.query("SELECT text FROM attest_keys WHERE name = $1", [name]);
      const text = rows[0]?.["text"];
      return typeof text === "string" ? text : undefined;
    },
    async replace(previous, next) {
      const isFirst = previous === undefined;
      const { rows } = await pool.query(isFirst ? FIRST : NEXT, isFirst ? [name, next] : [name, previous, next]);
      return rows.length === 1;
    },
  };
}
