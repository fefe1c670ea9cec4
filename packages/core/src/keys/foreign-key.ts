import { digest } from "#crypto";
import { AttestationError } from "../errors.ts";
import { decodeBase64url } from "../jose/base64url.ts";
import { ALGORITHMS, SIGNING_ALGORITHMS } from "./algorithms.ts";
import { type Algorithm, FOREIGN_ALGORITHMS, type ForeignAlgorithm, isForeignAlgorithm } from "./foreign-algorithms.ts";
import type { PublicJwk } from "./jwk.ts";
import { importVerificationKey, type VerificationKey } from "./verification-key.ts";
import { assertVerifying, keyFormatError, refusePrivate } from "./vet-public-jwk.ts";

type Handle = Awaited<ReturnType<typeof globalThis.crypto.subtle.importKey>>;

/** A foreign public key: what it is for, and its JWK reduced to the members of RFC 7638, in that order. */
interface VettedForeignJwk {
  readonly jwk: PublicJwk;
  /** What it may verify; the first unless a token says otherwise. */
  readonly algorithms: readonly [ForeignAlgorithm, ...ForeignAlgorithm[]];
  readonly signatureBytes: number;
}

/** What `use` may say of a key that signs tokens: nothing, RFC 7517's `sig`, or the kind of SVID. */
const USES: readonly unknown[] = [undefined, "sig", "jwt-svid", "wit-svid"];

const RSA_ALGORITHMS = Object.keys(FOREIGN_ALGORITHMS).filter(
  (name): name is ForeignAlgorithm => isForeignAlgorithm(name) && FOREIGN_ALGORITHMS[name].kty === "RSA",
);
/** Bits of an RSA modulus: fewer can be factored, and more cost too much. */
const RSA_BITS = { least: 2048, most: 8192 } as const;
/** Bytes of an RSA exponent at most. A greater one only costs time, and some platforms refuse it. */
const MAX_EXPONENT_BYTES = 4;

/**
 * Vets a public JWK of an issuer of foreign tokens and prepares it for verification: an Ed25519 or P-256 key as
 * `importVerificationKey` does, an RSA key of 2048 to 8192 bits, or one on P-384 or P-521. Does no I/O.
 *
 * `use` may be absent, `sig`, `jwt-svid` or `wit-svid`, and stays on the key: a format decides which of them it accepts. An
 * RSA key serves every RSA algorithm, or the one that its `alg` names.
 *
 * Source: RFC 7517, RFC 7518 §6; SPIFFE Trust Domain and Bundle §4.2.
 *
 * @throws AttestationError `ERR_KEY_PRIVATE` for private material (K3), before anything else; `ERR_KEY_UNSUPPORTED` for
 * another type, curve, size or use, and for a curve that this platform lacks (skip it in a set); `ERR_KEY_WEAK` for an RSA
 * key that is too short or has the exponent 1 (K6), or as `importVerificationKey`; `ERR_KEY_FORMAT` for anything else. No
 * message repeats any part of the key.
 */
export async function importForeignKey(jwk: PublicJwk): Promise<VerificationKey> {
  refusePrivate(jwk);
  const { use, ...unused } = jwk;
  if (!USES.includes(use)) throw unsupported("has a `use` other than `sig`, `jwt-svid` or `wit-svid`");
  const marks = use === undefined ? {} : { use };
  const own = SIGNING_ALGORITHMS.some((name) => ALGORITHMS[name].kty === jwk.kty && ALGORITHMS[name].crv === jwk.crv);
  if (own) return Object.freeze({ ...(await importVerificationKey(unused)), ...marks });
  const vetted = vetForeignJwk(jwk);
  const { kid } = jwk;
  const thumbprint = await digest(JSON.stringify(vetted.jwk));
  // WebCrypto ties a key to one algorithm. The first handle shows that the key can be used at all.
  const handles = new Map<ForeignAlgorithm, Handle>([[vetted.algorithms[0], await importHandle(vetted)]]);
  const keyFor = (algorithm: ForeignAlgorithm): VerificationKey =>
    Object.freeze({
      algorithm,
      ...(kid !== undefined && { kid }),
      ...marks,
      thumbprint,
      async verify(data: Uint8Array, signature: Uint8Array): Promise<boolean> {
        if (signature.length !== vetted.signatureBytes) return false;
        const handle = handles.get(algorithm) ?? (await importHandle(vetted, algorithm));
        handles.set(algorithm, handle);
        return globalThis.crypto.subtle.verify(FOREIGN_ALGORITHMS[algorithm].web, handle, signature, data);
      },
      as: (other: Algorithm) => (isOneOf(vetted.algorithms, other) ? keyFor(other) : undefined),
    });
  return keyFor(vetted.algorithms[0]);
}

