import { decodeAttestation, decodeChain, type Signer, type TokenFormat } from "@attest/core";

/** When a token expires, and how long it lives in all. */
export interface TokenTimes {
  /** `exp`, Unix seconds, by the clock of its issuer. */
  readonly exp: number;
  readonly lifetime: number;
}

/**
 * The times of what a source answered with, as far as it is an attestation or a chain of delegations for this key, or a token for it
 * of one of these formats. `undefined` for any other, which servers would only refuse.
 *
 * @param now The agent's time: when a token begins that does not say so.
 */
export function timesOf(
  token: string,
  signer: Pick<Signer, "toJwk">,
  formats: readonly TokenFormat[],
  now: number,
): TokenTimes | undefined {
  try {
    const payload = last(token, formats);
    if (!payload) return undefined;
    const {
      cnf,
      exp,
      iat = now,
    } = payload as { cnf?: { jwk?: { x?: string; y?: string } }; exp?: unknown; iat?: unknown };
    const own = signer.toJwk();
    const isOwn = cnf?.jwk !== undefined && cnf.jwk.x === own.x && cnf.jwk.y === own.y;
    if (!isOwn || !Number.isSafeInteger(exp) || !Number.isSafeInteger(iat)) return undefined;
    return { exp: exp as number, lifetime: (exp as number) - (iat as number) };
  } catch {
    return undefined;
  }
}

/** The claims that the agent's own key is in: of a chain those of its last link, which expires first. */
function last(token: string, formats: readonly TokenFormat[]): object | undefined {
  if (token.includes("~")) return decodeChain(token).links.at(-1)?.claims;
  const { format, claims, payload } = decodeAttestation(token, formats);
  return claims || formats.some(({ name }) => name === format) ? payload : undefined;
}
