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

// P-256 (FIPS 186-5), for one purpose: Node signs ES256 with a random k, and vectors must come out the same every time.
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
/** The order of P-256. */
export const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const G = [
  0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
  0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
];

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

function add(a, b) {
  if (a === undefined) return b;
  if (b === undefined) return a;
  if (a[0] === b[0] && a[1] !== b[1]) return undefined;
  const slope =
    a[0] === b[0] ? (3n * a[0] * a[0] - 3n) * inverse(2n * a[1], P) : (b[1] - a[1]) * inverse(mod(b[0] - a[0], P), P);
  const x = mod(slope * slope - a[0] - b[0], P);
  return [x, mod(slope * (a[0] - x) - a[1], P)];
}

function multiply(scalar) {
  let result;
  for (let point = G, k = scalar; k > 0n; k >>= 1n, point = add(point, point)) if (k & 1n) result = add(result, point);
  return result;
}

/** k of RFC 6979 §3.2 with HMAC-SHA-256. */
function nonce(secret, hash) {
  const hmac = (key, ...parts) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  const seed = Buffer.concat([bigEndian(secret), bigEndian(mod(fromBigEndian(hash), N))]);
  let v = Buffer.alloc(32, 1);
  let key = hmac(Buffer.alloc(32), v, Buffer.from([0]), seed);
  v = hmac(key, v);
  key = hmac(key, v, Buffer.from([1]), seed);
  v = hmac(key, v);
  for (;;) {
    v = hmac(key, v);
    const k = fromBigEndian(v);
    if (k > 0n && k < N) return k;
    key = hmac(key, v, Buffer.from([0]));
    v = hmac(key, v);
  }
}

/** A P-256 key by name: signs deterministically (RFC 6979), r ‖ s. */
export function es256Key(name, kid = name) {
  const secret = mod(fromBigEndian(seedOf(name)), N - 1n) + 1n;
  const [x, y] = multiply(secret).map(bigEndian);
  const jwk = { kty: "EC", crv: "P-256", x: base64url(x), y: base64url(y), kid };
  const privateKey = createPrivateKey({ key: { ...jwk, d: base64url(bigEndian(secret)) }, format: "jwk" });
  return {
    algorithm: "ES256",
    kid,
    jwk,
    privateKey,
    sign(data) {
      const hash = hashOf(data);
      const k = nonce(secret, hash);
      const r = mod(multiply(k)[0], N);
      const s = mod(inverse(k, N) * (fromBigEndian(hash) + r * secret), N);
      return Buffer.concat([bigEndian(r), bigEndian(s)]);
    },
  };
}

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
