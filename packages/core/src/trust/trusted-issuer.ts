import type { AttestationKind } from "../claims/attestation-kinds.ts";
import type { Algorithm } from "../keys/foreign-algorithms.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { VerifiedTrustLevel } from "../wire/policy.ts";
import type { TokenFormat } from "./token-format.ts";

/** An authority that a server trusts, and how far. Every part of it is the server's own decision. */
export interface TrustedIssuer {
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** What an agent that it attests is trusted as. */
  readonly trustLevel: VerifiedTrustLevel;
  /** The SPIFFE trust domains it may speak for. No trust domain may be given to two issuers (T22). */
  readonly trustDomains: readonly [string, ...string[]];
  /** What it may sign with. Default: `["Ed25519"]`; for a foreign format, what that format usually is signed with. */
  readonly algorithms?: readonly Algorithm[];
  /**
   * Its public keys, by value; each needs a `kid`. Default: `keyResolver` finds them. For keys at an address, see
   * `withRemoteKeys` of `@attest/jwks`.
   */
  readonly keys?: readonly PublicJwk[];
  /**
   * The kinds of token that it may issue. Default `["attestation"]`, with `allowBearer` also `"bearer"`. A foreign format is
   * a value, such as `spiffeJwtSvid` of `@attest/core/formats/spiffe-jwt-svid`.
   */
  readonly formats?: readonly (TokenFormat | AttestationKind)[];
  /**
   * The URIs of its status lists, compared byte for byte; `statusSource` is asked about each of its attestations. One whose
   * status is in another list is refused, and so is one without a status. No list may be given to two issuers. Default: none,
   * so that the `status` of its attestations is ignored.
   */
  readonly statusLists?: readonly [string, ...string[]];
  /**
   * Accept attestations without a status from an issuer that has `statusLists`: while it begins to use them. Its status lists
   * cannot revoke those. Default false.
   */
  readonly statusOptional?: boolean;
  /**
   * Also verify what a provider says in its attestations (`nested_attestation`), which this server trusts too: for an enterprise
   * only. Default false, so that such attestations are carried and not interpreted.
   */
  readonly nested?: boolean;
}

/** A trusted issuer with its defaults filled in. */
export interface ConfiguredIssuer {
  /** Compared with `iss` byte for byte. */
  readonly issuer: string;
  /** What an agent that it attests is trusted as. */
  readonly trustLevel: VerifiedTrustLevel;
  /** The SPIFFE trust domains it may speak for; none of them is another issuer's. */
  readonly trustDomains: readonly string[];
  /** What it may sign with; `undefined` where each format's usual algorithms apply. */
  readonly algorithms: readonly Algorithm[] | undefined;
  /** The kinds of token that it may issue. */
  readonly formats: readonly TokenFormat[];
  /** `undefined` where it has none, so that a status means nothing. */
  readonly statusLists: readonly string[] | undefined;
  /** Whether attestations without a status are accepted although it has `statusLists`. */
  readonly statusOptional: boolean;
  /** Whether attestations in its attestations are verified. */
  readonly nested: boolean;
}
