import type { Layer } from "../checks/layers.ts";
import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { ForeignFormatName, Profile } from "../claims/attestation-kinds.ts";
import type { DelegationLink } from "../claims/delegation-link.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { AttestationErrorCode, Reason } from "../errors.ts";
import type { Advice } from "../wire/advice.ts";
import type { TrustLevel, VerifiedTrustLevel } from "../wire/policy.ts";
import type { ProofKind } from "../wire/proof-kinds.ts";

/** A verified agent: who is calling, which issuer vouches for it, and how far this server trusts that issuer. Deeply frozen. */
export type AttestationContext = {
  /** How it ended. */
  readonly outcome: "verified";
  /** Always `true`. Test it before you read anything else of a result. */
  readonly verified: true;
  /** How far this server trusts the agent: what it configured for the issuer. */
  readonly trustLevel: VerifiedTrustLevel;
  /** The authority that vouches for the agent: the `issuer` of one of the server's trusted issuers. */
  readonly issuer: string;
  /** The agent, as its issuer names it: `sub` of its token. */
  readonly subject: string;
  /** The earliest `exp` of what was presented, Unix seconds. */
  readonly expiresAt: number;
  /**
   * What each authority says of it, from the outermost: an enterprise's statement and, where the server trusts both, that of
   * the provider in it (SPEC §20). The identity next to this list is the first layer's, in every member.
   */
  readonly layers: readonly Layer[];
  /**
   * Who delegated to whom, from the attested agent's first sub-agent to the one that calls (SPEC §21). Absent where the attested agent
   * itself calls. Everything else here is the attested agent's, who answers for the one that calls, except `keyThumbprint`, which is
   * that of the last key, and `expiresAt`.
   */
  readonly delegation?: readonly DelegationLink[];
  /**
   * Which definition of the called tool the agent decided on, as its signed proof says (SPEC §23): `toolDigest` of the definition that it
   * had read. The agent's own word. Absent where it says nothing, and in everything but a `tools/call`.
   */
  readonly toolDigest?: string;
  /** @deprecated Since 0.3 `format` and `proof` say this. Will be removed in the version after. */
  readonly profile: Profile;
} & (
  | {
      /** What kind of token it presented. */
      readonly format: "attestation";
      /**
       * What bound this message to it: a proof signed by its key, or a MAC under a key that such a proof agreed. Both tell this server who
       * sent it; a MAC proves nothing to anybody else, since the server could have made it.
       */
      readonly proof: "signature" | "mac";
      /** Which model it is. */
      readonly identity: AgentIdentity;
      /** All claims of the attestation, read and checked. */
      readonly claims: AttestationClaims;
      /** RFC 7638 SHA-256 thumbprint of the agent's key. */
      readonly keyThumbprint: string;
    }
  | {
      /** A 0.1.0 bearer attestation: anyone who held a copy could have presented it. */
      readonly format: "bearer";
      /** Nothing bound the message to it. */
      readonly proof: "none";
      /** Which model it is. */
      readonly identity: AgentIdentity;
      /** All claims of the attestation, read and checked. */
      readonly claims: AttestationClaims;
      /** Never there: the token names no key. */
      readonly keyThumbprint?: never;
    }
  | {
      /** A foreign format, which does not say which model it is. */
      readonly format: ForeignFormatName;
      /** What bound this message to the token. */
      readonly proof: ProofKind;
      /** Never there: the token does not say it. */
      readonly identity?: never;
      /** The registered claims of the token, read and checked. */
      readonly claims: RegisteredClaims & {
        readonly [Name in Exclude<keyof AttestationClaims, keyof RegisteredClaims>]?: never;
      };
      /** RFC 7638 SHA-256 thumbprint of the agent's key. Absent where the token names no key. */
      readonly keyThumbprint?: string;
    }
);

/** Nothing was presented, and the policy lets that pass. */
export interface AbsentResult {
  /** How it ended. */
  readonly outcome: "absent";
  /** Always `false`: there is no identity to read. */
  readonly verified: false;
  /** Always `none`. */
  readonly trustLevel: "none";
}

/** Something was presented that cannot be assessed, and the policy lets that pass, unverified (SPEC §5). */
export interface UnassessedResult {
  /** How it ended. */
  readonly outcome: "unassessed";
  /** Always `false`: there is no identity to read. */
  readonly verified: false;
  /** Always `none`. */
  readonly trustLevel: "none";
  /** The reason that the peer would have been sent under the policy `required`. */
  readonly reason: Reason;
  /** For the operator: why it could not be assessed. Never send it to the peer (O3). */
  readonly code: AttestationErrorCode;
}

/** The message must not be acted on. */
export interface RefusedResult {
  /** How it ended. */
  readonly outcome: "refused";
  /** Always `false`: there is no identity to read. */
  readonly verified: false;
  /** Always `none`. */
  readonly trustLevel: Extract<TrustLevel, "none">;
  /** The reason that is sent to the peer. */
  readonly reason: Reason;
  /** For the operator. Never send it to the peer (O3). */
  readonly code: AttestationErrorCode;
  /** The same as `code` in words, for the operator. It repeats no token or key. Never send it to the peer (O3). */
  readonly message: string;
  /** Whether the same request can succeed with fresh credentials, now or a little later. */
  readonly retryable: boolean;
  /** What is sent to the peer next to the reason. Absent where there is nothing to add. */
  readonly advice?: Advice;
}

/** How a verification ended. The compiler refuses to read an identity that was not verified. */
export type VerificationResult = AttestationContext | AbsentResult | UnassessedResult | RefusedResult;
