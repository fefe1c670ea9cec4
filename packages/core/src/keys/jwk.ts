/** A public key as JWK (RFC 7517). `d` is declared so that the compiler refuses a private key in its place. */
export interface PublicJwk {
  readonly kty: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  /** Modulus and exponent of an RSA key. This protocol's own tokens have none. */
  readonly n?: string;
  readonly e?: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly d?: never;
}

/** A private key as JWK. Keep it out of logs, and on disk readable by its owner alone. */
export interface PrivateJwk extends Omit<PublicJwk, "d"> {
  readonly d: string;
}

/** `kid`: 1–256 visible ASCII characters, compared byte for byte (T6, T13). */
export function isKid(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
