import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `entraEvidence`. The audience is an application's, fixed in the tenant, so there is no `keyBound`. */
export interface EntraEvidenceOptions extends Omit<TokenOptions, "keyBound"> {
  /** The tenant's id, a UUID. */
  readonly tenant: string;
  /** Of the access tokens, as the application of `audience` is registered: `requestedAccessTokenVersion`. */
  readonly version: 1 | 2;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const PRINCIPALS = ["/oid", "/xms_mirid"];

/**
 * Access tokens of Microsoft Entra managed identities and workloads, of one tenant.
 *
 * Refused are tokens of users, issuers of the other version, rules by `appid` or `azp` alone, which anyone who holds a secret of
 * the application can have, and anything of another tenant.
 *
 * Source: Microsoft identity platform, "Access token claims reference"; managed identities, `xms_mirid`.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function entraEvidence(options: EntraEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["tenant", "version"], "Entra", ["keyBound"]);
  const { tenant, version } = options;
  if (typeof tenant !== "string" || !UUID.test(tenant))
    throw optionError("tenant", "must be the tenant's id: a UUID in lower case");
  if (version !== 1 && version !== 2)
    throw optionError("version", "must be 1 or 2: that of the application's access tokens");
  const issuer =
    version === 1 ? `https://sts.windows.net/${tenant}/` : `https://login.microsoftonline.com/${tenant}/v2.0`;
  const jwksUri = `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`;
  const fetched = options.jwks === undefined && options.jwksUri === undefined;
  const vet = (claims: Readonly<Record<string, unknown>>) => vetToken(claims, tenant, version);
  return tokenEvidence(
    { kind: "entra", issuer, algorithms: ["RS256"], vet, vetRule },
    { ...options, ...(fetched && { jwksUri }) },
  );
}

function vetToken(claims: Readonly<Record<string, unknown>>, tenant: string, version: 1 | 2): string | undefined {
  if (claims["tid"] !== tenant) return "The token is of another tenant (`tid`)";
  if (claims["ver"] !== `${version}.0`) return `The token's version is not ${version}.0 (\`ver\`)`;
  const isUser = "scp" in claims || (claims["idtyp"] !== undefined && claims["idtyp"] !== "app");
  if (isUser) return "The token is a user's (`scp`, `idtyp`)";
  return claims["oid"] === claims["sub"] ? undefined : "The token is not an application's own (`oid` is not `sub`)";
}

function vetRule({ subject, claims = {} }: RuleChecks): string | undefined {
  if (subject?.endsWith("*")) return "must have a subject without a *: it is the id of a principal";
  if (subject !== undefined || PRINCIPALS.some((pointer) => pointer in claims)) return undefined;
  return "must check /oid or /xms_mirid: /appid alone is fulfilled by anyone who holds a secret of the application";
}
