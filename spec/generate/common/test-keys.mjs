// The keys of the vectors, made from their names, so that every run makes the same. Public by intent: trust them nowhere.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { base64url, bigEndian, fromBigEndian, fromLittleEndian, littleEndian, sha256 } from "./bytes.mjs";

const hashOf = (data) => createHash("sha256").update(data).digest();
const seedOf = (name) => hashOf(`attest test vectors: ${name}`);

/** RFC 7638 SHA-256 thumbprint: of the required members, in the order of their names. */
export function thumbprint({ crv, kty, x, y }) {
  return sha256(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }));
}

/** An Ed25519 key by name: signs deterministically (RFC 8032). */
export function ed25519Key(name, kid = name) {
  // The fixed frame of an Ed25519 private key in PKCS #8 (RFC 8410), then the seed.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seedOf(name)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { kty, crv, x } = createPublicKey(privateKey).export({ format: "jwk" });
  const jwk = { kty, crv, x, kid };
  return { algorithm: "Ed25519", kid, jwk, privateKey, sign: (data) => sign(null, Buffer.from(data), privateKey) };
}

/** The same key, signing with r = 0: R is the neutral point, S is k · a, and the equation of RFC 8032 §5.1.7 holds. */
export function withNeutralR(name, key) {
  const sha512 = (...parts) => fromLittleEndian(createHash("sha512").update(Buffer.concat(parts)).digest());
  const scalar = createHash("sha512").update(seedOf(name)).digest().subarray(0, 32);
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const neutral = littleEndian(1n);
  const publicKey = Buffer.from(key.jwk.x, "base64url");
  const signature = (data) =>
    littleEndian(mod(sha512(neutral, publicKey, Buffer.from(data)) * fromLittleEndian(scalar), L));
  return { ...key, sign: (data) => Buffer.concat([neutral, signature(data)]) };
}

/**
 * A key that differs from the named one by a point of order 8, and signs as that one: by the equation that multiplies with
 * the cofactor every signature holds, by the one that does not an eighth of them.
 */
export function withTorsion(name, key) {
  const clean = key.privateKey;
  const torsion = [recoverX(ORDER_8[0]), ORDER_8[0]];
  const y = fromLittleEndian(Buffer.from(key.jwk.x, "base64url"));
  const point = [recoverX(y & (2n ** 255n - 1n), y >> 255n), y & (2n ** 255n - 1n)];
  const [x, mixedY] = addEdwards(point, torsion);
  const publicKey = littleEndian(mixedY + ((x & 1n) << 255n));
  const jwk = { ...key.jwk, kid: `${name}-mixed`, x: base64url(publicKey) };
  const expanded = createHash("sha512").update(seedOf(name)).digest();
  const scalar = expanded.subarray(0, 32);
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const hash = (...parts) => fromLittleEndian(createHash("sha512").update(Buffer.concat(parts)).digest());
  const signature = (data) => {
    // R and its r as the clean key makes them; only the hash of the challenge names the other key.
    const r = sign(null, data, clean).subarray(0, 32);
    const nonce = mod(hash(expanded.subarray(32), data), L);
    const challenge = hash(r, publicKey, data);
    return { challenge, bytes: Buffer.concat([r, littleEndian(mod(nonce + challenge * fromLittleEndian(scalar), L))]) };
  };
  return {
    ...key,
    kid: jwk.kid,
    jwk,
    sign(data) {
      const { challenge, bytes } = signature(Buffer.from(data));
      if (challenge % 8n === 0n) throw new Error("By chance both equations hold: change what is signed");
      return bytes;
    },
  };
}

// ECDSA (FIPS 186-5), for one purpose: Node signs with a random k, and vectors must come out the same every time.
const CURVES = {
  ES256: {
    crv: "P-256",
    hash: "sha256",
    bytes: 32,
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
  },
  ES384: {
    crv: "P-384",
    hash: "sha384",
    bytes: 48,
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: [
      0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    ],
  },
};
/** The order of P-256. */
export const N = CURVES.ES256.n;

const mod = (value, modulus) => ((value % modulus) + modulus) % modulus;

/** By Euclid's algorithm: of value · result ≡ 1. */
function inverse(value, modulus) {
  let [a, b, x, y] = [mod(value, modulus), modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b % a, a, y - quotient * x, x];
  }
  return mod(x, modulus);
}

/** Of a point in Jacobian coordinates, in which nothing is inverted; a = −3 on both curves. */
function double(p, [x, y, z]) {
  const delta = z * z;
  const gamma = mod(y * y, p);
  const beta = mod(x * gamma, p);
  const alpha = mod(3n * (x - delta) * (x + delta), p);
  const doubled = mod(alpha * alpha - 8n * beta, p);
  return [doubled, mod(alpha * (4n * beta - doubled) - 8n * gamma * gamma, p), mod(2n * y * z, p)];
}

/** A point in Jacobian coordinates and another one, which is not the same, in affine ones. */
function addAffine(p, [x, y, z], [x2, y2]) {
  const square = mod(z * z, p);
  const h = mod(x2 * square - x, p);
  const r = mod(y2 * square * z - y, p);
  const cube = mod(h * h * h, p);
  const part = mod(x * h * h, p);
  const sum = mod(r * r - cube - 2n * part, p);
  return [sum, mod(r * (part - sum) - y * cube, p), mod(z * h, p)];
}

