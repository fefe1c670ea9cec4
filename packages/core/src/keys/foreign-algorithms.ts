import type { SigningAlgorithm } from "./algorithms.ts";

/** What is known of an algorithm that other ecosystems sign with, and this protocol does not. */
export interface ForeignAlgorithmFacts {
  readonly kty: "RSA" | "EC";
  /** The curve of an EC key. */
  readonly crv?: string;
  /** Bytes of an EC signature. An RSA signature is as long as its key's modulus. */
  readonly signatureBytes?: number;
  /** WebCrypto's parameters for importing a key and for verifying. */
  readonly web: {
    readonly name: string;
    readonly hash: string;
    readonly namedCurve?: string;
    readonly saltLength?: number;
  };
}

const pkcs1 = (hash: string): ForeignAlgorithmFacts => ({ kty: "RSA", web: { name: "RSASSA-PKCS1-v1_5", hash } });
const pss = (hash: string, saltLength: number): ForeignAlgorithmFacts => ({
  kty: "RSA",
  web: { name: "RSA-PSS", hash, saltLength },
});
const ecdsa = (crv: string, hash: string, signatureBytes: number): ForeignAlgorithmFacts => ({
  kty: "EC",
  crv,
  signatureBytes,
  web: { name: "ECDSA", hash, namedCurve: crv },
});

/** The signature algorithms of foreign token formats, by their RFC 7518 names. */
export type ForeignAlgorithm = "RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES384" | "ES512";

/** Any algorithm that a token may be signed with: this protocol's, or a foreign format's. */
export type Algorithm = SigningAlgorithm | ForeignAlgorithm;

/** Every foreign algorithm, with what is known of it. */
export const FOREIGN_ALGORITHMS: Readonly<Record<ForeignAlgorithm, ForeignAlgorithmFacts>> = {
  RS256: pkcs1("SHA-256"),
  RS384: pkcs1("SHA-384"),
  RS512: pkcs1("SHA-512"),
  PS256: pss("SHA-256", 32),
  PS384: pss("SHA-384", 48),
  PS512: pss("SHA-512", 64),
  ES384: ecdsa("P-384", "SHA-384", 96),
  ES512: ecdsa("P-521", "SHA-512", 132),
};

/** Type guard for the name of a foreign algorithm. */
export function isForeignAlgorithm(name: unknown): name is ForeignAlgorithm {
  return typeof name === "string" && Object.hasOwn(FOREIGN_ALGORITHMS, name);
}
