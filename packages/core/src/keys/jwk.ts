/** A public key as JWK (RFC 7517). `d` is declared so that the compiler refuses a private key in its place. */
export interface PublicJwk {
  /** The type of key: `OKP`, `EC`, or `RSA` in foreign formats only. */
  readonly kty: string;
  /** The curve of an OKP or EC key: `Ed25519` or `P-256`; in foreign formats also `P-384` or `P-521`. */
  readonly crv?: string;
  /** The public key of an OKP key, or the x coordinate of an EC key, base64url. */
  readonly x?: string;
  /** The y coordinate of an EC key, base64url. */
  readonly y?: string;
  /** Modulus of an RSA key, base64url. This protocol's own tokens have no such keys. */
  readonly n?: string;
  /** Public exponent of an RSA key, base64url. */
  readonly e?: string;
  /** By which the key is found among its issuer's: 1–256 visible ASCII characters. */
  readonly kid?: string;
  /** The algorithm that the key is for. Absent: the one that its type and curve imply. */
  readonly alg?: string;
  /** What the key is for: `sig`, or `jwt-svid` or `wit-svid` in a SPIFFE bundle. Absent: not stated. */
  readonly use?: string;
  /** Never here: it is the private half. */
  readonly d?: never;
}

/** A private key as JWK. Keep it out of logs, and on disk readable by its owner alone. */
export interface PrivateJwk extends Omit<PublicJwk, "d"> {
  /** The private half, base64url. Anyone who has it can sign as the key's holder. */
  readonly d: string;
}

/** `kid`: 1–256 visible ASCII characters, compared byte for byte (T6, T13). */
export function isKid(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
