import { generatePrivateJwk, importPrivateKey, signData } from "#crypto";
import { AttestationError, optionError } from "../errors.ts";
import { type OptionNames, refuseUnknownOptions } from "../options.ts";
import { ALGORITHMS, isSigningAlgorithm, SIGNING_ALGORITHMS, type SigningAlgorithm } from "./algorithms.ts";
import { isKid, type PrivateJwk, type PublicJwk } from "./jwk.ts";
import type { Signer } from "./signer.ts";
import { importVerificationKey } from "./verification-key.ts";
import { vetPublicJwk } from "./vet-public-jwk.ts";

/** What a new key pair is to be. */
export interface KeyPairOptions {
  /** 1–256 visible ASCII characters. Default: the key's RFC 7638 thumbprint. */
  readonly kid?: string;
  /** Default `Ed25519`. */
  readonly algorithm?: SigningAlgorithm;
}

const OPTIONS: OptionNames<KeyPairOptions> = { kid: true, algorithm: true };

type Handle = Awaited<ReturnType<typeof importPrivateKey>>;

/** A signing key in memory. It never shows its private half but to `toPrivateJwk`. */
export class KeyPair implements Signer {
  /** By which the key is found: what was asked for, or the key's RFC 7638 thumbprint. */
  readonly kid: string;
  /** What it signs with. */
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
   * @throws AttestationError `ERR_OPTION`, naming the option.
   * @example
   * ```ts
   * import { KeyPair } from "@attest/core";
   *
   * const key = await KeyPair.generate({ kid: "authority-1" });
   * const published = { keys: [key.toJwk()] };
   * ```
   */
  static async generate(options: KeyPairOptions = {}): Promise<KeyPair> {
    refuseUnknownOptions(options, OPTIONS, "a new key");
    const { kid, algorithm = "Ed25519" } = options;
    if (kid !== undefined && !isKid(kid)) throw optionError("kid", "must be 1–256 visible ASCII characters");
    if (!isSigningAlgorithm(algorithm)) {
      throw optionError("algorithm", `must be ${SIGNING_ALGORITHMS.join(" or ")}`);
    }
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
    const { algorithm, jwk: bareHalf } = vetPublicJwk(publicJwk);
    const kid = key.kid ?? key.thumbprint;
    const bare: PrivateJwk = { ...bareHalf, d };
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

  /** The 64-byte raw signature over `data`. */
  sign(data: Uint8Array): Uint8Array | Promise<Uint8Array> {
    return signData(this.algorithm, this.#handle, data);
  }

  /**
   * The public half, ready to publish. `alg` is left out for an Ed25519 key: a verifier of either name, `EdDSA` or
   * `Ed25519`, must find it, and some compare `alg` literally.
   */
  toJwk(): PublicJwk {
    const { d, ...publicJwk } = this.#privateJwk;
    const { published: alg } = ALGORITHMS[this.algorithm];
    return { ...publicJwk, ...(alg !== undefined && { alg }), use: "sig" };
  }

  /** The private key, to be stored readable by its owner alone. */
  async toPrivateJwk(): Promise<PrivateJwk> {
    return { ...this.#privateJwk };
  }
}
