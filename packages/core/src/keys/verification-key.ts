import { importPublicKey, sha256, verifySignature } from "#crypto";
import { AttestationError } from "../errors.ts";
import { decodeBase64url, encodeBase64url } from "../jose/base64url.ts";
import { isUnsafePoint } from "./ed25519-point.ts";
import { isKid, type PublicJwk, type SigningAlgorithm } from "./jwk.ts";

/** A public key, vetted and prepared once, so that no verification parses a key. */
export interface VerificationKey {
  readonly algorithm: SigningAlgorithm;
  readonly kid?: string;
  /** RFC 7638 SHA-256 thumbprint, base64url. */
  readonly thumbprint: string;
  /** Whether `signature` is this key's over `data`. May answer at once or later. */
  verify(data: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** What a key of each supported type must look like. A type that is not here is unsupported, which is not an error in a set. */
const KEY_TYPES = {
  "OKP/Ed25519": { algorithm: "Ed25519", coordinates: ["x"], algs: ["EdDSA", "Ed25519"] },
  "EC/P-256": { algorithm: "ES256", coordinates: ["x", "y"], algs: ["ES256"] },
} as const;

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
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) throw formatError("is not an object");
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new AttestationError(
      "ERR_KEY_PRIVATE",
      "The JWK holds private key material; it must be considered disclosed",
    );
  }
  const type = KEY_TYPES[`${jwk.kty}/${jwk.crv}` as keyof typeof KEY_TYPES];
  if (!type) throw new AttestationError("ERR_KEY_UNSUPPORTED", "The JWK is neither an Ed25519 nor a P-256 key");
  const { kid } = jwk;
  if (kid !== undefined && !isKid(kid)) throw formatError("has a `kid` that is not 1–256 visible ASCII characters");
  if (jwk.use !== undefined && jwk.use !== "sig") throw formatError("has a `use` other than `sig`");
  if (jwk.alg !== undefined && !type.algs.some((alg) => alg === jwk.alg)) {
    throw formatError("has an `alg` that is not its type's");
  }
  const operations = (jwk as { key_ops?: unknown }).key_ops;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes("verify"))) {
    throw formatError("has `key_ops` without `verify`");
  }
  const coordinates = type.coordinates.map((name) => {
    const text: unknown = jwk[name];
    const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : undefined;
    if (bytes?.length !== 32) throw formatError(`has an \`${name}\` that is not 32 bytes in canonical base64url`);
    return { name, text, bytes };
  });
  const [x] = coordinates;
  if (type.algorithm === "Ed25519" && x && isUnsafePoint(x.bytes)) {
    throw new AttestationError("ERR_KEY_WEAK", "The JWK is a small-order or non-canonical Ed25519 point");
  }

  // RFC 7638: the required members in lexicographic order, which is crv, kty, x, y.
  const required = { crv: jwk.crv, kty: jwk.kty, ...Object.fromEntries(coordinates.map((c) => [c.name, c.text])) };
  const thumbprint = encodeBase64url(await sha256(JSON.stringify(required)));
  let handle: Awaited<ReturnType<typeof importPublicKey>>;
  try {
    handle = await importPublicKey(required as PublicJwk, type.algorithm);
  } catch {
    throw formatError("is not a point on its curve");
  }
  return Object.freeze({
    algorithm: type.algorithm,
    ...(kid !== undefined && { kid }),
    thumbprint,
    verify: (data: Uint8Array, signature: Uint8Array) => verifySignature(type.algorithm, handle, data, signature),
  });
}

/** Whether a resolver's answer is a key at all (T3): its type is JavaScript's word, so it is looked at before use. */
export function isVerificationKey(value: unknown): value is VerificationKey {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, thumbprint, verify } = value as Partial<VerificationKey>;
  return (
    (algorithm === "Ed25519" || algorithm === "ES256") && typeof thumbprint === "string" && typeof verify === "function"
  );
}

function formatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The JWK ${problem}`);
}
