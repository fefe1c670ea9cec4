export {
  POSTGRES_STATUS_TABLES,
  type PostgresLike,
  PostgresStatusStorage,
  type PostgresStatusStorageOptions,
} from "./storage/postgres-status-storage.ts";
