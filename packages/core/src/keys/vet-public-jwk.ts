import { AttestationError } from "../errors.ts";
import { decodeBase64url } from "../jose/base64url.ts";
import { isUnsafePoint } from "./ed25519-point.ts";
import { isKid, type PublicJwk, type SigningAlgorithm } from "./jwk.ts";

/** A public key that may be used: what it is for, and its JWK reduced to the members of RFC 7638, in that order. */
export interface VettedJwk {
  readonly algorithm: SigningAlgorithm;
  readonly kid: string | undefined;
  readonly jwk: PublicJwk;
}

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** What a key of each supported type must look like. A type that is not here is unsupported, which is not an error in a set. */
const KEY_TYPES = {
  "OKP/Ed25519": { algorithm: "Ed25519", coordinates: ["x"], algs: ["EdDSA", "Ed25519"] },
  "EC/P-256": { algorithm: "ES256", coordinates: ["x", "y"], algs: ["ES256"] },
} as const;

/**
 * Decides whether a JWK is a key that may be used, without touching cryptography.
 *
 * @throws AttestationError as `importVerificationKey`.
 */
export function vetPublicJwk(jwk: PublicJwk): VettedJwk {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) throw keyFormatError("is not an object");
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new AttestationError(
      "ERR_KEY_PRIVATE",
      "The JWK holds private key material; it must be considered disclosed",
    );
  }
  const name = [jwk.kty, jwk.crv].every((member) => typeof member === "string") ? `${jwk.kty}/${jwk.crv}` : "";
  const type = Object.hasOwn(KEY_TYPES, name) ? KEY_TYPES[name as keyof typeof KEY_TYPES] : undefined;
  if (!type) throw new AttestationError("ERR_KEY_UNSUPPORTED", "The JWK is neither an Ed25519 nor a P-256 key");
  const { kid } = jwk;
  if (kid !== undefined && !isKid(kid)) throw keyFormatError("has a `kid` that is not 1–256 visible ASCII characters");
  if (jwk.use !== undefined && jwk.use !== "sig") throw keyFormatError("has a `use` other than `sig`");
  if (jwk.alg !== undefined && !type.algs.some((alg) => alg === jwk.alg)) {
    throw keyFormatError("has an `alg` that is not its type's");
  }
  const operations = (jwk as { key_ops?: unknown }).key_ops;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    throw keyFormatError("has `key_ops` without `verify`");
  }
  for (const coordinate of type.coordinates) {
    const text: unknown = jwk[coordinate];
    const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : undefined;
    if (bytes?.length !== 32)
      throw keyFormatError(`has an \`${coordinate}\` that is not 32 bytes in canonical base64url`);
    if (type.algorithm === "Ed25519" && isUnsafePoint(bytes)) {
      throw new AttestationError("ERR_KEY_WEAK", "The JWK is a small-order or non-canonical Ed25519 point");
    }
  }
  const { kty, crv = "", x = "", y = "" } = jwk;
  return { algorithm: type.algorithm, kid, jwk: type.algorithm === "ES256" ? { crv, kty, x, y } : { crv, kty, x } };
}

export function keyFormatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The JWK ${problem}`);
}
