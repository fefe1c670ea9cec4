import { AttestationError, optionError } from "../errors.ts";
import { isKid, type PublicJwk } from "./jwk.ts";
import type { KeyResolver } from "./key-resolver.ts";
import type { Signer } from "./signer.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";

interface Entry {
  readonly jwk: PublicJwk;
  readonly key: VerificationKey;
}

/** Keys held in memory: for configuration files, tests and single-process setups. For keys over HTTP see `@attest/jwks`. */
export class InMemoryKeyResolver implements KeyResolver {
  readonly #issuers = new Map<string, Map<string, Entry>>();

  /** Every issuer that a key was added under. */
  get issuers(): readonly string[] {
    return [...this.#issuers.keys()];
  }

  /** The key of this issuer under this `kid`, and of no other (K7). */
  resolve(issuer: string, kid: string): VerificationKey | undefined {
    return this.#issuers.get(issuer)?.get(kid)?.key;
  }

  /** Whether this issuer has a key here. */
  hasKeys(issuer: string): boolean {
    return (this.#issuers.get(issuer)?.size ?? 0) > 0;
  }

  /**
   * Adds a public key under an issuer; the JWK needs a `kid`.
   *
   * @param issuer The authority that signs with the key, as `iss` names it.
   * @param jwk The public key, with a `kid`.
   * @param importKey Reads the key. Default: `importVerificationKey`. `spiffeJwtSvid.importKey` also takes RSA keys and others.
   * @throws AttestationError as `importKey`, or `ERR_KEY_DUPLICATE` if that issuer already has that `kid` (K4).
   */
  async addKey(
    issuer: string,
    jwk: PublicJwk,
    importKey: typeof importVerificationKey = importVerificationKey,
  ): Promise<void> {
    if (typeof issuer !== "string" || issuer === "") throw optionError("issuer", "must be a non-empty string");
    const key = await importKey(jwk);
    if (!isKid(key.kid)) throw new AttestationError("ERR_KEY_FORMAT", "The JWK needs a `kid` to be found by");
    const keys = this.#issuers.get(issuer) ?? new Map<string, Entry>();
    if (keys.has(key.kid))
      throw new AttestationError("ERR_KEY_DUPLICATE", "The issuer already has a key with this `kid`");
    keys.set(key.kid, { jwk: structuredClone(jwk), key });
    this.#issuers.set(issuer, keys);
  }

  /** Adds the public half of a key pair, or of anything that signs. */
  addKeyPair(issuer: string, keyPair: Pick<Signer, "toJwk">): Promise<void> {
    return this.addKey(issuer, keyPair.toJwk());
  }

  /** Removes a key; attestations it signed are refused from then on, remembered ones too. */
  removeKey(issuer: string, kid: string): void {
    this.#issuers.get(issuer)?.delete(kid);
  }

  /** The issuer's key set as it would be published. */
  toJwks(issuer: string): { keys: PublicJwk[] } {
    return { keys: [...(this.#issuers.get(issuer)?.values() ?? [])].map(({ jwk }) => structuredClone(jwk)) };
  }
}
