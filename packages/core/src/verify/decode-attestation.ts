import { rulesOf } from "../checks/format-rules.ts";
import { type AttestationClaims, readAttestationClaims } from "../claims/attestation-claims.ts";
import type { Profile } from "../claims/attestation-kinds.ts";
import { AttestationError } from "../errors.ts";
import { formatNamed, OWN_FORMATS } from "../formats/registry.ts";
import { widestOf } from "../jose/jws-limits.ts";
import { readCompactJws } from "../jose/strict-jws.ts";
import { profileOf } from "../trust/profile.ts";
import type { TokenFormat } from "../trust/token-format.ts";

/** What an attestation says, not verified in any part. For display and diagnosis only. */
export interface UnverifiedAttestation {
  /** Always `false`: nothing of it was verified. */
  readonly verified: false;
  /** What it calls itself; absent if that is not one of the formats. */
  readonly format?: TokenFormat["name"];
  /** @deprecated Since 0.3 `format` says this. Will be removed in the version after. */
  readonly profile?: Profile;
  /** The JOSE header, as it was written. */
  readonly header: {
    /** The type of token that it claims to be. */
    readonly typ?: string;
    /** The algorithm that it claims to be signed with. */
    readonly alg: string;
    /** The issuer's key that it claims to be signed with. */
    readonly kid?: string;
  };
  /** Every claim as it was written, by wire name. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The claims of an attestation, if they are well-formed. A foreign token has none. */
  readonly claims?: AttestationClaims;
  /** What is wrong with the claims of an attestation, if they are not. */
  readonly problem?: string;
}

const OWN: readonly TokenFormat[] = /* @__PURE__ */ Object.values(OWN_FORMATS);

/**
 * Takes an attestation apart without verifying anything. Do not decide anything by it.
 *
 * @param token The attestation as received: a compact JWS.
 * @param foreign Foreign formats to recognise too. Default: none, so that only what may be an attestation is readable.
 * @throws AttestationError `ERR_ATTESTATION_SIZE`, `_FORMAT`, `_ENCODING`, `_JSON`, `_DUPLICATE_MEMBER` or `_HEADER`; `ERR_OPTION`
 * for a foreign format that is not one.
 */
export function decodeAttestation(token: string, foreign: readonly TokenFormat[] = []): UnverifiedAttestation {
  const formats = [...foreign.map(formatNamed), ...OWN];
  const jws = readCompactJws(token, widestOf(formats.map(({ limits }) => limits)));
  if (typeof jws === "string")
    throw new AttestationError(`ERR_ATTESTATION_${jws}`, "The text is not a readable attestation");
  const { header, payload } = jws;
  const format = formats.find((candidate) => rulesOf(candidate).recognises(jws));
  const { claims, problem } = readAttestationClaims(payload);
  const isForeign = format !== undefined && !OWN.includes(format);
  return {
    verified: false,
    ...(format && { format: format.name, profile: profileOf(format) }),
    header,
    payload,
    ...(!isForeign && (problem === undefined ? { claims } : { problem })),
  };
}
