import type { PublicJwk } from "../keys/jwk.ts";
import { type Allow, readAllow } from "./allow.ts";
import { MAX_LINKS } from "./attestation-kinds.ts";
import { ClaimReader, IDENTIFIER, type Writable } from "./claim-reader.ts";
import { readConfirmationKey } from "./confirmation-key.ts";
import { SHA256 } from "./proof-claims.ts";

/** The claims of one link of a chain: what the holder of the key before it lets the holder of the next key do. Times are Unix seconds. */
export interface DelegationClaims {
  /** base64url SHA-256 of the one JWS before it. */
  readonly parent: string;
  /** The sub-agent's key (RFC 7800). */
  readonly cnf: {
    /** The public key that the next link or the proof is verified with. */
    readonly jwk: PublicJwk;
  };
  /** When it was issued, Unix seconds. */
  readonly iat: number;
  /** When it expires, Unix seconds: no later than what is before it. */
  readonly exp: number;
  /** The link's own identifier. */
  readonly jti: string;
  /** How many links may follow. */
  readonly depth: number;
  /** The servers at which the sub-agent may use it. */
  readonly aud: readonly string[];
  /** What the sub-agent may ask for. Absent: whatever the agent before it may. */
  readonly allow?: Allow;
  /** What the delegating agent calls the sub-agent: for people and logs, never for decisions. */
  readonly name?: string;
}

/** The claims, or what is wrong with the first that is not as it must be. */
export type DelegationReading =
  | { readonly claims: DelegationClaims; readonly problem?: never }
  | { readonly claims?: never; readonly problem: string };

/** Rebuilds the claims of a link from known members, deeply frozen; unknown ones are ignored, except in `allow`. */
export function readDelegationClaims(payload: Readonly<Record<string, unknown>>): DelegationReading {
  const reader = new ClaimReader(payload);
  const allow = readAllow(reader);
  const name = reader.optionalText("name");
  const aud = reader.audience("aud");
  const claims: Writable<DelegationClaims> = {
    parent: reader.text("parent", SHA256),
    cnf: Object.freeze({ jwk: readConfirmationKey(reader) ?? reader.lacks("cnf", { kty: "" }) }),
    iat: reader.time("iat"),
    exp: reader.time("exp"),
    jti: reader.text("jti", IDENTIFIER),
    depth: reader.index("depth", MAX_LINKS - 1),
    aud: Object.freeze(typeof aud === "string" ? [aud] : aud),
  };
  if (allow) claims.allow = allow;
  if (name !== undefined) claims.name = name;
  return reader.problem === undefined ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}
