import {
  combineKeyResolvers,
  importVerificationKey,
  type KeyResolver,
  keyImporterOf,
  optionError,
  refuseUnknownOptions,
  type TrustedIssuer,
  VERIFIER_OPTIONS,
  type VerifierOptions,
} from "@attest/core";
import { HttpKeyResolver } from "./http-key-resolver.ts";
import type { KeySource } from "./key-source.ts";
import { type HttpKeyResolverOptions, RESOLVER_OPTIONS } from "./resolver-options.ts";

/**
 * A trusted issuer with the URL of its keys: `jwksUri` or `bundle`, as in `KeySource`. Without either, the `keyResolver` of
 * the same options finds them.
 */
export type RemotelyTrustedIssuer =
  | (TrustedIssuer & KeySource)
  | (TrustedIssuer & { readonly jwksUri?: never; readonly bundle?: never; readonly importKey?: never });

/** Options of a verifier, or of what takes those of a verifier, whose trusted issuers may have a URL of their keys. */
export type RemoteVerifierOptions = Omit<VerifierOptions, "trustedIssuers" | "keyResolver"> & {
  /** The authorities that the server trusts, each with the URL of its keys, or with none. */
  readonly trustedIssuers: readonly [RemotelyTrustedIssuer, ...RemotelyTrustedIssuer[]];
  /** For the issuers without a URL. */
  readonly keyResolver?: KeyResolver;
};

/** How keys are fetched. Clock and observer are those of the verifier. */
export type RemoteKeyOptions = Omit<HttpKeyResolverOptions, "issuers" | "clock" | "observer">;

/** The options that were given, with a resolver in the place of the URLs. */
export type WithRemoteKeys<O> = Omit<O, "trustedIssuers" | "keyResolver"> &
  Pick<VerifierOptions, "trustedIssuers"> & {
    /** Close it with the verifier. `reload` fetches keys now, as that of `HttpKeyResolver`. */
    readonly keyResolver: KeyResolver & Pick<HttpKeyResolver, "reload" | "ready" | "close">;
  };

const { issuers: _issuers, clock: _clock, observer: _observer, ...KEY_OPTIONS } = RESOLVER_OPTIONS;

/**
 * Takes the URLs of keys out of `trustedIssuers`, and puts a resolver that fetches from them into the options: of a
 * verifier, or of a guard. Does no I/O; the verifier's `ready()` fetches.
 *
 * ```ts
 * const verifier = new AttestationVerifier(withRemoteKeys({ audience, trustedIssuers: [{ issuer, jwksUri, … }] }));
 * ```
 *
 * @param options Those of a verifier or a guard, where each trusted issuer may say where its keys are.
 * @param http How keys are fetched. Default: the defaults of `HttpKeyResolver`.
 * @throws AttestationError `ERR_OPTION`, naming issuer and option, if an issuer has no source of keys, or more than one.
 */
export function withRemoteKeys<const O extends RemoteVerifierOptions>(
  options: O,
  http: RemoteKeyOptions = {},
): WithRemoteKeys<O> {
  refuseUnknownOptions(http, KEY_OPTIONS, "remote keys");
  const { trustedIssuers, keyResolver: other, clock, observer } = options;
  if (!Array.isArray(trustedIssuers)) throw optionError("trustedIssuers", "must be a list");
  const sources: [string, KeySource][] = [];
  const issuers = trustedIssuers.map((trusted) => {
    const { jwksUri, bundle, importKey, ...issuer } = (trusted ?? {}) as TrustedIssuer & Partial<KeySource>;
    const option = `trustedIssuers[${JSON.stringify(issuer.issuer)}]`;
    if (jwksUri !== undefined || bundle !== undefined) {
      if (issuer.keys !== undefined) throw optionError(option, "must have either keys, jwksUri or bundle");
      if (other?.issuers?.includes(issuer.issuer))
        throw optionError(option, "must not have a URL: keyResolver knows it");
      sources.push([issuer.issuer, { jwksUri, bundle, ...importing(importKey, issuer.formats) } as KeySource]);
    } else if (importKey !== undefined) {
      throw optionError(`${option}.importKey`, "needs a jwksUri or a bundle");
    } else if (!other && issuer.keys === undefined) {
      throw optionError(option, "must have a jwksUri or a bundle");
    }
    return issuer;
  });
  if (sources.length === 0)
    throw optionError("trustedIssuers", "must have a jwksUri or a bundle in at least one issuer");
  const remote = new HttpKeyResolver(
    { ...http, issuers: Object.fromEntries(sources), ...(clock && { clock }), ...(observer && { observer }) },
    "trustedIssuers",
  );
  const keyResolver = other
    ? Object.assign(combineKeyResolvers(other, remote), { reload: remote.reload.bind(remote) })
    : remote;
  return { ...copyOf(options), trustedIssuers: issuers, keyResolver } as unknown as WithRemoteKeys<O>;
}

/** What reads an issuer's keys, unless it is what reads keys anyway: its formats say, if nothing else does. */
function importing(
  importKey: KeySource["importKey"] | undefined,
  formats: TrustedIssuer["formats"],
): Pick<KeySource, "importKey"> {
  const found = importKey ?? keyImporterOf(formats);
  return found === importVerificationKey && importKey === undefined ? {} : { importKey: found };
}

/** A copy with inherited options of a verifier: to lose an inherited `isRevoked` would turn revocation off. */
function copyOf(options: RemoteVerifierOptions): object {
  const inherited = (Object.keys(VERIFIER_OPTIONS) as (keyof VerifierOptions)[])
    .filter((name) => name in options)
    .map((name) => [name, options[name]]);
  const copy: Partial<VerifierOptions> = { ...options, ...Object.fromEntries(inherited) };
  return typeof copy.isRevoked === "function" ? { ...copy, isRevoked: copy.isRevoked.bind(options) } : copy;
}
