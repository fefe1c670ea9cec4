import { rulesOf } from "../checks/format-rules.ts";
import type { AttestationKind } from "../claims/attestation-kinds.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { TrustedIssuer } from "../trust/trusted-issuer.ts";
import { attestation } from "./attestation.ts";
import { bearer } from "./bearer.ts";

/** The formats that every verifier knows by name. */
export const OWN_FORMATS: Readonly<Record<AttestationKind, TokenFormat>> = { attestation, bearer };

/**
 * A format as an issuer's `formats` names it.
 *
 * @throws AttestationError `ERR_OPTION` if it is no format.
 */
export function formatNamed(format: TokenFormat | AttestationKind): TokenFormat {
  if (typeof format === "string" && Object.hasOwn(OWN_FORMATS, format)) return OWN_FORMATS[format];
  // Throws for anything that is not a format of this package.
  rulesOf(format as TokenFormat);
  return format as TokenFormat;
}

/**
 * What prepares the keys of an issuer for verifying tokens of its formats. A foreign format's importer also takes the keys of
 * this protocol, so one importer serves an issuer of several formats.
 *
 * @param formats As the issuer lists them. Default: `["attestation"]`.
 * @throws AttestationError `ERR_OPTION` if one of them is no format.
 */
export function keyImporterOf(formats: TrustedIssuer["formats"] = ["attestation"]): TokenFormat["importKey"] {
  const importers = formats.map((format) => formatNamed(format).importKey);
  return importers.find((importKey) => importKey !== importVerificationKey) ?? importVerificationKey;
}
