import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { EvidenceError, type EvidenceVerifier, type Presented, type RuleChecks } from "../src/index.ts";

export const START = 1_800_000_000;
export const AUTHORITY = "https://authority.example";

/** A platform that signs tokens for its workloads, as a test wants them. */
export interface Platform {
  readonly jwks: { readonly keys: readonly object[] };
  /** A token with these claims, times and header members changed; `undefined` removes one. */
  token(claims: object, header?: object): Promise<string>;
}

/** @param base What every token says. Its times are those of `START`. */
export async function createPlatform(base: object, alg = "RS256", jwk: object = {}): Promise<Platform> {
  const keys = await generateKeyPair(alg);
  const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg, use: "sig", ...jwk };
  return {
    jwks: { keys: [publicJwk] },
    token: (claims, header = {}) =>
      new SignJWT({ aud: AUTHORITY, iat: START, exp: START + 600, ...base, ...claims })
        .setProtectedHeader({ alg, kid: "k1", ...header })
        .sign(keys.privateKey),
  };
}

/** What a request with a token presents. */
export function presenting(credential: string | undefined, now: number = START): Presented {
  return {
    ...(credential !== undefined && { credential }),
    method: "POST",
    headers: new Headers(),
    body: new Uint8Array(),
    connection: {},
    now,
  };
}

/** Why a verifier refuses a token; `undefined` if it accepts it. */
export async function refusalOf(verifier: EvidenceVerifier, token: string, now?: number): Promise<string | undefined> {
  return verifier.verify(presenting(token, now)).then(
    () => undefined,
    (error) => (error instanceof EvidenceError ? error.code : `not an EvidenceError: ${error}`),
  );
}

/** A list of rules' checks, each with a piece of what is wrong with it, or `undefined`. */
export function vetted(verifier: EvidenceVerifier, checks: RuleChecks): string | undefined {
  return verifier.vetRule?.(checks);
}
