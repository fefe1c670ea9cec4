import { generatePrivateJwk, importPrivateKey, signData } from "#crypto";
import { AttestationError, optionError } from "../errors.ts";
import { refuseUnknownOptions } from "../options.ts";
import { isKid, type PrivateJwk, type PublicJwk, type SigningAlgorithm } from "./jwk.ts";
import type { Signer } from "./signer.ts";
import { importVerificationKey } from "./verification-key.ts";

const ALGORITHMS = {
  Ed25519: { kty: "OKP", crv: "Ed25519", members: ["x"] },
  ES256: { kty: "EC", crv: "P-256", members: ["x", "y"] },
} as const;

type Handle = Awaited<ReturnType<typeof importPrivateKey>>;

/** A signing key in memory. It never shows its private half but to `toPrivateJwk`. */
export class KeyPair implements Signer {
  readonly kid: string;
  readonly algorithm: SigningAlgorithm;
  readonly #privateJwk: PrivateJwk;
  readonly #handle: Handle;

  private constructor(kid: string, algorithm: SigningAlgorithm, jwk: PrivateJwk, handle: Handle) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.#privateJwk = jwk;
    this.#handle = handle;
  }

  /**
   * Makes a new key pair.
   *
   * @param options.kid Default: the key's RFC 7638 thumbprint. @param options.algorithm Default `Ed25519`.
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  static async generate(options: { kid?: string; algorithm?: SigningAlgorithm } = {}): Promise<KeyPair> {
    refuseUnknownOptions(options, ["kid", "algorithm"], "a new key");
    const { kid, algorithm = "Ed25519" } = options;
    if (kid !== undefined && !isKid(kid)) throw optionError("kid", "must be 1–256 visible ASCII characters");
    if (!Object.hasOwn(ALGORITHMS, algorithm)) throw optionError("algorithm", "must be Ed25519 or ES256");
    const jwk = await generatePrivateJwk(algorithm);
    return KeyPair.fromJwk(kid === undefined ? jwk : { ...jwk, kid });
  }

  /**
   * Takes up a private key kept as JWK; without a `kid`, its thumbprint becomes the `kid`.
   *
   * @throws AttestationError as `importVerificationKey`, or `ERR_KEY_FORMAT` if the two halves do not belong together.
   */
  static async fromJwk(jwk: PrivateJwk): Promise<KeyPair> {
    if (typeof jwk?.d !== "string") throw new AttestationError("ERR_KEY_FORMAT", "The JWK has no private half (`d`)");
    const { d, ...publicHalf } = jwk;
    // What a private JWK may do is to sign; `key_ops` says nothing about its public half.
    const { key_ops: _, ...publicJwk } = publicHalf as PublicJwk & { key_ops?: unknown };
    const key = await importVerificationKey(publicJwk);
    const { algorithm } = key;
    const { kty, crv, members } = ALGORITHMS[algorithm];
    const coordinates = Object.fromEntries(members.map((name) => [name, publicJwk[name]]));
    const kid = key.kid ?? key.thumbprint;
    const bare: PrivateJwk = { kty, crv, ...coordinates, d };
    let handle: Handle;
    try {
      handle = await importPrivateKey(bare, algorithm);
      const probe = new TextEncoder().encode(kid);
      if (!(await key.verify(probe, await signData(algorithm, handle, probe)))) throw new Error();
    } catch {
      // Whatever the platform said stays here: its words could quote the key.
      throw new AttestationError("ERR_KEY_FORMAT", "The private and public halves of the JWK do not belong together");
    }
    return new KeyPair(kid, algorithm, { ...bare, kid }, handle);
  }

  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return signData(this.algorithm, this.#handle, data);
  }

  /**
   * The public half, ready to publish. `alg` is set for ES256 only: for an Ed25519 key a verifier of either name,
   * `EdDSA` or `Ed25519`, must find it, and some compare `alg` literally.
   */
  toJwk(): PublicJwk {
    const { d, ...publicJwk } = this.#privateJwk;
    return { ...publicJwk, ...(this.algorithm === "ES256" && { alg: "ES256" }), use: "sig" };
  }

  /** The private key, to be stored readable by its owner alone. */
  async toPrivateJwk(): Promise<PrivateJwk> {
    return { ...this.#privateJwk };
  }
}
