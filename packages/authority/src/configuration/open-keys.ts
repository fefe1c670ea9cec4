import type { Clock, Observer } from "@attest/core";
import { MemoryKeyStorage, RotatingKeyStore } from "@attest/jwks";
import { FileKeyStorage } from "@attest/jwks/node";
import { defined, type ReadConfiguration } from "@attest/service";
import { postgresKeyStorage } from "../keys/postgres-key-storage.ts";
import { type AuthorityKeyStore, publishedKeys } from "../keys/published-keys.ts";
import { sealedKeyStorage } from "../keys/sealed-key-storage.ts";
import { openPostgres } from "./open-postgres.ts";
import type { AuthorityConfigurationFile } from "./schema.ts";

/** Signing keys, and what ends what they need. */
export interface OpenKeys {
  readonly keyStore: AuthorityKeyStore;
  close(): Promise<void>;
}

/** Opens the signing keys, or makes the first ones. @throws AttestationError as `RotatingKeyStore.open` and `awsKmsSigner`. */
export async function openKeys(
  {
    configuration: { keys, issuer },
    files,
  }: Pick<ReadConfiguration<AuthorityConfigurationFile>, "configuration" | "files">,
  { clock, observer }: { clock: Clock; observer?: Observer },
): Promise<OpenKeys> {
  const { directory, postgres, kms, sealedWith, ...schedule } = keys ?? {};
  if (kms) return openKms(kms);
  const database = postgres === undefined ? undefined : await openPostgres(postgres, "keys.postgres");
  try {
    const own = directory === undefined ? new MemoryKeyStorage() : new FileKeyStorage(files.path(directory));
    const plain = database ? await postgresKeyStorage(database.pool, issuer) : own;
    const storage = sealedWith === undefined ? plain : sealedKeyStorage(plain, await files.secret(sealedWith));
    const options = { storage, ...defined(schedule), clock, ...(observer && { observer }) };
    const keyStore = await RotatingKeyStore.open(options);
    const close = async () => {
      keyStore.close();
      await database?.close();
    };
    return { keyStore, close };
  } catch (error) {
    await database?.close();
    throw error;
  }
}

type KeyService = NonNullable<NonNullable<AuthorityConfigurationFile["keys"]>["kms"]>;

async function openKms({ keyId, alsoPublish = [], region, endpoint }: KeyService): Promise<OpenKeys> {
  const sdk = await import("@aws-sdk/client-kms").catch(() => undefined);
  if (!sdk) throw new Error("keys.kms needs a package: npm install @aws-sdk/client-kms");
  const { awsKmsSigner } = await import("../kms/aws.ts");
  const client = new sdk.KMSClient(defined({ region, endpoint }));
  try {
    const signers = [keyId, ...alsoPublish].map((id) => awsKmsSigner({ client, keyId: id }));
    const [current, ...others] = await Promise.all(signers);
    return {
      keyStore: publishedKeys(current as Awaited<(typeof signers)[0]>, others),
      close: async () => client.destroy(),
    };
  } catch (error) {
    client.destroy();
    throw error;
  }
}
