import { optionError } from "../errors.ts";
import type { StatusSource } from "../trust/status-source.ts";
import type { ConfiguredIssuer, TrustedIssuer } from "../trust/trusted-issuer.ts";
import type { VerifierOptions } from "../trust/verifier-options.ts";
import { isAbsoluteUri } from "../wire/absolute-uri.ts";

/**
 * The status lists of one trusted issuer, copied.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureStatusLists({
  issuer,
  statusLists,
  statusOptional,
}: TrustedIssuer): ConfiguredIssuer["statusLists"] {
  if (statusLists === undefined) {
    if (statusOptional !== true) return undefined;
    throw optionError("trustedIssuers.statusOptional", `means nothing for ${issuer}, which has no statusLists`);
  }
  const lists: readonly unknown[] = statusLists;
  if (!Array.isArray(lists) || lists.length === 0 || !lists.every(isAbsoluteUri)) {
    throw optionError("trustedIssuers.statusLists", `must be a list of absolute URIs, at least one, for ${issuer}`);
  }
  return Object.freeze([...lists]);
}

/**
 * The source of statuses, which must fit the status lists of the issuers.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureStatusSource(
  { statusSource }: VerifierOptions,
  issuers: Iterable<ConfiguredIssuer>,
): StatusSource | undefined {
  const owners = ownersOfLists(issuers);
  if (statusSource === undefined) {
    if (owners.size === 0) return undefined;
    throw optionError("statusSource", "must be given, since trustedIssuers have statusLists: HttpStatusSource is one");
  }
  if (typeof statusSource?.check !== "function") throw optionError("statusSource", "must have a check function");
  if (owners.size === 0) {
    throw optionError("statusSource", "would never be asked: give trustedIssuers their statusLists");
  }
  const { lists } = statusSource;
  for (const [uri, issuer] of owners) {
    if (!lists || (Object.hasOwn(lists, issuer) && lists[issuer]?.includes(uri))) continue;
    throw optionError("statusSource", `does not know the status list ${uri} of ${issuer}`);
  }
  return statusSource;
}

/** The issuer of each status list. */
function ownersOfLists(issuers: Iterable<ConfiguredIssuer>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { issuer, statusLists = [] } of issuers) {
    for (const uri of statusLists) {
      if (owners.has(uri)) throw optionError("trustedIssuers.statusLists", `name the list ${uri} twice`);
      owners.set(uri, issuer);
    }
  }
  return owners;
}
