import { digest, isKid, type OptionNames, optionError, refuseUnknownOptions } from "@attest/core";
import { type EvidenceAlgorithm, isEvidenceAlgorithm } from "../crypto/evidence-algorithms.ts";
import type { PlatformKey } from "../crypto/platform.ts";
import {
  type Evidence,
  EvidenceError,
  type EvidenceErrorCode,
  type EvidenceVerifier,
  type Presented,
} from "./evidence.ts";
import { type EvidenceKeys, evidenceKeys, type KeyOptions } from "./evidence-keys.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { claimsIn, readSignedToken, type SignedToken } from "./signed-token.ts";
import { type VerifiedToken, VerifiedTokens } from "./verified-tokens.ts";

/** What is common to all tokens. Durations are seconds. */
export interface TokenOptions extends KeyOptions {
  /** The name of this authority at the platform: `aud` of its tokens. */
  readonly audience: string;
  /**
   * How old a token may be, whatever its `exp` says. From 1 to 86400, default 600. A token that a file or a variable holds
   * must be accepted for as long as it is there: raise it to how often the platform replaces it.
   */
  readonly maxAge?: number;
  /**
   * Demand that `aud` is `<audience>#<thumbprint of the key to be attested>`, so that a stolen token is good for no other key.
   * For platforms that let the workload choose the audience. Default false: such a token is accepted and bound, and one for
   * the bare audience too.
   */
  readonly keyBound?: boolean;
  /**
   * Accept a token as often as it is presented, until it is `maxAge` old: for tokens that a workload cannot ask for again, such
   * as a projected volume's, and that are not bound to a key. Anyone who steals one can use it for that long. Default false: once.
   */
  readonly acceptReuse?: boolean;
}

/** The options of `TokenOptions`, for `refuseUnknownOptions`. */
const TOKEN_OPTIONS: OptionNames<TokenOptions> = {
  jwksUri: true,
  jwks: true,
  fetching: true,
  clock: true,
  audience: true,
  maxAge: true,
  keyBound: true,
  acceptReuse: true,
};

/** How one platform's tokens differ from others, and what more is checked. */
export interface Platform {
  readonly kind: string;
  readonly issuer: string | ((claims: Readonly<Record<string, unknown>>) => boolean);
  readonly algorithms: readonly EvidenceAlgorithm[];
  /** `typ` values besides an absent one. Default `JWT`. */
  readonly types?: readonly string[];
  /** For platforms whose tokens may lack `iat`: their age is then bounded by `exp`. Default false: it is demanded. */
  readonly withoutIat?: boolean;
  readonly keyUse?: "jwt-svid";
  /** What is wrong with a token of the platform, beyond what every token is checked for. For the operator. */
  vet?(claims: Readonly<Record<string, unknown>>): string | undefined;
  vetRule?(checks: RuleChecks): string | undefined;
}

/** Seconds by which the platform's clock and this one may differ. */
const CLOCK_TOLERANCE = 30;
const DEFAULT_MAX_AGE = 600;
const THUMBPRINT = /^[\w-]{43}$/;
const MAX_SUBJECT = 2048;

/**
 * Evidence that is a signed token of a platform. In this order: its form, its type and algorithm, its key, its signature, its
 * times, its issuer, its audience, and what the platform's own module checks.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function tokenEvidence(platform: Platform, options: TokenOptions): EvidenceVerifier {
  const { audience, maxAge = DEFAULT_MAX_AGE, keyBound = false, acceptReuse = false } = options;
  if (typeof audience !== "string" || !/^[\x21-\x7e]{1,512}$/.test(audience) || audience.includes("#")) {
    throw optionError("audience", "must be 1–512 visible ASCII characters other than #");
  }
  if (!Number.isSafeInteger(maxAge) || maxAge < 1 || maxAge > 86_400) {
    throw optionError("maxAge", "must be a whole number of seconds from 1 to 86400");
  }
  for (const [name, value] of Object.entries({ keyBound, acceptReuse })) {
    if (typeof value !== "boolean") throw optionError(name, "must be true or false");
  }
  if (keyBound && acceptReuse)
    throw optionError("acceptReuse", "is not needed with keyBound: ask for a token for each key");
  const keys = evidenceKeys(options, platform.keyUse);
  const verified = new VerifiedTokens();
  const { vetRule } = platform;
  return {
    kind: platform.kind,
    ...(vetRule && { vetRule: (checks: RuleChecks) => vetRule(checks) }),
    close: () => keys.close(),
    async verify({ credential, now }: Presented): Promise<Evidence> {
      const name = credential === undefined ? "" : await digest(credential);
      const known = verified.find(name, now);
      // The same bytes read the same.
      const token = known ? undefined : readSignedToken(credential);
      const key = await keyOf(known?.found.header ?? (token as SignedToken).header, keys, platform);
      const isVerified = known?.key === key;
      const found = isVerified ? known.found : await verifySignature(token ?? readSignedToken(credential), key);
      const { claims, handle } = found;
      const { iss, aud, sub } = claims;
      const times = checkTimes(claims, now, maxAge, platform.withoutIat === true);
      const isIssuer = typeof platform.issuer === "string" ? iss === platform.issuer : platform.issuer(claims);
      if (!isIssuer) throw refused("issuer", "The token's `iss` is not the configured issuer");
      const keyThumbprint = checkAudience(aud, audience, keyBound);
      if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUBJECT) {
        throw refused("claims", "The token has no `sub`");
      }
      const trap = platform.vet?.(claims);
      if (trap !== undefined) throw refused("trap", trap);
      if (!isVerified) verified.add(name, key, found, now);
      return {
        subject: sub,
        claims,
        handle,
        ...(keyThumbprint !== undefined && { keyThumbprint }),
        ...(!acceptReuse && { use: { ...times, clockTolerance: CLOCK_TOLERANCE } }),
      };
    },
  };
}

/** The key that a token names, if it is of the platform's kind and algorithm. */
async function keyOf(header: SignedToken["header"], keys: EvidenceKeys, platform: Platform): Promise<PlatformKey> {
  const { algorithms, types = ["JWT"] } = platform;
  const { alg, typ, kid } = header;
  if (!isEvidenceAlgorithm(alg) || !algorithms.includes(alg)) {
    throw refused("algorithm", `The token's \`alg\` is not ${algorithms.join(", ")}`);
  }
  if (typ !== undefined && !types.some((type) => type.toLowerCase() === String(typ).toLowerCase())) {
    throw refused("format", `The token's \`typ\` is not ${types.join(" or ")}: it is another kind of token`);
  }
  if (!isKid(kid)) throw refused("key", "The token names no key (`kid`)");
  const key = await keys.find(kid, alg);
  if (!key) throw refused("key", "The platform has no key with the token's `kid` and `alg`");
  return key;
}

