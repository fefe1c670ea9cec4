export { findPostgres, requirePostgres } from "./find-postgres.ts";
export { PostgresServer } from "./postgres-server.ts";
