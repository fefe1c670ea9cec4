import type { PostgresLike } from "@attest/status-list/postgres";

/** How long a connection and a statement may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 2000;
const QUERY_TIMEOUT_MS = 5000;

/**
 * Opens a pool of connections to PostgreSQL. Connects when it is first used.
 *
 * @param place Which part of the configuration wants it. @throws Error that says what to install.
 */
export async function openPostgres(
  connectionString: string,
  place: string,
): Promise<{ pool: PostgresLike; close: () => Promise<void> }> {
  const pg = await import("pg").catch(() => undefined);
  if (!pg) throw new Error(`${place} needs a package: npm install pg`);
  const pool = new pg.default.Pool({
    connectionString,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
  });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", () => {});
  return { pool, close: () => pool.end() };
}
