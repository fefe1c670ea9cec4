import { AttestationError, optionError } from "../errors.ts";
import { keyImporterOf } from "../formats/registry.ts";
import { combineKeyResolvers } from "../keys/combine-key-resolvers.ts";
import { isKid, type PublicJwk } from "../keys/jwk.ts";
import type { KeyResolver } from "../keys/key-resolver.ts";
import { importVerificationKey, type VerificationKey } from "../keys/verification-key.ts";
import { vetPublicJwk } from "../keys/vet-public-jwk.ts";
import { isPending } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import type { VerifierOptions } from "../trust/verifier-options.ts";

/**
 * What finds the keys of trusted issuers: those that they list themselves, and the resolver of the options for all others.
 *
 * @throws AttestationError `ERR_OPTION` if an issuer's keys could never be found.
 */
export function resolverOf(
  { keyResolver, trustedIssuers }: VerifierOptions,
  issuers: ReadonlyMap<string, ConfiguredIssuer>,
): KeyResolver {
  const listed = trustedIssuers.filter(({ keys }) => keys !== undefined);
  const others = trustedIssuers.filter(({ keys }) => keys === undefined).map(({ issuer }) => issuer);
  if (keyResolver === undefined && others.length > 0) {
    throw optionError("keyResolver", `must be given, or keys for each trusted issuer: ${others.join(", ")} has none`);
  }
  if (keyResolver !== undefined) assertResolver(keyResolver, others);
  if (listed.length === 0) return keyResolver as KeyResolver;
  const byValue = new KeysByValue();
  for (const { issuer, keys = [] } of listed) {
    if (keyResolver?.issuers?.includes(issuer)) {
      throw optionError("keyResolver", `must not know ${issuer} too, which lists its own keys (trustedIssuers.keys)`);
    }
    byValue.list(issuer, keys, (issuers.get(issuer) as ConfiguredIssuer).formats);
  }
  return keyResolver === undefined ? byValue : combineKeyResolvers(byValue, keyResolver);
}

function assertResolver(keyResolver: KeyResolver, issuers: readonly string[]): void {
  if (typeof keyResolver?.resolve !== "function") throw optionError("keyResolver", "must have a resolve function");
  const known = keyResolver.issuers;
  if (!known?.length) return;
  const orphan = issuers.find((issuer) => !known.includes(issuer));
  if (orphan === undefined) return;
  throw optionError(
    "keyResolver",
    `knows no keys of the trusted issuer ${orphan}. Add them to the resolver (addKey, jwksUri) or to the issuer (keys). ` +
      `Issuers are compared byte for byte; the resolver knows ${known.join(", ")}`,
  );
}

/** Keys that a configuration lists. They are vetted when first needed, since that takes a platform's cryptography. */
class KeysByValue implements KeyResolver {
  readonly #keys = new Map<string, Map<string, VerificationKey | Promise<VerificationKey>>>();
  readonly #jwks = new Map<
    string,
    { readonly jwks: readonly PublicJwk[]; readonly importKey: TokenFormat["importKey"] }
  >();

  get issuers(): readonly string[] {
    return [...this.#jwks.keys()];
  }

  /** @throws AttestationError `ERR_OPTION` for keys that could not be told apart, or as `importVerificationKey`. */
  list(issuer: string, jwks: readonly PublicJwk[], formats: readonly TokenFormat[]): void {
    if (!Array.isArray(jwks) || jwks.length === 0) {
      throw optionError("trustedIssuers.keys", `must list at least one public JWK for ${issuer}`);
    }
    const kids = jwks.map((jwk: PublicJwk | undefined) => jwk?.kid);
    if (!kids.every(isKid)) throw optionError("trustedIssuers.keys", `need a kid each for ${issuer}`);
    if (new Set(kids).size < kids.length) throw optionError("trustedIssuers.keys", `list a kid of ${issuer} twice`);
    const importKey = keyImporterOf(formats);
    // What shows without cryptography is reported at once, the rest by `ready`.
    if (importKey === importVerificationKey) jwks.forEach(vetPublicJwk);
    this.#jwks.set(issuer, { jwks: structuredClone([...jwks]), importKey });
    this.#keys.set(issuer, new Map());
  }

  resolve(issuer: string, kid: string): VerificationKey | Promise<VerificationKey> | undefined {
    const keys = this.#keys.get(issuer);
    const known = keys?.get(kid);
    if (known !== undefined) return known;
    const { jwks, importKey } = this.#jwks.get(issuer) ?? {};
    const jwk = jwks?.find((candidate) => candidate.kid === kid);
    if (!jwk || !importKey || !keys) return undefined;
    const importing = importKey(jwk).then((key) => {
      keys.set(kid, key);
      return key;
    });
    importing.catch(() => {});
    keys.set(kid, importing);
    return importing;
  }

  hasKeys(issuer: string): boolean {
    return this.#jwks.has(issuer);
  }

  /** @throws AttestationError of `importVerificationKey` for a listed key that cannot be used. */
  async ready(): Promise<void> {
    for (const [issuer, { jwks }] of this.#jwks) {
      for (const { kid = "" } of jwks) {
        const key = this.resolve(issuer, kid);
        try {
          if (isPending(key)) await key;
        } catch (error) {
          const { code, message } = error as AttestationError;
          throw new AttestationError(code, `The key ${kid} of the trusted issuer ${issuer} cannot be used. ${message}`);
        }
      }
    }
  }
}
