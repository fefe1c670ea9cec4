import type { Clock } from "@attest/core";
import { defined, type ReadConfiguration as Read } from "@attest/service";
import { MemoryStatusStorage, StatusListPublisher, type StatusStorage } from "@attest/status-list";
import { FileStatusStorage } from "@attest/status-list/node";
import type { AuthorityKeyStore } from "../keys/published-keys.ts";
import { openPostgres } from "./open-postgres.ts";
import type { AuthorityConfigurationFile } from "./schema.ts";

type ReadConfiguration = Read<AuthorityConfigurationFile>;

/** Opens the list in which attestations are revoked, if one is configured. @throws AttestationError as the publisher. */
export async function openStatusList(
  { configuration }: Pick<ReadConfiguration, "configuration">,
  { storage, signer, clock }: { storage: StatusStorage; signer: AuthorityKeyStore; clock: Clock },
): Promise<StatusListPublisher | undefined> {
  const { statusList, issuer } = configuration;
  if (!statusList) return undefined;
  const { uri, ...options } = statusList;
  return StatusListPublisher.open({ uri, issuer, signer, storage, clock, ...defined(options) });
}

/** A storage, and what ends its connections. */
export interface OpenStorage {
  readonly storage: StatusStorage;
  close(): Promise<void>;
}

/** Opens where indexes and revocations are kept. @throws An Error that says what to install; what the database says. */
export async function openStorage({
  configuration: { storage, statusList },
  files,
}: Pick<ReadConfiguration, "configuration" | "files">): Promise<OpenStorage> {
  if (storage && "directory" in storage) {
    return { storage: new FileStatusStorage(files.path(storage.directory)), close: async () => {} };
  }
  if (!storage || !statusList) return { storage: new MemoryStatusStorage(), close: async () => {} };
  const { pool, close } = await openPostgres(storage.postgres, "storage.postgres");
  try {
    const { PostgresStatusStorage } = await import("@attest/status-list/postgres");
    const database = new PostgresStatusStorage({ pool, list: statusList.uri });
    await database.createTables();
    return { storage: database, close };
  } catch (error) {
    await close();
    throw error;
  }
}
