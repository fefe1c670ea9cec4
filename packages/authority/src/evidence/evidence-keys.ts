import { type Clock, decodeStrictJson, type MaybePromise, optionError } from "@attest/core";
import { DocumentClient, type DocumentClientOptions, RemoteDocument } from "@attest/remote-documents";
import type { EvidenceAlgorithm } from "../crypto/evidence-algorithms.ts";
import type { PlatformKey } from "../crypto/platform.ts";
import type { KeyUse } from "./platform-jwk.ts";
import { PlatformKeys } from "./platform-keys.ts";

/** Where the keys of a platform are: at an address, or pasted, for platforms that the authority cannot reach. */
export interface KeyOptions {
  /** The address of the platform's JWK set. */
  readonly jwksUri?: string;
  /** The JWK set itself: public keys. */
  readonly jwks?: {
    /** Its keys, each a JWK. */
    readonly keys: readonly object[];
  };
  /** How `jwksUri` is fetched. Default: over HTTPS, from public addresses. */
  readonly fetching?: DocumentClientOptions;
  /** By which fetched keys age, Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

/** Finds the key that a token names. */
export interface EvidenceKeys {
  /**
   * The platform's key of that name for an algorithm; `undefined` if it has none.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if that cannot be known now.
   */
  find(kid: string, algorithm: EvidenceAlgorithm): MaybePromise<PlatformKey | undefined>;
  close(): Promise<void>;
}

/**
 * The keys of a platform.
 *
 * @throws AttestationError `ERR_OPTION` unless exactly one of `jwksUri` and `jwks` is there, and good.
 */
export function evidenceKeys(options: KeyOptions, use: KeyUse = "sig"): EvidenceKeys {
  const { jwksUri, jwks, fetching, clock } = options;
  if ((jwksUri === undefined) === (jwks === undefined)) {
    throw optionError("jwks", "or jwksUri must be given, and not both: the keys themselves or their address");
  }
  if (jwks !== undefined) {
    const pasted = new PlatformKeys(jwks, use);
    if (pasted.size === 0) throw optionError("jwks", "has no public key that can be used");
    return { find: (kid, algorithm) => pasted.find(kid, algorithm), close: async () => {} };
  }
  const client = new DocumentClient(fetching ?? {});
  const document = new RemoteDocument<PlatformKeys>({
    client,
    url: jwksUri as string,
    urlOption: "jwksUri",
    accept: "application/jwk-set+json, application/json",
    parse: (body) => ({ value: new PlatformKeys(decodeStrictJson(body).value, use) }),
    code: "ERR_KEY_SOURCE_UNAVAILABLE",
    source: "The platform's key endpoint",
    unavailable: "The keys of the platform cannot be fetched",
    ...(clock && { clock }),
  });
  return {
    async find(kid, algorithm) {
      const keys: MaybePromise<PlatformKeys | undefined> = document.find((set) => (set.has(kid) ? set : undefined));
      return (await keys)?.find(kid, algorithm);
    },
    close: () => client.close(),
  };
}
