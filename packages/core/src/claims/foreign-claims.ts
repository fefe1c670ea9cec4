import { ClaimReader, IDENTIFIER, LONG_IDENTIFIER, type Writable } from "./claim-reader.ts";
import { readConfirmationKey } from "./confirmation-key.ts";
import type { RegisteredClaims } from "./registered-claims.ts";
import { readStatus } from "./status-claim.ts";

/** The registered claims of a foreign token, or the name of the first that is not as it must be. */
export type ForeignClaimsReading =
  | { readonly claims: RegisteredClaims; readonly problem?: never }
  | { readonly claims?: never; readonly problem: string };

/**
 * Rebuilds the registered claims of a foreign token, frozen and from own members only (T11). Claims that are not registered are
 * ignored: they say nothing to a server of this protocol.
 *
 * @param members.issuer Whether the format gives `iss` a meaning. Without one it is ignored, whatever it holds.
 * @param members.key Whether the format has the agent's key (`cnf.jwk`, with `alg`).
 */
export function readForeignClaims(
  payload: Readonly<Record<string, unknown>>,
  members: { readonly issuer: boolean; readonly key: boolean },
): ForeignClaimsReading {
  const reader = new ClaimReader(payload);
  const claims: Writable<RegisteredClaims> = {
    sub: reader.text("sub", LONG_IDENTIFIER),
    exp: reader.time("exp"),
  };
  const iss = members.issuer ? reader.optionalText("iss", LONG_IDENTIFIER) : undefined;
  const aud = reader.optionalAudience("aud");
  const iat = reader.optionalTime("iat");
  const nbf = reader.optionalTime("nbf");
  const jti = reader.optionalText("jti", IDENTIFIER);
  const jwk = members.key ? readConfirmationKey(reader, "alg") : undefined;
  const status = readStatus(reader);
  if (iss !== undefined) claims.iss = iss;
  if (aud !== undefined) claims.aud = aud;
  if (iat !== undefined) claims.iat = iat;
  if (nbf !== undefined) claims.nbf = nbf;
  if (jti !== undefined) claims.jti = jti;
  if (jwk) claims.cnf = Object.freeze({ jwk });
  if (status) claims.status = status;
  return reader.problem === undefined ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}
