import {
  AttestationError,
  InMemoryKeyResolver,
  importVerificationKey,
  type KeyResolver,
  type TokenFormat,
} from "@attest/core";
import { UsageError } from "../exit.ts";
import { readKeySet } from "./read-keys.ts";

/** How keys may be fetched, where they are. */
export interface KeySourceOptions {
  readonly allowInsecureHttp?: boolean;
  readonly allowPrivateNetwork?: boolean;
  /** Reads a key. Default: as `importVerificationKey`. */
  readonly importKey?: TokenFormat["importKey"];
}

/**
 * The keys of an issuer, from a URL or a file.
 *
 * @throws UsageError naming the option; AttestationError `ERR_OPTION` for a URL that keys are not fetched from.
 */
export async function openKeySource(
  source: string,
  option: string,
  issuer: string,
  { allowInsecureHttp = false, allowPrivateNetwork = false, importKey = importVerificationKey }: KeySourceOptions,
): Promise<KeyResolver> {
  if (/^https?:/i.test(source)) {
    refuseInsecure(source, option, allowInsecureHttp);
    const { HttpKeyResolver } = await import("@attest/jwks");
    const issuers = { [issuer]: { jwksUri: source, importKey } };
    return new HttpKeyResolver({ issuers, allowInsecureHttp, allowPrivateNetwork });
  }
  return fromFile(source, option, issuer, importKey);
}

/** @throws UsageError naming the option, if keys would be fetched over http and `allowed` does not say so. */
export function refuseInsecure(source: string, option: string, allowed: boolean): void {
  if (!/^http:/i.test(source) || allowed) return;
  throw new UsageError(
    `${option}: anyone on the network path can replace keys that are fetched over http; use https, or --allow-insecure-http`,
  );
}

async function fromFile(
  source: string,
  option: string,
  issuer: string,
  importKey: TokenFormat["importKey"],
): Promise<KeyResolver> {
  const resolver = new InMemoryKeyResolver();
  const skipped = new Map<unknown, string>();
  for (const key of await readKeySet(source, option)) {
    try {
      await resolver.addKey(issuer, key, importKey);
    } catch (error) {
      if (!(error instanceof AttestationError)) throw error;
      // A set may hold keys for other uses; anything else that is wrong with it is reported.
      if (error.code !== "ERR_KEY_UNSUPPORTED") throw new UsageError(`${option}: ${source}: ${error.message}`);
      skipped.set(key.kid, error.message);
    }
  }
  if (resolver.issuers.length === 0) {
    throw new UsageError(`${option}: ${source} holds no usable key: ${[...skipped.values()][0]}`);
  }
  return {
    issuers: resolver.issuers,
    resolve(of, kid) {
      const key = resolver.resolve(of, kid);
      const why = skipped.get(kid);
      if (key || why === undefined) return key;
      throw new AttestationError("ERR_KEY_NOT_FOUND", `The issuer's key with this kid is not used: ${why}`);
    },
  };
}
