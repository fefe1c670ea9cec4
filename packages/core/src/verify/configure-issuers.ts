import { isTrustDomain } from "../claims/spiffe-id.ts";
import { optionError } from "../errors.ts";
import { formatNamed, OWN_FORMATS } from "../formats/registry.ts";
import { flag, type OptionNames, refuseUnknownOptions } from "../options.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer, TrustedIssuer } from "../trust/trusted-issuer.ts";
import { ISSUER_TRUST_LEVELS } from "../wire/policy.ts";
import { configureStatusLists } from "./configure-status.ts";

/** Trusted issuers, by the two names under which tokens name them. */
export interface ConfiguredIssuers {
  readonly byName: Map<string, ConfiguredIssuer>;
  readonly byTrustDomain: Map<string, ConfiguredIssuer>;
}

const MEMBERS: OptionNames<TrustedIssuer> = {
  issuer: true,
  trustLevel: true,
  trustDomains: true,
  algorithms: true,
  keys: true,
  formats: true,
  statusLists: true,
  statusOptional: true,
  nested: true,
};

/**
 * Validates trusted issuers and copies them.
 *
 * @param allowBearer Whether an issuer that lists no formats may issue bearer attestations.
 * @throws AttestationError `ERR_OPTION`, naming the member.
 */
export function configureIssuers(trustedIssuers: readonly TrustedIssuer[], allowBearer: boolean): ConfiguredIssuers {
  if (!Array.isArray(trustedIssuers) || trustedIssuers.length === 0) {
    throw optionError("trustedIssuers", "must list at least one issuer");
  }
  const byName = new Map<string, ConfiguredIssuer>();
  const byTrustDomain = new Map<string, ConfiguredIssuer>();
  for (const trusted of trustedIssuers as TrustedIssuer[]) {
    const configured = configureIssuer(trusted, allowBearer);
    const { issuer, trustDomains } = configured;
    if (byName.has(issuer)) throw optionError("trustedIssuers", `list ${issuer} twice`);
    byName.set(issuer, configured);
    for (const domain of trustDomains) {
      if (byTrustDomain.has(domain)) {
        throw optionError("trustedIssuers", `give the trust domain ${domain} to two issuers`);
      }
      byTrustDomain.set(domain, configured);
    }
  }
  return { byName, byTrustDomain };
}

function configureIssuer(trusted: TrustedIssuer, allowBearer: boolean): ConfiguredIssuer {
  if (typeof trusted !== "object" || trusted === null) throw optionError("trustedIssuers", "must each be an object");
  refuseUnknownOptions(trusted, MEMBERS, "a trusted issuer");
  const { issuer, trustLevel, trustDomains } = trusted;
  if (typeof issuer !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer)) {
    throw optionError("trustedIssuers", "each need an issuer of visible ASCII characters");
  }
  if (!ISSUER_TRUST_LEVELS.includes(trustLevel)) {
    throw optionError("trustedIssuers", `need a trustLevel of ${ISSUER_TRUST_LEVELS.join(" or ")} for ${issuer}`);
  }
  if (!Array.isArray(trustDomains) || trustDomains.length === 0 || !trustDomains.every(isTrustDomain)) {
    throw optionError(
      "trustedIssuers",
      `need trustDomains for ${issuer}: the SPIFFE trust domains that its subjects may be in, such as ["example.com"]`,
    );
  }
  const formats = configureFormats(trusted, allowBearer);
  return Object.freeze({
    issuer,
    trustLevel,
    trustDomains: Object.freeze([...trustDomains]),
    algorithms: configureAlgorithms(trusted.algorithms, formats),
    formats,
    statusLists: configureStatusLists(trusted),
    statusOptional: flag("trustedIssuers.statusOptional", trusted.statusOptional),
    nested: configureNested(trusted),
  });
}

function configureNested({ issuer, trustLevel, nested }: TrustedIssuer): boolean {
  const interpreted = flag("trustedIssuers.nested", nested);
  if (!interpreted || trustLevel === "enterprise") return interpreted;
  throw optionError(
    "trustedIssuers.nested",
    `is for enterprises, whose attestations hold a provider's: not for ${issuer}`,
  );
}

function configureFormats({ issuer, formats }: TrustedIssuer, allowBearer: boolean): readonly TokenFormat[] {
  const { attestation, bearer } = OWN_FORMATS;
  if (formats === undefined) return Object.freeze(allowBearer ? [attestation, bearer] : [attestation]);
  if (!Array.isArray(formats) || formats.length === 0) {
    throw optionError("trustedIssuers.formats", `must list at least one format for ${issuer}`);
  }
  const named = formats.map(formatNamed);
  if (new Set(named.map(({ name }) => name)).size < named.length) {
    throw optionError("trustedIssuers.formats", `list a format of ${issuer} twice`);
  }
  return Object.freeze(named);
}

function configureAlgorithms(
  algorithms: TrustedIssuer["algorithms"],
  formats: readonly TokenFormat[],
): ConfiguredIssuer["algorithms"] {
  if (algorithms === undefined) return undefined;
  const known = new Set(formats.flatMap((format) => [...format.algorithms.values()]));
  if (Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every((name) => known.has(name))) {
    return Object.freeze([...algorithms]);
  }
  throw optionError("trustedIssuers.algorithms", `must be a list of ${[...known].join(" or ")}`);
}
