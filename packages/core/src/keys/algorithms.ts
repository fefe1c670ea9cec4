import { isCanonicalScalar, isUnsafePoint } from "./ed25519-point.ts";

/** What this protocol knows of one signature algorithm. The only table of them: an algorithm is added by adding a row. */
interface AlgorithmFacts {
  /** The type of its keys (RFC 7517). */
  readonly kty: string;
  readonly crv: string;
  /** The members of a public JWK that hold the key, each 32 bytes. */
  readonly coordinates: readonly ("x" | "y")[];
  /** What a JWK may say as its `alg`; it may also say nothing. */
  readonly names: readonly string[];
  /** What a published JWK says as its `alg`, if anything. */
  readonly published?: string;
  /** The name of the digest in Node; `null` where the algorithm brings its own. */
  readonly hash: "sha256" | null;
  /** WebCrypto's parameters. */
  readonly web: { readonly name: string; readonly hash?: string };
  /** Whether a coordinate makes a key that proves nothing (K2). */
  isWeak?(coordinate: Uint8Array): boolean;
  /** Whether a signature is in its one canonical form (K1, K2). */
  isCanonical?(signature: Uint8Array): boolean;
}

/** The signature algorithms of this protocol, by their RFC 9864 and RFC 7518 names. */
export type SigningAlgorithm = "Ed25519" | "ES256";

/** Every signature algorithm of this protocol, with what is known of it. */
export const ALGORITHMS: Readonly<Record<SigningAlgorithm, AlgorithmFacts>> = {
  Ed25519: {
    kty: "OKP",
    crv: "Ed25519",
    coordinates: ["x"],
    names: ["EdDSA", "Ed25519"],
    hash: null,
    web: { name: "Ed25519" },
    isWeak: isUnsafePoint,
    isCanonical: (signature: Uint8Array) => !isUnsafePoint(signature) && isCanonicalScalar(signature.subarray(32)),
  },
  ES256: {
    kty: "EC",
    crv: "P-256",
    coordinates: ["x", "y"],
    names: ["ES256"],
    published: "ES256",
    hash: "sha256",
    web: { name: "ECDSA", hash: "SHA-256" },
  },
};

/** Their names. */
export const SIGNING_ALGORITHMS: readonly SigningAlgorithm[] = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.keys(ALGORITHMS) as SigningAlgorithm[],
);

/** Type guard for the name of an algorithm of this protocol. */
export function isSigningAlgorithm(name: unknown): name is SigningAlgorithm {
  return typeof name === "string" && Object.hasOwn(ALGORITHMS, name);
}
