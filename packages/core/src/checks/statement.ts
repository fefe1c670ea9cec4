import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AttestationClaims } from "../claims/attestation-claims.ts";
import type { DelegationLink } from "../claims/delegation-link.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { StatusReference } from "../claims/status-claim.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import type { Algorithm } from "../keys/foreign-algorithms.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import type { VerifierConfiguration } from "../trust/verifier-options.ts";
import { type Layer, layersOf } from "./layers.ts";
import type { Link } from "./link.ts";

/** By what a verifier judges at one moment. */
export interface Judging {
  readonly configuration: VerifierConfiguration;
  /** The verifier's time, whole Unix seconds, read once for each message. */
  readonly now: number;
  /** How busy the verifier is at any moment, this verification included. */
  readonly load: { readonly verifying: number };
  /** Whether links of delegation follow the token, so that its revocation is asked about after they were verified. */
  readonly chained: boolean;
}

/** A token as it was presented. */
export interface Presented extends Judging {
  readonly token: unknown;
}

/** A token that could be read, not verified in any part, and the format that it is of. */
export interface Recognised extends Presented {
  readonly jws: CompactJws;
  readonly format: TokenFormat;
}

/** A token of which its issuer and its algorithm are known. */
export interface Attributed extends Recognised {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly issuer: ConfiguredIssuer;
}

/**
 * What a verifier knows of a token whose own checks have all passed: the normal form of every format, and all that may be
 * remembered of it (T21).
 */
export interface Statement {
  readonly format: TokenFormat;
  readonly issuer: ConfiguredIssuer;
  readonly kid: string;
  /** Thumbprint of the key that signed it. */
  readonly issuerKeyThumbprint: string;
  readonly claims: RegisteredClaims & Partial<AttestationClaims>;
  /** Which model it is, in the formats that say so. */
  readonly identity: AgentIdentity | undefined;
  /** The agent's key, in the formats that a proof goes with. */
  readonly holderKey: VerificationKey | undefined;
  /** Issuer and subject: whose uses are counted together. */
  readonly agent: string;
  /** Where its status is asked again; `undefined` where its issuer's status lists do not say. */
  readonly status: StatusReference | undefined;
  /** When it begins to be valid, Unix seconds; 0 where it does not say. */
  readonly validFrom: number;
  /** How it is used up, in the formats whose tokens are themselves presented, without a proof. */
  readonly singleUse: SingleUse | undefined;
  /** What a provider says of the same agent and key inside it, where the server trusts both (SPEC §20). */
  readonly nested: Statement | undefined;
  /** What each of them says, from the outermost. */
  readonly layers: readonly Layer[];
  /** The earliest `exp` of all of them, Unix seconds. */
  readonly expiresAt: number;
  /** The chain that ends in `holderKey`, where a sub-agent presented one (SPEC §21). */
  readonly delegation: Delegation | undefined;
}

/** A chain of which everything holds: what is remembered of it once a use was accepted. */
export interface Delegation {
  readonly root: Statement;
  readonly rootHash: string;
  readonly links: readonly Link[];
  readonly told: readonly DelegationLink[];
}

/** What a token that is itself used up is remembered as, next to its format and audience. Times are Unix seconds. */
export interface SingleUse {
  /** Among whose tokens `id` is the only one of its name. */
  readonly issuer: string;
  readonly id: string;
  /** When it was issued at the earliest. */
  readonly issuedAt: number;
  /** When it can have been presented at the earliest. */
  readonly madeAt: number;
}

/** What the checks of every format establish. */
export interface Assessed extends Attributed {
  readonly key: VerificationKey;
  readonly claims: RegisteredClaims & Partial<AttestationClaims>;
  readonly validFrom: number;
  readonly holderKey?: VerificationKey;
  /** Of `checkStatus`, which therefore is in the list of every format. */
  readonly status: StatusReference | undefined;
  readonly singleUse?: SingleUse;
  readonly nested?: Statement | undefined;
}

/** What begins the checks of a token: what was presented, and a place for each fact that they may establish (see `Order`). */
export function beginToken({ configuration, now, load, chained }: Judging, token: unknown): Presented {
  const facts: Record<keyof Assessed | "trustDomain", unknown> = {
    configuration,
    now,
    load,
    chained,
    token,
    jws: undefined,
    format: undefined,
    kid: undefined,
    algorithm: undefined,
    issuer: undefined,
    key: undefined,
    claims: undefined,
    validFrom: undefined,
    holderKey: undefined,
    trustDomain: undefined,
    status: undefined,
    singleUse: undefined,
    nested: undefined,
  };
  return facts as unknown as Presented;
}

/** The normal form of a token that passed the checks of its format. */
export function statementOf(assessed: Assessed): Statement {
  const { format, issuer, kid, key, claims, holderKey, validFrom, singleUse, status, nested } = assessed;
  return {
    nested,
    layers: layersOf(issuer, format, claims, nested),
    expiresAt: Math.min(claims.exp, nested?.claims.exp ?? claims.exp),
    format,
    issuer,
    kid,
    issuerKeyThumbprint: key.thumbprint,
    claims,
    identity: claims.agentIdentity,
    holderKey,
    agent: `${issuer.issuer} ${claims.sub}`,
    status,
    validFrom,
    singleUse,
    delegation: undefined,
  };
}
