import { importPublicKey, sha256, verifySignature } from "#crypto";
import { encodeBase64url } from "../jose/base64url.ts";
import type { Algorithm } from "./foreign-algorithms.ts";
import type { PublicJwk } from "./jwk.ts";
import { keyFormatError, vetPublicJwk } from "./vet-public-jwk.ts";

/** A public key, vetted and prepared once, so that no verification parses a key. */
export interface VerificationKey {
  /** The only algorithm that signatures of this key are verified with. */
  readonly algorithm: Algorithm;
  /** The JWK's `kid`; absent if it has no such member. */
  readonly kid?: string;
  /** The JWK's `use`, where a foreign format has keys for one kind of token only: `jwt-svid`, `wit-svid`. */
  readonly use?: string;
  /** RFC 7638 SHA-256 thumbprint, base64url. */
  readonly thumbprint: string;
  /**
   * Whether `signature` is this key's over `data`. May answer at once or later.
   *
   * @param data What was signed.
   * @param signature The raw signature; one of the wrong length is `false`.
   * @param crowded Other verifications are under way, so that spreading them over threads pays. Default false.
   */
  verify(data: Uint8Array, signature: Uint8Array, crowded?: boolean): boolean | Promise<boolean>;
  /**
   * The same key for another algorithm of its type, `undefined` if it may not be used so. RSA keys only, whose JWK need not
   * name one algorithm.
   */
  as?(algorithm: Algorithm): VerificationKey | undefined;
}

/**
 * Vets a public JWK and prepares it for verification.
 *
 * Accepts Ed25519 (`alg` absent, `EdDSA` or `Ed25519`) and P-256 (`alg` absent or `ES256`) keys whose `use` and
 * `key_ops`, if there, allow verifying. Does no I/O. Members it does not know are ignored, never dereferenced.
 *
 * @throws AttestationError `ERR_KEY_PRIVATE` for private material (K3), `ERR_KEY_UNSUPPORTED` for another type or curve
 * (skip it in a set), `ERR_KEY_WEAK` for a small-order or non-canonical Ed25519 point (K2), `ERR_KEY_FORMAT` for
 * anything else. No message repeats any part of the key.
 */
export async function importVerificationKey(jwk: PublicJwk): Promise<VerificationKey> {
  const { algorithm, kid, jwk: required } = vetPublicJwk(jwk);
  const thumbprint = encodeBase64url(await sha256(JSON.stringify(required)));
  let handle: Awaited<ReturnType<typeof importPublicKey>>;
  try {
    handle = await importPublicKey(required, algorithm);
  } catch {
    throw keyFormatError("is not a point on its curve");
  }
  return Object.freeze({
    algorithm,
    ...(kid !== undefined && { kid }),
    thumbprint,
    verify: (data: Uint8Array, signature: Uint8Array, crowded?: boolean) =>
      verifySignature(algorithm, handle, data, signature, crowded),
  });
}

/** Type guard for what a resolver returned: the declared type is not enforced at run time (T3). */
export function isVerificationKey(value: unknown): value is VerificationKey {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, thumbprint, verify } = value as Partial<VerificationKey>;
  return typeof algorithm === "string" && typeof thumbprint === "string" && typeof verify === "function";
}
