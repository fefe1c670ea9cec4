import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { AttestationKind, ForeignFormatName } from "../claims/attestation-kinds.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import type { VerifiedTrustLevel } from "../wire/policy.ts";

/** What one authority says of an agent, and how far the server trusts that authority. Deeply frozen. */
export type Layer = {
  /** How far this server trusts the authority. */
  readonly trustLevel: VerifiedTrustLevel;
  /** The authority: the `issuer` of one of the server's trusted issuers. */
  readonly issuer: string;
  /** The agent, as this authority names it. */
  readonly subject: string;
  /** `exp` of this statement, Unix seconds. */
  readonly expiresAt: number;
} & (
  | {
      /** The kind of attestation. */
      readonly format: AttestationKind;
      /** Which model it is, according to this authority. */
      readonly identity: AgentIdentity;
      /** All claims of the attestation. */
      readonly claims: AttestationClaims;
    }
  | {
      /** A foreign format, which does not say which model it is. */
      readonly format: ForeignFormatName;
      /** Never there: the token does not say it. */
      readonly identity?: never;
      /** The registered claims of the token. */
      readonly claims: RegisteredClaims & {
        readonly [Name in Exclude<keyof AttestationClaims, keyof RegisteredClaims>]?: never;
      };
    }
);

/** The statements in a statement, from the outermost. Frozen, since contexts of all its messages share them. */
export function layersOf(
  issuer: ConfiguredIssuer,
  format: TokenFormat,
  claims: RegisteredClaims & Partial<AttestationClaims>,
  nested: { readonly layers: readonly Layer[] } | undefined,
): readonly Layer[] {
  const layer = {
    format: format.name,
    trustLevel: issuer.trustLevel,
    issuer: issuer.issuer,
    subject: claims.sub,
    expiresAt: claims.exp,
    claims,
    ...(claims.agentIdentity && { identity: claims.agentIdentity }),
  } as Layer;
  return Object.freeze([Object.freeze(layer), ...(nested?.layers ?? [])]);
}
