import type { KeyResolver } from "@attest/core";
import { StatusList, type StatusListLimits } from "../codec/status-list.ts";
import { statusListError } from "../codec/status-list-error.ts";
import { pause } from "../pause.ts";
import { readStrictToken, type StrictToken } from "./strict-token.ts";

/** Longest `exp` − `iat`, in seconds: an old list can be sent again until its `exp`. */
export const MAX_LIST_LIFETIME = 86_400;

/** A verified status list. Times are Unix seconds. */
export interface VerifiedStatusList {
  /** The statuses. */
  readonly list: StatusList;
  /** When it was signed, by `iat`. */
  readonly issuedAt: number;
  /** When it expires, by `exp`. It is not used from then on. */
  readonly expiresAt: number;
  /** Whole seconds that the list may be used without asking again, at least 1; `undefined` if it does not say. */
  readonly ttl: number | undefined;
}

/** What a status list token has to be. */
export interface StatusListExpectation extends StatusListLimits {
  /** The authority whose list it must be. Compared with `iss` byte for byte, where the token has one. */
  readonly issuer: string;
  /** Compared with `sub` byte for byte. */
  readonly uri: string;
  /** Finds the key that the token is signed with, among those of `issuer`. */
  readonly keyResolver: Pick<KeyResolver, "resolve">;
  /** Unix seconds. */
  readonly now: number;
  /** Seconds that the issuer's clock may be ahead. */
  readonly clockTolerance: number;
}

/**
 * Reads and verifies a status list token in JWT form (Token Status List §8.3): the list at `uri`, signed by a key of
 * `issuer`, of now. Inflates nothing before the signature has held.
 *
 * @throws AttestationError `ERR_REVOCATION_UNAVAILABLE`; what the key resolver throws comes through unchanged.
 */
export async function readStatusListToken(
  body: Uint8Array,
  expected: StatusListExpectation,
): Promise<VerifiedStatusList> {
  const token = readStrictToken(body);
  const times = checkClaims(token.claims, expected);
  // Reading, verifying and inflating a long list take a millisecond or more each.
  await pause();
  await checkSignature(token, expected);
  await pause();
  return { ...times, list: await StatusList.decode(token.claims["status_list"], expected) };
}

function checkClaims(
  claims: StrictToken["claims"],
  { issuer, uri, now, clockTolerance }: StatusListExpectation,
): Omit<VerifiedStatusList, "list"> {
  const { sub, iss, aud, nbf, iat, exp, ttl } = claims;
  if (sub !== uri) throw statusListError("has a `sub` other than its URI");
  if (iss !== undefined && iss !== issuer) throw statusListError("has an `iss` other than the issuer that it is for");
  // RFC 7519 §4.1.3: a reader that does not find itself in it must not use it, and a verifier has no name here.
  if (aud !== undefined) throw statusListError("has an `aud`");
  if (!isTime(iat)) throw statusListError("has no `iat` in whole seconds");
  // Said so that a time that is not a number passes nowhere.
  if (!(iat <= now + clockTolerance)) throw statusListError("has an `iat` in the future");
  if (nbf !== undefined && !(isTime(nbf) && nbf <= now + clockTolerance)) {
    throw statusListError("has an `nbf` in the future");
  }
  if (!isTime(exp)) throw statusListError("has no `exp` in whole seconds");
  if (exp <= iat || exp - iat > MAX_LIST_LIFETIME) {
    throw statusListError(`has an \`exp\` that is not within ${MAX_LIST_LIFETIME} seconds after its \`iat\``);
  }
  if (!(exp > now)) throw statusListError("has expired");
  if (ttl !== undefined && !(typeof ttl === "number" && ttl > 0))
    throw statusListError("has a `ttl` that is not positive");
  return { issuedAt: iat, expiresAt: exp, ttl: ttl === undefined ? undefined : wholeSeconds(ttl) };
}

async function checkSignature(
  { kid, algorithm, signingInput, signature }: StrictToken,
  { issuer, keyResolver }: StatusListExpectation,
): Promise<void> {
  const key = await keyResolver.resolve(issuer, kid);
  if (key === undefined) throw statusListError("is signed by a key that its issuer does not publish");
  if (key.algorithm !== algorithm) throw statusListError("has an `alg` other than that of its key");
  // Only `true` is a yes: the type is a promise made by the implementer of the key.
  if ((await key.verify(signingInput, signature)) !== true)
    throw statusListError("has a signature that is not its issuer's");
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The draft takes any positive number; less than a second is one. */
function wholeSeconds(ttl: number): number {
  return Math.min(Math.max(1, Math.floor(ttl)), MAX_LIST_LIFETIME);
}
