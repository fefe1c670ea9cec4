/** Signature algorithms that platforms use. Symmetric ones and `none` are not among them. */
export type EvidenceAlgorithm = "RS256" | "PS256" | "ES256" | "ES384" | "ES512" | "EdDSA" | "Ed25519";

/** Bits of the modulus that an RSA key has at least (K6). */
export const MIN_RSA_BITS = 2048;

/** What is known of an algorithm. */
interface AlgorithmFacts {
  readonly kty: "RSA" | "EC" | "OKP";
  readonly crv?: string;
  /** By WebCrypto's name; `null` where the algorithm has one of its own. */
  readonly hash: string | null;
  /** Bytes of the salt, of RSASSA-PSS. */
  readonly pssBytes?: number;
  /** Bytes of a signature. Absent: as many as the key's modulus. */
  readonly signatureBytes?: number;
  /** WebCrypto's parameters, besides the hash. */
  readonly web: { readonly name: string; readonly namedCurve?: string };
}

const ecdsa = (crv: string, hash: string, signatureBytes: number): AlgorithmFacts => ({
  kty: "EC",
  crv,
  hash,
  signatureBytes,
  web: { name: "ECDSA", namedCurve: crv },
});
const ed25519: AlgorithmFacts = {
  kty: "OKP",
  crv: "Ed25519",
  hash: null,
  signatureBytes: 64,
  web: { name: "Ed25519" },
};

/** Every algorithm, with what is known of it (RFC 7518 §3, RFC 8037, RFC 9864). */
export const EVIDENCE_ALGORITHMS: Readonly<Record<EvidenceAlgorithm, AlgorithmFacts>> = {
  RS256: { kty: "RSA", hash: "SHA-256", web: { name: "RSASSA-PKCS1-v1_5" } },
  PS256: { kty: "RSA", hash: "SHA-256", pssBytes: 32, web: { name: "RSA-PSS" } },
  ES256: ecdsa("P-256", "SHA-256", 64),
  ES384: ecdsa("P-384", "SHA-384", 96),
  ES512: ecdsa("P-521", "SHA-512", 132),
  EdDSA: ed25519,
  Ed25519: ed25519,
};

/** Type guard for the name of an algorithm. */
export function isEvidenceAlgorithm(name: unknown): name is EvidenceAlgorithm {
  return typeof name === "string" && Object.hasOwn(EVIDENCE_ALGORITHMS, name);
}
