import type { KeyResolver, MaybePromise, VerificationKey } from "@attest/core";
import { IssuerKeys } from "./issuer-keys.ts";
import { configure, type HttpKeyResolverOptions, type ResolverConfiguration } from "./resolver-options.ts";

/**
 * Finds the keys of trusted issuers at their JWKS endpoints, and keeps them vetted and prepared.
 *
 * Fetches over HTTPS from public addresses only, without redirects, within one deadline and a byte limit. Of each issuer
 * one fetch is in flight at a time. Keys are refreshed ahead of their expiry by the traffic that uses them; there are no
 * timers. Make one for a process, and share it between verifiers.
 */
export class HttpKeyResolver implements KeyResolver {
  readonly issuers: readonly string[];
  readonly #configuration: ResolverConfiguration;
  readonly #keys: ReadonlyMap<string, IssuerKeys>;
  readonly #closing = new AbortController();

  /** @throws AttestationError `ERR_OPTION`, naming the option that makes no sense. */
  constructor(options: HttpKeyResolverOptions) {
    this.#configuration = configure(options);
    const { issuers } = this.#configuration;
    this.issuers = Object.freeze([...issuers.keys()]);
    this.#keys = new Map(
      [...issuers].map(([issuer, url]) => [
        issuer,
        new IssuerKeys(issuer, url, this.#configuration, this.#closing.signal),
      ]),
    );
  }

  /**
   * The issuer's key with that kid, at once if no fetch is needed; `undefined` if it has none, or is not configured (K7).
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if that cannot be told (J8), `ERR_KEY_DUPLICATE` if the set has
   * several keys with that kid (K4), `ERR_CLOCK`.
   */
  resolve(issuer: string, kid: string): MaybePromise<VerificationKey | undefined> {
    return this.#keys.get(issuer)?.resolve(kid);
  }

  /**
   * Fetches the keys of every issuer that has none yet.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if those of any cannot be fetched; the others are served.
   */
  async ready(): Promise<void> {
    await Promise.all([...this.#keys.values()].map((keys) => keys.ready()));
  }

  /** Ends fetches and connections. From then on every key is unavailable. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#configuration.client.close();
  }
}