/** From the highest bit of the scalar, so that no two equal points are added. */
function multiply({ p, g }, scalar) {
  let point = [...g, 1n];
  for (const bit of scalar.toString(2).slice(1)) {
    point = double(p, point);
    if (bit === "1") point = addAffine(p, point, g);
  }
  const [x, y, z] = point;
  const inverted = inverse(z, p);
  return [mod(x * inverted ** 2n, p), mod(y * inverted ** 3n, p)];
}

/** k of RFC 6979 §3.2, with the HMAC of the curve's hash, which is as long as its order. */
function nonce({ n, bytes, hash }, secret, digest) {
  const hmac = (key, ...parts) => createHmac(hash, key).update(Buffer.concat(parts)).digest();
  const seed = Buffer.concat([bigEndian(secret, bytes), bigEndian(mod(fromBigEndian(digest), n), bytes)]);
  let v = Buffer.alloc(bytes, 1);
  let key = hmac(Buffer.alloc(bytes), v, Buffer.from([0]), seed);
  v = hmac(key, v);
  key = hmac(key, v, Buffer.from([1]), seed);
  v = hmac(key, v);
  for (;;) {
    v = hmac(key, v);
    const k = fromBigEndian(v);
    if (k > 0n && k < n) return k;
    key = hmac(key, v, Buffer.from([0]));
    v = hmac(key, v);
  }
}

/** An EC key by name: signs deterministically (RFC 6979), r ‖ s. */
function ecKey(algorithm, name, kid) {
  const curve = CURVES[algorithm];
  const { crv, hash, bytes, n } = curve;
  const secret = mod(fromBigEndian(seedOf(name)), n - 1n) + 1n;
  const [x, y] = multiply(curve, secret).map((value) => bigEndian(value, bytes));
  const jwk = { kty: "EC", crv, x: base64url(x), y: base64url(y), kid };
  const privateKey = createPrivateKey({ key: { ...jwk, d: base64url(bigEndian(secret, bytes)) }, format: "jwk" });
  return {
    algorithm,
    kid,
    jwk,
    privateKey,
    sign(data) {
      const digest = createHash(hash).update(data).digest();
      const k = nonce(curve, secret, digest);
      const r = mod(multiply(curve, k)[0], n);
      const s = mod(inverse(k, n) * (fromBigEndian(digest) + r * secret), n);
      return Buffer.concat([bigEndian(r, bytes), bigEndian(s, bytes)]);
    },
  };
}

/** A P-256 key by name. */
export const es256Key = (name, kid = name) => ecKey("ES256", name, kid);
/** A P-384 key by name. */
export const es384Key = (name, kid = name) => ecKey("ES384", name, kid);

/** The order of the base point of Ed25519. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const FIELD = 2n ** 255n - 19n;

/** The y of the points of order 8: d·y⁴ + 2·y² = 1, since doubling them gives y = 0. */
const ORDER_8 = [
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map((hex) => fromLittleEndian(Buffer.from(hex, "hex")));
const D = mod(-121665n * inverse(121666n, FIELD), FIELD);
for (const y of ORDER_8) {
  if (mod(D * y ** 4n + 2n * y ** 2n, FIELD) !== 1n) throw new Error("Not the y of a point of order 8");
}

/** An x of the points with this y: p ≡ 5 (mod 8), RFC 8032 §5.1.3. @param sign Its lowest bit. */
function recoverX(y, sign = 0n) {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n, FIELD), FIELD);
  let x = power(square, (FIELD + 3n) / 8n);
  if (mod(x * x, FIELD) !== square) x = mod(x * power(2n, (FIELD - 1n) / 4n), FIELD);
  if (mod(x * x, FIELD) !== square) throw new Error("Not the y of a point");
  return (x & 1n) === sign ? x : FIELD - x;
}

function power(base, exponent) {
  let result = 1n;
  for (let factor = base, rest = exponent; rest > 0n; rest >>= 1n, factor = mod(factor * factor, FIELD)) {
    if (rest & 1n) result = mod(result * factor, FIELD);
  }
  return result;
}

/** RFC 8032 §5.1.4, in affine coordinates. */
function addEdwards([x1, y1], [x2, y2]) {
  const product = mod(D * x1 * x2 * y1 * y2, FIELD);
  return [
    mod((x1 * y2 + y1 * x2) * inverse(1n + product, FIELD), FIELD),
    mod((y1 * y2 + x1 * x2) * inverse(1n - product, FIELD), FIELD),
  ];
}

/** Encodings of Ed25519 points that must be refused, by what is wrong with them; the sign bit of x clear and set. */
export const UNSAFE_POINTS = [
  ["y = 0 (order 4)", 0n],
  ["y = 1 (order 1)", 1n],
  ["y = p − 1 (order 2)", FIELD - 1n],
  ["y = p (0 spelt otherwise)", FIELD],
  ["y = p + 1 (1 spelt otherwise)", FIELD + 1n],
  ["y of order 8, the smaller", ORDER_8[0]],
  ["y of order 8, the greater", ORDER_8[1]],
  ["y = p + 3 (not canonical)", FIELD + 3n],
  ["y = 2^255 − 1 (not canonical)", 2n ** 255n - 1n],
].flatMap(([name, y]) => [
  [name, littleEndian(y)],
  [`${name}, sign bit set`, littleEndian(y + 2n ** 255n)],
]);
