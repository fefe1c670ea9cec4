import type { PublicJwk } from "../keys/jwk.ts";
import type { StatusClaim } from "./status-claim.ts";

/** The claims that a token of any format can have, as it has them (RFC 7519). Times are Unix seconds. */
export interface RegisteredClaims {
  /** Absent from foreign tokens whose issuer is known by the trust domain of their subject. */
  readonly iss?: string;
  readonly sub: string;
  readonly aud?: string | readonly string[];
  readonly iat?: number;
  readonly exp: number;
  readonly nbf?: number;
  /** Absent from most foreign tokens. */
  readonly jti?: string;
  /** The agent's own key (RFC 7800), in the formats that a proof goes with. */
  readonly cnf?: { readonly jwk: PublicJwk };
  /** Where its issuer publishes whether it was revoked (Token Status List). */
  readonly status?: StatusClaim;
}
