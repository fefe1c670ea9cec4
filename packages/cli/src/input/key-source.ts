import { AttestationError, InMemoryKeyResolver, type KeyResolver } from "@attest/core";
import { UsageError } from "../exit.ts";
import { readKeySet } from "./read-keys.ts";

/**
 * The keys of an issuer, from a file.
 *
 * @throws UsageError naming the option.
 */
export async function openKeySource(source: string, option: string, issuer: string): Promise<KeyResolver> {
  const resolver = new InMemoryKeyResolver();
  const skipped: string[] = [];
  for (const key of await readKeySet(source, option)) {
    try {
      await resolver.addKey(issuer, key);
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      // A set may hold keys for other uses; anything else that is wrong with it is told.
      if (error.code !== "ERR_KEY_UNSUPPORTED") throw new UsageError(`${option}: ${source}: ${error.message}`);
      skipped.push(error.message);
    }
  }
  if (resolver.issuers.length === 0) throw new UsageError(`${option}: ${source} holds no usable key: ${skipped[0]}`);
  return resolver;
}