async function verifySignature(token: SignedToken, key: PlatformKey): Promise<VerifiedToken> {
  if (!(await key.verify(token.signed, token.signature))) {
    throw refused("signature", "The token's signature is not that of the key it names");
  }
  // Without the signature: of some algorithms, others can be made of it.
  return { header: token.header, claims: claimsIn(token), handle: await digest(token.signed) };
}

/** @returns From when to when this authority accepts the token. */
function checkTimes(
  { iat, exp, nbf }: VerifiedToken["claims"],
  now: number,
  maxAge: number,
  withoutIat: boolean,
): { issuedAt: number; expiresAt: number } {
  if ([iat, exp, nbf].some((time) => time !== undefined && typeof time !== "number")) {
    throw refused("format", "The token's times are not numbers");
  }
  if (!isTime(exp)) throw refused("claims", "The token has no `exp`: it would never expire");
  if (exp + CLOCK_TOLERANCE <= now) throw refused("expired", `The token has expired (\`exp\` ${exp}, now ${now})`);
  if (nbf !== undefined && !(isTime(nbf) && nbf - CLOCK_TOLERANCE <= now)) {
    throw refused("expired", "The token is not valid yet (`nbf`)");
  }
  if (iat === undefined && withoutIat) {
    if (exp > now + maxAge)
      throw refused("too_old", `The token has no \`iat\` and lives longer than ${maxAge} s from now`);
    return { issuedAt: Math.floor(exp - maxAge), expiresAt: Math.ceil(exp) + CLOCK_TOLERANCE };
  }
  if (!isTime(iat)) throw refused("claims", "The token has no `iat`: its age is not known");
  if (iat - CLOCK_TOLERANCE > now) throw refused("expired", "The token was issued in the future (`iat`)");
  if (now - iat >= maxAge + CLOCK_TOLERANCE) throw refused("too_old", `The token is older than ${maxAge} s (maxAge)`);
  return { issuedAt: Math.floor(iat), expiresAt: Math.ceil(Math.min(exp, iat + maxAge)) + CLOCK_TOLERANCE };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < 2 ** 40;
}

/** @returns The thumbprint of the key that the token is bound to. */
function checkAudience(aud: unknown, audience: string, keyBound: boolean): string | undefined {
  // One that others are audiences of too could be presented by them.
  const audiences = [aud].flat();
  const [only] = audiences;
  if (audiences.length !== 1 || typeof only !== "string") {
    throw refused("audience", "The token must have exactly one audience: this authority");
  }
  if (only === audience) {
    if (!keyBound) return undefined;
    throw refused("key_binding", `The token's \`aud\` must be ${audience}#<thumbprint of the key> (keyBound)`);
  }
  const thumbprint = only.startsWith(`${audience}#`) ? only.slice(audience.length + 1) : "";
  if (!THUMBPRINT.test(thumbprint)) throw refused("audience", `The token's \`aud\` is not ${audience}`);
  return thumbprint;
}

function refused(code: EvidenceErrorCode, message: string): EvidenceError {
  return new EvidenceError(code, message);
}

/**
 * Refuses options that are not known.
 *
 * @param without Options of tokens that this evidence does not have.
 * @throws AttestationError `ERR_OPTION`.
 */
export function refuseUnknownEvidenceOptions(
  options: object,
  more: readonly string[],
  of: string,
  without: readonly string[] = [],
): void {
  const names = [...Object.keys(TOKEN_OPTIONS).filter((name) => !without.includes(name)), ...more];
  refuseUnknownOptions(options, Object.fromEntries(names.map((name) => [name, true])), `${of} evidence`);
}

/** An issuer: an https: URL, compared byte for byte. @throws AttestationError `ERR_OPTION`. */
export function issuerOption(issuer: unknown, name = "issuer"): string {
  if (typeof issuer === "string" && issuer.length <= 512 && URL.canParse(issuer) && issuer.startsWith("https://")) {
    return issuer;
  }
  throw optionError(name, "must be an https: URL, exactly as in the tokens");
}