function vetForeignJwk(jwk: PublicJwk): VettedForeignJwk {
  assertVerifying(jwk);
  if (jwk.kty === "RSA") return vetRsa(jwk);
  const algorithm = Object.keys(FOREIGN_ALGORITHMS).find(
    (name): name is ForeignAlgorithm =>
      isForeignAlgorithm(name) && jwk.kty === "EC" && FOREIGN_ALGORITHMS[name].crv === jwk.crv,
  );
  if (!algorithm) throw unsupported("is no Ed25519, EC (P-256, P-384, P-521) or RSA key");
  if (jwk.alg !== undefined && jwk.alg !== algorithm) throw keyFormatError("has an `alg` that is not its type's");
  const { crv = "", kty, signatureBytes = 0 } = FOREIGN_ALGORITHMS[algorithm];
  for (const coordinate of ["x", "y"] as const) {
    if (bytesOf(jwk[coordinate])?.length !== signatureBytes / 2) {
      throw keyFormatError(`has an \`${coordinate}\` that is not ${signatureBytes / 2} bytes in canonical base64url`);
    }
  }
  const { x = "", y = "" } = jwk;
  return { jwk: { crv, kty, x, y }, algorithms: [algorithm], signatureBytes };
}

/** RFC 7518 §6.3.1: modulus and exponent without leading zero bytes. */
function vetRsa(jwk: PublicJwk): VettedForeignJwk {
  const { alg, e = "", kty, n = "" } = jwk;
  const algorithms = alg === undefined ? RSA_ALGORITHMS : RSA_ALGORITHMS.filter((name) => name === alg);
  const [first, ...others] = algorithms;
  if (first === undefined) throw keyFormatError("has an `alg` that is not its type's");
  const modulus = bytesOf(n);
  const exponent = bytesOf(e);
  if (!modulus?.[0] || !exponent?.[0]) {
    throw keyFormatError("has an `n` or `e` that is not a number in canonical base64url without leading zero bytes");
  }
  const bits = 8 * modulus.length - Math.clz32(modulus[0]) + 24;
  if (bits < RSA_BITS.least) throw weak(`is an RSA key of fewer than ${RSA_BITS.least} bits`);
  if (bits > RSA_BITS.most) throw unsupported(`is an RSA key of more than ${RSA_BITS.most} bits`);
  // By the exponent 1 everything is its own signature.
  if (exponent.length === 1 && exponent[0] === 1) throw weak("is an RSA key with the exponent 1");
  if (!isOdd(modulus) || !isOdd(exponent)) throw keyFormatError("has an `n` or `e` that is even");
  if (exponent.length > MAX_EXPONENT_BYTES) throw unsupported(`has an \`e\` of more than ${MAX_EXPONENT_BYTES} bytes`);
  return { jwk: { e, kty, n }, algorithms: [first, ...others], signatureBytes: modulus.length };
}

async function importHandle(
  { jwk, algorithms }: VettedForeignJwk,
  algorithm: ForeignAlgorithm = algorithms[0],
): Promise<Handle> {
  try {
    const parameters = FOREIGN_ALGORITHMS[algorithm].web;
    return await globalThis.crypto.subtle.importKey("jwk", { ...jwk }, parameters, false, ["verify"]);
  } catch (error) {
    if ((error as Partial<Error>).name === "NotSupportedError") throw unsupported("is of a type this platform lacks");
    throw keyFormatError("is not a key of its type");
  }
}

/** Bytes of a member in its one canonical spelling. */
function bytesOf(member: unknown): Uint8Array | undefined {
  return typeof member === "string" && member !== "" ? decodeBase64url(member) : undefined;
}

function isOdd(bytes: Uint8Array): boolean {
  return ((bytes.at(-1) ?? 0) & 1) === 1;
}

function isOneOf(algorithms: readonly ForeignAlgorithm[], name: Algorithm): name is ForeignAlgorithm {
  return isForeignAlgorithm(name) && algorithms.includes(name);
}

function unsupported(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_UNSUPPORTED", `The JWK ${problem}`);
}

function weak(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_WEAK", `The JWK ${problem}`);
}
