import { AttestationError } from "../errors.ts";
import { decodeBase64url } from "../jose/base64url.ts";
import { isJsonObject } from "../jose/is-json-object.ts";
import { ALGORITHMS, SIGNING_ALGORITHMS, type SigningAlgorithm } from "./algorithms.ts";
import { isKid, type PublicJwk } from "./jwk.ts";

/** A public key that may be used: what it is for, and its JWK reduced to the members of RFC 7638, in that order. */
export interface VettedJwk {
  readonly algorithm: SigningAlgorithm;
  readonly kid: string | undefined;
  readonly jwk: PublicJwk;
}

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/**
 * Decides whether a JWK is a key that may be used, without touching cryptography.
 *
 * @throws AttestationError as `importVerificationKey`.
 */
export function vetPublicJwk(jwk: PublicJwk): VettedJwk {
  refusePrivate(jwk);
  // A type that is not in the table is unsupported, which is not an error in a set.
  const algorithm = SIGNING_ALGORITHMS.find(
    (name) => ALGORITHMS[name].kty === jwk.kty && ALGORITHMS[name].crv === jwk.crv,
  );
  if (!algorithm) throw new AttestationError("ERR_KEY_UNSUPPORTED", "The JWK is neither an Ed25519 nor a P-256 key");
  const { kty, crv, coordinates, names, isWeak } = ALGORITHMS[algorithm];
  assertVerifying(jwk);
  if (jwk.use !== undefined && jwk.use !== "sig") throw keyFormatError("has a `use` other than `sig`");
  if (jwk.alg !== undefined && !names.includes(jwk.alg)) throw keyFormatError("has an `alg` that is not its type's");
  const vetted: { -readonly [Name in keyof PublicJwk]: PublicJwk[Name] } = { crv, kty };
  for (const coordinate of coordinates) {
    const text: unknown = jwk[coordinate];
    const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : undefined;
    if (bytes?.length !== 32)
      throw keyFormatError(`has an \`${coordinate}\` that is not 32 bytes in canonical base64url`);
    if (isWeak?.(bytes)) {
      throw new AttestationError("ERR_KEY_WEAK", "The JWK is a small-order or non-canonical Ed25519 point");
    }
    vetted[coordinate] = text as string;
  }
  return { algorithm, kid: jwk.kid, jwk: vetted };
}

/**
 * Refuses a key of any type whose `kid` names nothing, or whose `key_ops` do not let it verify.
 *
 * @throws AttestationError `ERR_KEY_FORMAT`.
 */
export function assertVerifying(jwk: PublicJwk): void {
  const { kid, key_ops: operations } = jwk as PublicJwk & { readonly key_ops?: unknown };
  if (kid !== undefined && !isKid(kid)) throw keyFormatError("has a `kid` that is not 1–256 visible ASCII characters");
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    throw keyFormatError("has `key_ops` without `verify`");
  }
}

/**
 * Refuses what is no JWK, or holds more than a public key.
 *
 * @throws AttestationError `ERR_KEY_FORMAT` or `ERR_KEY_PRIVATE`.
 */
export function refusePrivate(jwk: PublicJwk): void {
  if (!isJsonObject(jwk)) throw keyFormatError("is not an object");
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new AttestationError(
      "ERR_KEY_PRIVATE",
      "The JWK holds private key material; it must be considered disclosed",
    );
  }
}

export function keyFormatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The JWK ${problem}`);
}
