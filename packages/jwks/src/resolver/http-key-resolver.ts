import { type KeyResolver, type MaybePromise, optionError, type VerificationKey } from "@attest/core";
import type { DocumentClient } from "@attest/remote-documents";
import { IssuerKeys } from "./issuer-keys.ts";
import { configure, configureIssuers, type HttpKeyResolverOptions } from "./resolver-options.ts";

/**
 * Finds the keys of trusted issuers at their JWKS endpoints or SPIFFE bundle endpoints, and keeps them vetted and prepared.
 *
 * Fetches over HTTPS from public addresses only, without redirects, within one deadline and a byte limit. For each issuer
 * one fetch is in flight at a time. Keys are refreshed ahead of their expiry by the traffic that uses them; there are no
 * timers. Make one for a process, and share it between verifiers.
 *
 * @example
 * ```ts
 * import { HttpKeyResolver } from "@attest/jwks";
 *
 * const jwksUri = "https://authority.example/.well-known/jwks.json";
 * const keyResolver = new HttpKeyResolver({ issuers: { "https://authority.example": { jwksUri } } });
 * await keyResolver.ready();
 * ```
 */
export class HttpKeyResolver implements KeyResolver {
  /** The issuers that it fetches keys of. */
  readonly issuers: readonly string[];
  readonly #client: DocumentClient;
  readonly #keys: ReadonlyMap<string, IssuerKeys>;

  /**
   * Make one for a process, and share it between verifiers. Does no I/O: `ready()` fetches, and so does the first look-up.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option that makes no sense.
   */
  constructor(options: HttpKeyResolverOptions);
  /** @internal @param issuersOption What errors call `issuers`. */
  constructor(options: HttpKeyResolverOptions, issuersOption: string);
  constructor(options: HttpKeyResolverOptions, issuersOption = "issuers") {
    const configuration = configure(options);
    const sources = configureIssuers(options.issuers, issuersOption);
    this.issuers = Object.freeze([...sources.keys()]);
    this.#client = configuration.client;
    this.#keys = new Map(
      [...sources].map(([issuer, source]) => [issuer, new IssuerKeys(issuer, source, configuration)]),
    );
  }

  /**
   * The issuer's key with that kid, at once if no fetch is needed; `undefined` if the issuer publishes none, or is not
   * configured (K7).
   *
   * @throws AttestationError `ERR_KEY_NOT_FOUND` if the issuer publishes a key with that kid that must not be used; the
   * message says why. `ERR_KEY_SOURCE_UNAVAILABLE` if it is not known (J8), `ERR_KEY_DUPLICATE` if the set has several
   * keys with that kid (K4), `ERR_CLOCK`.
   */
  resolve(issuer: string, kid: string): MaybePromise<VerificationKey | undefined> {
    return this.#keys.get(issuer)?.resolve(kid);
  }

  /**
   * Fetches the keys of every issuer that has none yet.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if those of any cannot be fetched or none of them can be used; the
   * others are served.
   */
  async ready(): Promise<void> {
    await Promise.all([...this.#keys.values()].map((keys) => keys.ready()));
  }

  /**
   * Fetches keys now, even if the held ones are fresh or `cooldown` and back-off have not passed. For operators, after an
   * authority removed or replaced a key. The fetch begins after the call and ends within `timeoutMs`. Calls that come before
   * it begins share it: for each issuer, at most one fetch is under way and one waits.
   *
   * @param issuer Default: every configured one.
   * @throws AttestationError `ERR_OPTION` for an issuer that is not configured; `ERR_KEY_SOURCE_UNAVAILABLE` if any fetch
   * fails; the held keys then stay for their time.
   */
  async reload(issuer?: string): Promise<void> {
    if (issuer === undefined) {
      await Promise.all([...this.#keys.values()].map((keys) => keys.reload()));
      return;
    }
    const keys = this.#keys.get(issuer);
    if (!keys) throw optionError("issuer", "must be one of the configured issuers");
    await keys.reload();
  }

  /** Ends fetches and connections. From then on every key is unavailable. */
  async close(): Promise<void> {
    await this.#client.close();
  }
}
