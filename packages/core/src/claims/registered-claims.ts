import type { PublicJwk } from "../keys/jwk.ts";
import type { StatusClaim } from "./status-claim.ts";

/** The claims that a token of any format can have, as it has them (RFC 7519). Times are Unix seconds. */
export interface RegisteredClaims {
  /** Absent from foreign tokens whose issuer is known by the trust domain of their subject. */
  readonly iss?: string;
  /** The agent, as its issuer names it: a SPIFFE ID, except in some bearer attestations and foreign tokens. */
  readonly sub: string;
  /** The servers that it may be presented to. Absent: the token itself names no server. */
  readonly aud?: string | readonly string[];
  /** When it was issued, Unix seconds. Absent from some foreign tokens. */
  readonly iat?: number;
  /** When it expires, Unix seconds. */
  readonly exp: number;
  /** When it begins to be valid, Unix seconds. Absent: at once. */
  readonly nbf?: number;
  /** Absent from most foreign tokens. */
  readonly jti?: string;
  /** The agent's own key (RFC 7800), in the formats that a proof goes with. */
  readonly cnf?: {
    /** The public key that proofs are verified with. */
    readonly jwk: PublicJwk;
  };
  /** Where its issuer publishes whether it was revoked (Token Status List). */
  readonly status?: StatusClaim;
}
