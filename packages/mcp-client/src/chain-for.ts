import { AttestationError, decodeChain, type Signer } from "@attest/core";

/** The times of what a source answered, Unix seconds by the authority's clock, or by that of the parent who delegated. */
export interface TokenTimes {
  readonly iat: number;
  /** When the first of its parts expires. */
  readonly exp: number;
}

/**
 * The times of a source's answer, if that is an attestation, or a chain of delegations, for this key: any other would only be refused
 * later.
 *
 * @throws AttestationError `ERR_SOURCE_UNAVAILABLE`.
 */
export function timesFor(token: string, signer: Signer): TokenTimes {
  try {
    const { root, links } = decodeChain(token);
    const last = links.at(-1)?.claims ?? (links.length === 0 ? root.claims : undefined);
    const own = signer.toJwk();
    const { x, y } = last?.cnf?.jwk ?? {};
    if (last && x === own.x && y === own.y) return { iat: last.iat, exp: last.exp };
  } catch {
    // Reported below, like every other answer that is no attestation for this key.
  }
  throw new AttestationError(
    "ERR_SOURCE_UNAVAILABLE",
    "No attestation is available: the source answered with something that is no attestation for the agent's key",
  );
}
