// dist/chunk-Z4HAYW5Y.js
var P = littleEndian("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
var L = littleEndian("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");
var SMALL_ORDER_Y = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000001",
  "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
  "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
  "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"
].map(littleEndian);
function isUnsafePoint(encoding) {
  if (!isLess(encoding, P, 127)) return true;
  for (const y of SMALL_ORDER_Y) if (isPoint(encoding, y)) return true;
  return false;
}
function isPoint(encoding, y) {
  if ((encoding[31] & 127) !== y[31]) return false;
  for (let i = 30; i >= 0; i--) if (encoding[i] !== y[i]) return false;
  return true;
}
function isCanonicalScalar(scalar) {
  return isLess(scalar, L);
}
function isLess(a, b, mask = 255) {
  const last = (a[31] & mask) - b[31];
  if (last !== 0) return last < 0;
  for (let i = 30; i >= 0; i--) {
    const difference = a[i] - b[i];
    if (difference !== 0) return difference < 0;
  }
  return false;
}
function littleEndian(hex) {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)).reverse();
}
var ALGORITHMS = {
  Ed25519: {
    kty: "OKP",
    crv: "Ed25519",
    coordinates: ["x"],
    names: ["EdDSA", "Ed25519"],
    hash: null,
    web: { name: "Ed25519" },
    isWeak: isUnsafePoint,
    isCanonical: (signature) => !isUnsafePoint(signature) && isCanonicalScalar(signature.subarray(32))
  },
  ES256: {
    kty: "EC",
    crv: "P-256",
    coordinates: ["x", "y"],
    names: ["ES256"],
    published: "ES256",
    hash: "sha256",
    web: { name: "ECDSA", hash: "SHA-256" }
  }
};
var SIGNING_ALGORITHMS = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.keys(ALGORITHMS)
);
var SIGNATURE_BYTES = 64;
function isSigningAlgorithm(name) {
  return typeof name === "string" && Object.hasOwn(ALGORITHMS, name);
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/util/errors.js
var JOSEError = class extends Error {
  static code = "ERR_JOSE_GENERIC";
  code = "ERR_JOSE_GENERIC";
  constructor(message3, options) {
    super(message3, options), this.name = this.constructor.name, Error.captureStackTrace?.(this, this.constructor);
  }
};
var JOSENotSupported = class extends JOSEError {
  static code = "ERR_JOSE_NOT_SUPPORTED";
  code = "ERR_JOSE_NOT_SUPPORTED";
};

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/buffer_utils.js
var encoder = new TextEncoder();
var decoder = new TextDecoder();
var strictDecoder = new TextDecoder("utf-8", { fatal: true });
var UINT32_RANGE = 2 ** 32;
function encodeBase64(input, url = false) {
  if (Uint8Array.prototype.toBase64)
    return input.toBase64({ alphabet: url ? "base64url" : "base64", omitPadding: url });
  const CHUNK_SIZE = 32768, arr = [];
  for (let i = 0; i < input.length; i += CHUNK_SIZE)
    arr.push(String.fromCharCode.apply(null, input.subarray(i, i + CHUNK_SIZE)));
  const encoded = btoa(arr.join(""));
  return url ? encoded.replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_") : encoded;
}
function decodeBase64(encoded, url = false) {
  if (Uint8Array.fromBase64)
    return Uint8Array.fromBase64(encoded, { alphabet: url ? "base64url" : "base64" });
  if (url) {
    if (encoded.includes("+") || encoded.includes("/"))
      throw new TypeError("Invalid base64url");
    encoded = encoded.replace(/-/g, "+").replace(/_/g, "/");
  }
  const binary = atob(encoded), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++)
    bytes[i] = binary.charCodeAt(i);
  return bytes;
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/util/base64url.js
var invalid = "The input to be decoded is not correctly encoded.";
function decode(input) {
  try {
    return decodeBase64(typeof input == "string" ? input : decoder.decode(input), true);
  } catch (cause) {
    throw new TypeError(invalid, { cause });
  }
}
function encode(input) {
  return encodeBase64(typeof input == "string" ? encoder.encode(input) : input, true);
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/validate.js
function isObject(input) {
  if (typeof input != "object" || input === null || Object.prototype.toString.call(input) !== "[object Object]")
    return false;
  const prototype = Object.getPrototypeOf(input);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/key.js
var isCryptoKey = (key) => {
  if (key?.[Symbol.toStringTag] === "CryptoKey")
    return true;
  try {
    return key instanceof CryptoKey;
  } catch {
    return false;
  }
};
var isKeyObject = (key) => key?.[Symbol.toStringTag] === "KeyObject";
function message(msg, actual, ...types) {
  if (types.length > 2) {
    const last = types.pop();
    msg += `one of type ${types.join(", ")}, or ${last}.`;
  } else types.length === 2 ? msg += `one of type ${types[0]} or ${types[1]}.` : msg += `of type ${types[0]}.`;
  return actual == null ? msg += ` Received ${actual}` : typeof actual == "function" && actual.name ? msg += ` Received function ${actual.name}` : typeof actual == "object" && actual != null && actual.constructor?.name && (msg += ` Received an instance of ${actual.constructor.name}`), msg;
}
var invalidKeyInput = (actual, ...types) => message("Key must be ", actual, ...types);
function snapshotJwk(jwk) {
  return { __proto__: null, ...jwk };
}
function normalizeJwk(jwk) {
  const normalized = snapshotJwk(jwk);
  if (normalized.ext !== void 0 && typeof normalized.ext != "boolean")
    throw new TypeError('"ext" (Extractable) Parameter must be a boolean');
  if (normalized.key_ops !== void 0) {
    const value = normalized.key_ops, keyOps = Array.isArray(value) ? [...value] : void 0;
    if (!keyOps || keyOps.some((operation) => typeof operation != "string") || new Set(keyOps).size !== keyOps.length)
      throw new TypeError('"key_ops" (Key Operations) Parameter must be an array of unique strings');
    normalized.key_ops = keyOps;
  }
  return normalized;
}
function validateExtractableOption(extractable) {
  if (extractable !== void 0 && typeof extractable != "boolean")
    throw new TypeError('"extractable" option must be a boolean');
  return extractable;
}
async function jwkToKey(entry, jwk, extractable) {
  if (!entry.kty.includes(jwk.kty))
    throw new JOSENotSupported('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
  const algorithm = entry.resolve?.({ kty: jwk.kty, crv: jwk.crv }) ?? entry.subtle, isPrivate = !!(jwk.d || jwk.priv), keyData = { ...jwk, ext: extractable ?? jwk.ext };
  return keyData.kty !== "AKP" && delete keyData.alg, delete keyData.use, crypto.subtle.importKey("jwk", keyData, algorithm, keyData.ext ?? !isPrivate, jwk.key_ops ?? entry.usages[isPrivate ? 1 : 0]);
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/key_descriptor.js
function table(entries) {
  const out = { __proto__: null };
  for (const alg in entries)
    out[alg] = { ...entries[alg], alg };
  return out;
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/jws_algorithms.js
var sig = [["verify"], ["sign"]];
function hmac(bits) {
  const subtle = { name: "HMAC", hash: `SHA-${bits}` };
  return { kty: ["oct"], secret: true, subtle, signing: subtle, usages: sig };
}
function rsa(bits, saltLength) {
  const subtle = { name: saltLength ? "RSA-PSS" : "RSASSA-PKCS1-v1_5", hash: `SHA-${bits}` };
  return {
    kty: ["RSA"],
    subtle,
    signing: saltLength ? { ...subtle, saltLength } : subtle,
    usages: sig,
    minRsaBits: 2048
  };
}
function ecdsa(crv, bits) {
  return {
    kty: ["EC"],
    crv,
    subtle: { name: "ECDSA", namedCurve: crv },
    signing: { name: "ECDSA", hash: `SHA-${bits}` },
    usages: sig
  };
}
function eddsa() {
  const subtle = { name: "Ed25519" };
  return {
    kty: ["OKP"],
    crv: "Ed25519",
    subtle,
    signing: subtle,
    usages: sig
  };
}
function mldsa(parameterSet) {
  const subtle = { name: `ML-DSA-${parameterSet}` };
  return {
    kty: ["AKP"],
    subtle,
    signing: subtle,
    usages: sig
  };
}
var JWS = table({
  HS256: hmac(256),
  HS384: hmac(384),
  HS512: hmac(512),
  RS256: rsa(256),
  RS384: rsa(384),
  RS512: rsa(512),
  PS256: rsa(256, 32),
  PS384: rsa(384, 48),
  PS512: rsa(512, 64),
  ES256: ecdsa("P-256", 256),
  ES384: ecdsa("P-384", 384),
  ES512: ecdsa("P-521", 512),
  EdDSA: eddsa(),
  Ed25519: eddsa(),
  "ML-DSA-44": mldsa(44),
  "ML-DSA-65": mldsa(65),
  "ML-DSA-87": mldsa(87)
});

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/jwe_algorithms.js
var wrap = [
  ["encrypt", "wrapKey"],
  ["decrypt", "unwrapKey"]
];
var derive = [[], ["deriveBits"]];
var none = [[], []];
function rsaes(bits) {
  return {
    kty: ["RSA"],
    mode: "key-encryption",
    subtle: { name: "RSA-OAEP", hash: `SHA-${bits}` },
    usages: wrap,
    ops: ["wrapKey", "unwrapKey"]
  };
}
function ecdh(mode) {
  return {
    kty: ["EC", "OKP"],
    mode,
    subtle: { name: "ECDH" },
    resolve: ({ kty, crv, asymmetricKeyType }) => {
      if (crv === "X25519" || asymmetricKeyType === "x25519")
        return { name: "X25519" };
      if (kty === "OKP")
        throw new JOSENotSupported('Invalid or unsupported JWK "alg" (Algorithm) Parameter value');
      return { name: "ECDH", namedCurve: crv };
    },
    usages: derive,
    ops: [void 0, "deriveBits"]
  };
}
function aeskw(bits, gcm = false) {
  return {
    kty: ["oct"],
    mode: "key-wrapping",
    secret: true,
    subtle: { name: gcm ? "AES-GCM" : "AES-KW", length: bits },
    usages: none,
    ops: gcm ? ["encrypt", "decrypt"] : ["wrapKey", "unwrapKey"]
  };
}
function pbes2() {
  return {
    kty: ["oct"],
    mode: "key-wrapping",
    secret: true,
    subtle: { name: "PBKDF2" },
    usages: none,
    ops: ["deriveBits", "deriveBits"]
  };
}
var JWE = table({
  dir: {
    kty: ["oct"],
    mode: "direct-encryption",
    secret: true,
    subtle: { name: "AES-GCM" },
    usages: none,
    ops: ["encrypt", "decrypt"]
  },
  "RSA-OAEP": rsaes(1),
  "RSA-OAEP-256": rsaes(256),
  "RSA-OAEP-384": rsaes(384),
  "RSA-OAEP-512": rsaes(512),
  "ECDH-ES": ecdh("direct-key-agreement"),
  "ECDH-ES+A128KW": ecdh("key-agreement-with-key-wrapping"),
  "ECDH-ES+A192KW": ecdh("key-agreement-with-key-wrapping"),
  "ECDH-ES+A256KW": ecdh("key-agreement-with-key-wrapping"),
  A128KW: aeskw(128),
  A192KW: aeskw(192),
  A256KW: aeskw(256),
  A128GCMKW: aeskw(128, true),
  A192GCMKW: aeskw(192, true),
  A256GCMKW: aeskw(256, true),
  "PBES2-HS256+A128KW": pbes2(),
  "PBES2-HS384+A192KW": pbes2(),
  "PBES2-HS512+A256KW": pbes2()
});
var contentOps = ["encrypt", "decrypt"];
function contentEncryption(bits, cbc = false) {
  return {
    kty: ["oct"],
    secret: true,
    subtle: { name: cbc ? "AES-CBC" : "AES-GCM", length: bits },
    usages: none,
    ops: contentOps,
    cekBits: bits,
    ivBits: cbc ? 128 : 96,
    cbc
  };
}
var ENC = table({
  A128GCM: contentEncryption(128),
  A192GCM: contentEncryption(192),
  A256GCM: contentEncryption(256),
  "A128CBC-HS256": contentEncryption(256, true),
  "A192CBC-HS384": contentEncryption(384, true),
  "A256CBC-HS512": contentEncryption(512, true)
});

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/lib/key_algorithm.js
var algArgument = '"alg" (Algorithm)';
function unsupportedAlg(source = 'JWK "alg" (Algorithm) Parameter') {
  throw new JOSENotSupported(`Invalid or unsupported ${source} value`);
}
function keyAlgorithm(alg, source) {
  return (typeof alg == "string" ? JWS[alg] ?? JWE[alg] : void 0) ?? unsupportedAlg(source);
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/key/export.js
async function exportJWK(key) {
  if (isKeyObject(key))
    if (key.type === "secret")
      key = key.export();
    else
      return key.export({ format: "jwk" });
  if (key instanceof Uint8Array)
    return {
      kty: "oct",
      k: encode(key)
    };
  if (!isCryptoKey(key))
    throw new TypeError(invalidKeyInput(key, "CryptoKey", "KeyObject", "Uint8Array"));
  if (!key.extractable)
    throw new TypeError("non-extractable CryptoKey cannot be exported as a JWK");
  const jwk = await crypto.subtle.exportKey("jwk", key);
  delete jwk.ext, delete jwk.key_ops, delete jwk.use, jwk.kty !== "AKP" && delete jwk.alg;
  for (const parameter of Object.keys(jwk))
    jwk[parameter] === void 0 && delete jwk[parameter];
  return jwk;
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/key/generate_key_pair.js
function getModulusLengthOption(options) {
  const modulusLength = options?.modulusLength ?? 2048;
  if (typeof modulusLength != "number" || !Number.isInteger(modulusLength) || modulusLength < 2048)
    throw new JOSENotSupported("Invalid or unsupported modulusLength option provided, 2048 bits or larger keys must be used");
  return modulusLength;
}
async function generateKeyPair(alg, options) {
  const extractable = validateExtractableOption(options?.extractable), entry = keyAlgorithm(alg, algArgument);
  entry.secret && unsupportedAlg(algArgument);
  let algorithm;
  if (entry.resolve) {
    const crv = options?.crv ?? "P-256";
    if (!["P-256", "P-384", "P-521", "X25519"].includes(crv))
      throw new JOSENotSupported("Invalid or unsupported crv option provided, supported values are P-256, P-384, P-521, and X25519");
    algorithm = entry.resolve({ crv });
  } else {
    if (entry.crv !== void 0 && options?.crv !== void 0 && options.crv !== entry.crv)
      throw new JOSENotSupported(`Invalid or unsupported crv option provided, the only supported value for ${alg} is ${entry.crv}`);
    algorithm = entry.kty[0] === "RSA" ? {
      ...entry.subtle,
      publicExponent: Uint8Array.of(1, 0, 1),
      modulusLength: getModulusLengthOption(options)
    } : entry.subtle;
  }
  return crypto.subtle.generateKey(algorithm, extractable ?? false, [
    ...entry.usages[1],
    ...entry.usages[0]
  ]);
}

// ../../node_modules/.pnpm/jose@6.2.17/node_modules/jose/dist/webapi/key/import.js
async function importJWK(jwk, alg, options) {
  if (!isObject(jwk))
    throw new TypeError("JWK must be an object");
  const normalized = normalizeJwk(jwk), extractable = validateExtractableOption(options?.extractable), { alg: jwkAlg } = normalized;
  if (alg ??= jwkAlg, normalized.kty !== "oct" && !alg)
    throw new TypeError('"alg" argument is required when "jwk.alg" is not present');
  switch (normalized.kty) {
    case "oct":
      if (typeof normalized.k != "string")
        throw new TypeError('missing "k" (Key Value) Parameter value');
      return decode(normalized.k);
    case "AKP": {
      if (typeof jwkAlg != "string" || !jwkAlg)
        throw new TypeError('missing "alg" (Algorithm) Parameter value');
      if (alg !== jwkAlg)
        throw new TypeError("JWK alg and alg option value mismatch");
      return jwkToKey(keyAlgorithm(alg), normalized, extractable);
    }
    case "RSA":
    case "EC":
    case "OKP":
      return jwkToKey(keyAlgorithm(alg), normalized, extractable);
    default:
      throw new JOSENotSupported('Unsupported "kty" (Key Type) Parameter value');
  }
}

// dist/crypto/web.js
var encoder2 = new TextEncoder();
function toBase64url(bytes) {
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
function fromBase64url(text) {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
function utf8(text) {
  return encoder2.encode(text);
}
async function digest(data) {
  return toBase64url(await sha256(data));
}
async function sha256(data) {
  const bytes = typeof data === "string" ? utf8(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
async function generatePrivateJwk(algorithm) {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return await exportJWK(privateKey);
}
async function importPublicKey(jwk, algorithm) {
  return await importJWK({ ...jwk }, algorithm);
}
async function importPrivateKey(jwk, algorithm) {
  return await importJWK({ ...jwk, ext: false }, algorithm);
}
function verifySignature(algorithm, key, data, signature, _crowded) {
  return crypto.subtle.verify(ALGORITHMS[algorithm].web, key, signature, data);
}
async function signData(algorithm, key, data) {
  return new Uint8Array(await crypto.subtle.sign(ALGORITHMS[algorithm].web, key, data));
}
async function importMacKey(key) {
  const hmac2 = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return Object.freeze({
    mac: async (text) => toBase64url(new Uint8Array(await crypto.subtle.sign("HMAC", hmac2, utf8(text))))
  });
}
async function hkdf(secret2, salt, info, length) {
  const key = await crypto.subtle.importKey("raw", secret2, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt, info: utf8(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, length * 8));
}
var AES = "AES-GCM";
async function sealBytes(key, nonce, plain, associated) {
  const aes = await crypto.subtle.importKey("raw", key, AES, false, ["encrypt"]);
  const parameters = { name: AES, iv: nonce, additionalData: associated };
  return new Uint8Array(await crypto.subtle.encrypt(parameters, aes, plain));
}
async function openBytes(key, nonce, sealed, associated) {
  try {
    const aes = await crypto.subtle.importKey("raw", key, AES, false, ["decrypt"]);
    const parameters = { name: AES, iv: nonce, additionalData: associated };
    return new Uint8Array(await crypto.subtle.decrypt(parameters, aes, sealed));
  } catch {
    return void 0;
  }
}
var X25519 = "X25519";
async function createAgreement() {
  const pair = await crypto.subtle.generateKey({ name: X25519 }, false, ["deriveBits"]);
  return Object.freeze({
    publicKey: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)),
    async agree(peer) {
      try {
        const key = await crypto.subtle.importKey("raw", peer, { name: X25519 }, false, []);
        return new Uint8Array(await crypto.subtle.deriveBits({ name: X25519, public: key }, pair.privateKey, 256));
      } catch {
        return void 0;
      }
    }
  });
}

// dist/chunk-CJQTFXRQ.js
var REASON_BY_CODE = {
  // Mistakes in the program
  ERR_OPTION: void 0,
  ERR_ALREADY_ATTESTED: void 0,
  ERR_GUARD_MISSING: "attestation_unavailable",
  ERR_CLOCK: "attestation_unavailable",
  ERR_INTERNAL: "attestation_unavailable",
  // Keys
  ERR_KEY_FORMAT: "attestation_invalid",
  ERR_KEY_UNSUPPORTED: "attestation_invalid",
  ERR_KEY_PRIVATE: "attestation_invalid",
  ERR_KEY_WEAK: "attestation_invalid",
  ERR_KEY_DUPLICATE: "attestation_unavailable",
  ERR_KEY_NOT_FOUND: "attestation_invalid",
  ERR_KEY_SOURCE_UNAVAILABLE: "attestation_unavailable",
  // The attestation, in the order of the checks
  ERR_ATTESTATION_REQUIRED: "attestation_required",
  ERR_ATTESTATION_SIZE: "attestation_invalid",
  ERR_ATTESTATION_FORMAT: "attestation_invalid",
  ERR_ATTESTATION_ENCODING: "attestation_invalid",
  ERR_ATTESTATION_JSON: "attestation_invalid",
  ERR_ATTESTATION_DUPLICATE_MEMBER: "attestation_invalid",
  ERR_ATTESTATION_HEADER: "attestation_invalid",
  ERR_ATTESTATION_TYP: "attestation_invalid",
  ERR_ATTESTATION_ALG: "attestation_invalid",
  ERR_BEARER_NOT_ALLOWED: "attestation_invalid",
  ERR_ISSUER_UNTRUSTED: "attestation_issuer_untrusted",
  ERR_FORMAT_NOT_ALLOWED: "attestation_invalid",
  ERR_ATTESTATION_SIGNATURE: "attestation_invalid",
  ERR_ATTESTATION_CLAIMS: "attestation_invalid",
  ERR_ATTESTATION_VERSION: "attestation_invalid",
  ERR_BEARER_CONFIRMATION: "attestation_invalid",
  ERR_CONFIRMATION_KEY: "attestation_invalid",
  ERR_ATTESTATION_EXPIRED: "attestation_expired",
  ERR_ATTESTATION_NOT_YET_VALID: "attestation_expired",
  ERR_ATTESTATION_LIFETIME: "attestation_invalid",
  ERR_ATTESTATION_AUDIENCE: "attestation_invalid",
  ERR_ATTESTATION_AUDIENCES: "attestation_invalid",
  ERR_ATTESTATION_SUBJECT: "attestation_invalid",
  ERR_TRUST_DOMAIN: "attestation_invalid",
  ERR_ATTESTATION_TYPE: "attestation_invalid",
  ERR_NESTED_TWICE: "attestation_invalid",
  ERR_NESTED_KEY: "attestation_invalid",
  ERR_NESTED_AGENT: "attestation_invalid",
  ERR_CLAIM_REQUIRED: "attestation_claims_insufficient",
  ERR_REVOKED: "attestation_revoked",
  ERR_REVOCATION_UNAVAILABLE: "attestation_unavailable",
  // A chain of delegations
  ERR_DELEGATION_NOT_ALLOWED: "attestation_invalid",
  ERR_DELEGATION_ROOT: "attestation_invalid",
  ERR_DELEGATION_FORMAT: "attestation_invalid",
  ERR_DELEGATION_HEADER: "attestation_invalid",
  ERR_DELEGATION_CLAIMS: "attestation_invalid",
  ERR_DELEGATION_KEY: "attestation_invalid",
  ERR_DELEGATION_PARENT: "attestation_invalid",
  ERR_DELEGATION_DEPTH: "attestation_invalid",
  ERR_DELEGATION_TIMES: "attestation_invalid",
  ERR_DELEGATION_EXPIRED: "attestation_expired",
  ERR_DELEGATION_AUDIENCE: "attestation_proof_invalid",
  ERR_DELEGATION_SIGNATURE: "attestation_invalid",
  ERR_DELEGATION_SCOPE: "attestation_claims_insufficient",
  // The proof
  ERR_PROOF_REQUIRED: "attestation_proof_invalid",
  ERR_PROOF_UNEXPECTED: "attestation_proof_invalid",
  ERR_PROOF_REQUEST: "attestation_proof_invalid",
  ERR_PROOF_SIZE: "attestation_proof_invalid",
  ERR_PROOF_FORMAT: "attestation_proof_invalid",
  ERR_PROOF_ENCODING: "attestation_proof_invalid",
  ERR_PROOF_JSON: "attestation_proof_invalid",
  ERR_PROOF_DUPLICATE_MEMBER: "attestation_proof_invalid",
  ERR_PROOF_HEADER: "attestation_proof_invalid",
  ERR_PROOF_TYP: "attestation_proof_invalid",
  ERR_PROOF_ALG: "attestation_proof_invalid",
  ERR_PROOF_SIGNATURE: "attestation_proof_invalid",
  ERR_PROOF_CLAIMS: "attestation_proof_invalid",
  ERR_PROOF_CARRIER: "attestation_proof_invalid",
  ERR_PROOF_ATTESTATION: "attestation_proof_invalid",
  ERR_PROOF_AUDIENCE: "attestation_proof_invalid",
  ERR_PROOF_TIME: "attestation_expired",
  ERR_PROOF_METHOD: "attestation_proof_invalid",
  ERR_PROOF_DIGEST: "attestation_proof_invalid",
  ERR_PROOF_SESSION: "attestation_proof_invalid",
  ERR_PROOF_ACCESS_TOKEN: "attestation_proof_invalid",
  // A MAC proof and its ticket, in the order of the checks
  ERR_TICKETS_OFF: "attestation_ticket_refused",
  ERR_TICKET_UNKNOWN: "attestation_ticket_refused",
  ERR_TICKET_EXPIRED: "attestation_ticket_refused",
  ERR_TICKET_AUDIENCE: "attestation_ticket_refused",
  ERR_TICKET_HOLDER: "attestation_ticket_refused",
  ERR_TICKET_MAC: "attestation_ticket_refused",
  ERR_SIGNATURE_REQUIRED: "attestation_signature_required",
  // Replay
  ERR_REPLAY: "attestation_replay",
  ERR_REPLAY_EXPIRY: "attestation_unavailable",
  ERR_REPLAY_BEFORE_START: "attestation_expired",
  ERR_REPLAY_CACHE_FULL: "attestation_unavailable",
  ERR_REPLAY_CACHE_UNAVAILABLE: "attestation_unavailable",
  // The guard of a server
  ERR_CARRIER: "attestation_invalid",
  ERR_AUTHORIZATION: "attestation_invalid",
  ERR_REQUEST_ID: "attestation_invalid",
  ERR_TASK_OWNER: "attestation_invalid",
  ERR_GATE_MISSING: "attestation_required",
  ERR_BODY_CONSUMED: "attestation_unavailable",
  ERR_SESSION_OWNER: "attestation_invalid",
  ERR_SESSION_EXPIRED: "attestation_expired",
  ERR_DEMAND: "attestation_claims_insufficient",
  // The agent's side
  ERR_SOURCE_UNAVAILABLE: "attestation_unavailable"
};
function reasonOf(code) {
  return REASON_BY_CODE[code];
}
function wireReason(code) {
  return reasonOf(code) ?? "attestation_unavailable";
}
var RETRYABLE = /* @__PURE__ */ new Set([
  "attestation_required",
  "attestation_expired",
  "attestation_challenge_required",
  "attestation_ticket_refused",
  "attestation_signature_required",
  "attestation_unavailable"
]);
function isRetryable(reason) {
  return RETRYABLE.has(reason);
}
var AttestationError = class extends Error {
  code;
  /** What a peer would be told; absent for mistakes on our own side. */
  reason;
  retryable;
  constructor(code, message3, options) {
    super(message3, options);
    this.name = "AttestationError";
    this.code = code;
    const reason = reasonOf(code);
    if (reason !== void 0) this.reason = reason;
    this.retryable = isRetryable(reason);
  }
};
function optionError(option, problem) {
  return new AttestationError("ERR_OPTION", `${option} ${problem}`);
}
var TRUST_DOMAIN = /^[a-z0-9._-]{1,255}$/;
var SEGMENT = /^[A-Za-z0-9._-]+$/;
var WORKLOAD_ID = /^spiffe:\/\/([a-z0-9._-]{1,255})(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;
var MAX_LENGTH = 2048;
function isTrustDomain(text) {
  return typeof text === "string" && TRUST_DOMAIN.test(text);
}
function trustDomainOf(subject) {
  return subject.length <= MAX_LENGTH ? WORKLOAD_ID.exec(subject)?.[1] : void 0;
}
function spiffeId(trustDomain, segments) {
  if (!isTrustDomain(trustDomain)) {
    throw optionError(
      "trustDomain",
      "must be a SPIFFE trust domain: lower-case letters, digits, dots, dashes, underscores"
    );
  }
  if (!segments.every(isSegment)) {
    throw optionError(
      "subject",
      "must be given: the default is made from the model version, which has characters that a SPIFFE ID cannot hold"
    );
  }
  return `spiffe://${trustDomain}/${segments.join("/")}`;
}
function isSegment(segment) {
  return SEGMENT.test(segment) && segment !== "." && segment !== "..";
}
var LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
function toSpiffeId(identity2, trustDomain = defaultTrustDomain(identity2)) {
  return spiffeId(trustDomain, ["model", identity2.modelVersion]);
}
function defaultTrustDomain({ provider }) {
  if (LABEL.test(provider)) return `${provider}.com`;
  const shown2 = JSON.stringify(String(provider).slice(0, 100));
  throw optionError(
    "trustDomain",
    `must be given: it is <provider>.com by default, and the provider ${shown2} is not one label of a domain name`
  );
}
function readAgentIdentity(reader) {
  const identity2 = reader.object("agent_identity");
  const deploymentId = identity2.optionalText("deployment_id");
  const enterprise = identity2.optionalObject("enterprise");
  const read3 = {
    modelFamily: identity2.text("model_family"),
    modelVersion: identity2.text("model_version"),
    provider: identity2.text("provider")
  };
  if (deploymentId !== void 0) read3.deploymentId = deploymentId;
  if (enterprise) {
    read3.enterprise = Object.freeze({
      orgId: enterprise.text("org_id"),
      workloadId: enterprise.text("workload_id"),
      deploymentEnv: enterprise.text("deployment_env")
    });
  }
  return Object.freeze(read3);
}
function writeAgentIdentity({ enterprise, ...identity2 }) {
  return {
    model_family: identity2.modelFamily,
    model_version: identity2.modelVersion,
    provider: identity2.provider,
    deployment_id: identity2.deploymentId,
    enterprise: enterprise && {
      org_id: enterprise.orgId,
      workload_id: enterprise.workloadId,
      deployment_env: enterprise.deploymentEnv
    }
  };
}
var HASH = /^sha256:[0-9a-f]{64}$/;
function readAgentIntegrity(reader) {
  const integrity = reader.optionalObject("agent_integrity");
  if (!integrity) return void 0;
  const configHash = integrity.optionalText("config_hash", HASH);
  const systemPromptHash = integrity.optionalText("system_prompt_hash", HASH);
  const read3 = {};
  if (configHash !== void 0) read3.configHash = configHash;
  if (systemPromptHash !== void 0) read3.systemPromptHash = systemPromptHash;
  return Object.freeze(read3);
}
function writeAgentIntegrity(integrity) {
  return { config_hash: integrity.configHash, system_prompt_hash: integrity.systemPromptHash };
}
var TYP = {
  attestation: "agent-attestation+jwt",
  bearer: "JWT",
  proof: "agent-attestation-pop+jwt",
  delegation: "agent-attestation-delegation+jwt"
};
var VERSION = { attestation: "0.2.0", bearer: "0.1.0" };
var DEFAULT_LIFETIME = 300;
var MAX_LIFETIME = { attestation: 3600, bearer: 900 };
var MAX_LINKS = 4;
var BACKDATE = 5;
var ATTESTATION_TYPES = ["provider", "enterprise"];
var SAFETY_LEVELS = ["standard", "enhanced", "minimal"];
var COMPACT_JWS = /^[A-Za-z0-9_.-]{1,4096}$/;
function readAttestationMetadata(reader) {
  const metadata = reader.object("attestation_metadata");
  const nestedAttestation = metadata.optionalText("nested_attestation", COMPACT_JWS);
  const maxDelegationDepth = metadata.optionalIndex("max_delegation_depth", MAX_LINKS);
  const read3 = {
    attestationVersion: metadata.text("attestation_version"),
    attestationType: metadata.oneOf("attestation_type", ATTESTATION_TYPES),
    safetyLevel: metadata.oneOf("safety_level", SAFETY_LEVELS),
    capabilitiesDeclared: metadata.texts("capabilities_declared")
  };
  if (nestedAttestation !== void 0) read3.nestedAttestation = nestedAttestation;
  if (maxDelegationDepth !== void 0) read3.maxDelegationDepth = maxDelegationDepth;
  return Object.freeze(read3);
}
function writeAttestationMetadata(metadata) {
  return {
    attestation_version: metadata.attestationVersion,
    attestation_type: metadata.attestationType,
    safety_level: metadata.safetyLevel,
    capabilities_declared: metadata.capabilitiesDeclared,
    nested_attestation: metadata.nestedAttestation,
    max_delegation_depth: metadata.maxDelegationDepth
  };
}
var IDENTIFIER = /^[\x21-\x7e]{1,256}$/;
var LONG_IDENTIFIER = /^[\x21-\x7e]{1,2048}$/;
var TEXT = /^[\x20-\x7e]{1,256}$/;
var MAX_LIST = 64;
var ClaimReader = class _ClaimReader {
  #claims;
  #path;
  #report;
  constructor(claims, path = "", report = {}) {
    this.#claims = claims;
    this.#path = path;
    this.#report = report;
  }
  /** What is wrong with the first claim that is wrong, naming the claim and repeating nothing of its content. */
  get problem() {
    return this.#report.problem;
  }
  has(name) {
    return Object.hasOwn(this.#claims, name);
  }
  text(name, pattern = TEXT) {
    return this.#text(name, this.#get(name), pattern);
  }
  optionalText(name, pattern = TEXT) {
    const value = this.#get(name);
    return value === void 0 ? void 0 : this.#text(name, value, pattern);
  }
  texts(name) {
    const value = this.#get(name);
    const valid = Array.isArray(value) && value.length <= MAX_LIST && value.every((v) => typeof v === "string" && TEXT.test(v));
    return valid ? Object.freeze(value) : this.#fail(name, `must be a list of at most ${MAX_LIST} texts`, []);
  }
  oneOf(name, values) {
    const value = this.#get(name);
    return values.find((candidate) => candidate === value) ?? this.#fail(name, "is not one of its values", values[0]);
  }
  /** Seconds since the epoch: a safe integer, not negative (T18). */
  time(name) {
    return this.#time(name, this.#get(name));
  }
  optionalTime(name) {
    const value = this.#get(name);
    return value === void 0 ? void 0 : this.#time(name, value);
  }
  /** A safe integer, not negative. */
  index(name, most = Number.MAX_SAFE_INTEGER) {
    return this.#index(name, this.#get(name), most);
  }
  optionalIndex(name, most) {
    const value = this.#get(name);
    return value === void 0 ? void 0 : this.#index(name, value, most);
  }
  /** A string or a list of strings, as `aud` is. */
  optionalAudience(name) {
    const value = this.#get(name);
    if (value === void 0) return void 0;
    const list = typeof value === "string" ? [value] : value;
    const valid = Array.isArray(list) && list.length > 0 && list.length <= MAX_LIST && list.every((audience2) => typeof audience2 === "string" && LONG_IDENTIFIER.test(audience2));
    return valid ? Object.freeze(value) : this.#fail(name, "must be one or several URIs", "");
  }
  /** The same, and it must be there. */
  audience(name) {
    return this.optionalAudience(name) ?? this.lacks(name, "");
  }
  /** A list of 1 to 64 entries of one kind. */
  optionalEntries(name, isEntry) {
    const value = this.#get(name);
    if (value === void 0) return void 0;
    const valid = Array.isArray(value) && value.length > 0 && value.length <= MAX_LIST && value.every((entry) => typeof entry === "string" && isEntry(entry));
    return valid ? Object.freeze(value) : this.#fail(name, `must be a list of 1\u2013${MAX_LIST} permitted entries`, []);
  }
  /** Reports a member that is none of these. */
  only(names) {
    if (!Object.keys(this.#claims).every((name) => names.includes(name))) {
      this.#fail("", `has a member other than ${names.join(", ")}`, void 0);
    }
  }
  /** Reports that a claim is missing. */
  lacks(name, placeholder) {
    return this.#fail(name, "must be there", placeholder);
  }
  object(name) {
    return this.#object(name, this.#get(name));
  }
  optionalObject(name) {
    const value = this.#get(name);
    return value === void 0 ? void 0 : this.#object(name, value);
  }
  #text(name, value, pattern) {
    if (typeof value === "string" && pattern.test(value)) return value;
    return this.#fail(name, "must be a text of the permitted characters and length", "");
  }
  #time(name, value) {
    if (Number.isSafeInteger(value) && value >= 0) return value;
    return this.#fail(name, "must be whole seconds since the epoch", 0);
  }
  #index(name, value, most) {
    if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
    return this.#fail(name, "must be a whole number of the permitted range", 0);
  }
  #object(name, value) {
    const path = `${this.#path}${name}.`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return new _ClaimReader(value, path, this.#report);
    }
    this.#fail(name, "must be an object", void 0);
    return new _ClaimReader({}, path, this.#report);
  }
  /** What a claim holds; JSON knows no `undefined`, so that means it is not there. */
  #get(name) {
    return Object.hasOwn(this.#claims, name) ? this.#claims[name] : void 0;
  }
  #fail(name, problem, placeholder) {
    this.#report.problem ??= `\`${this.#path}${name}\` ${problem}`;
    return placeholder;
  }
};
function readConfirmationKey(reader, needed = "crv") {
  const jwk = reader.optionalObject("cnf")?.object("jwk");
  if (!jwk) return void 0;
  const optional = ["crv", "x", "y", "kid", "alg", "use"].filter((name) => name !== needed && jwk.has(name));
  return Object.freeze({
    kty: jwk.text("kty", IDENTIFIER),
    [needed]: jwk.text(needed, IDENTIFIER),
    ...Object.fromEntries(optional.map((name) => [name, jwk.text(name, IDENTIFIER)]))
  });
}
function readStatus(reader) {
  const list = reader.optionalObject("status")?.optionalObject("status_list");
  if (!list) return void 0;
  const statusList = { idx: list.index("idx"), uri: list.text("uri", LONG_IDENTIFIER) };
  return Object.freeze({ statusList: Object.freeze(statusList) });
}
function writeStatus({ statusList: { idx, uri } }) {
  return { status_list: { idx, uri } };
}
function readAttestationClaims(payload) {
  const reader = new ClaimReader(payload);
  const aud = reader.optionalAudience("aud");
  const nbf = reader.optionalTime("nbf");
  const agentIntegrity = readAgentIntegrity(reader);
  const jwk = readConfirmationKey(reader);
  const status = readStatus(reader);
  const claims = {
    iss: reader.text("iss", LONG_IDENTIFIER),
    sub: reader.text("sub", LONG_IDENTIFIER),
    iat: reader.time("iat"),
    exp: reader.time("exp"),
    jti: reader.text("jti", IDENTIFIER),
    agentIdentity: readAgentIdentity(reader),
    attestationMetadata: readAttestationMetadata(reader)
  };
  if (aud !== void 0) claims.aud = aud;
  if (nbf !== void 0) claims.nbf = nbf;
  if (agentIntegrity) claims.agentIntegrity = agentIntegrity;
  if (jwk) claims.cnf = Object.freeze({ jwk });
  if (status) claims.status = status;
  return reader.problem === void 0 ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}
function writeAttestationClaims(claims) {
  return {
    iss: claims.iss,
    sub: claims.sub,
    aud: claims.aud,
    iat: claims.iat,
    nbf: claims.nbf,
    exp: claims.exp,
    jti: claims.jti,
    cnf: claims.cnf,
    status: claims.status && writeStatus(claims.status),
    agent_identity: writeAgentIdentity(claims.agentIdentity),
    agent_integrity: claims.agentIntegrity && writeAgentIntegrity(claims.agentIntegrity),
    attestation_metadata: writeAttestationMetadata(claims.attestationMetadata)
  };
}
var rules = /* @__PURE__ */ new WeakMap();
function defineFormat(describe, rulesOfIt) {
  const frozen = Object.freeze(describe());
  rules.set(frozen, rulesOfIt);
  return frozen;
}
function rulesOf(format) {
  const found = rules.get(format);
  if (found) return found;
  throw optionError(
    "trustedIssuers.formats",
    'must be "attestation", "bearer", or a format of @attest/core/formats/*, such as spiffeJwtSvid'
  );
}
function encodeBase64url(bytes) {
  return toBase64url(bytes);
}
function decodeBase64url(text) {
  const bytes = fromBase64url(text);
  return toBase64url(bytes) === text ? bytes : void 0;
}
function isKid(value) {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}
var PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
function vetPublicJwk(jwk) {
  refusePrivate(jwk);
  const algorithm = SIGNING_ALGORITHMS.find(
    (name) => ALGORITHMS[name].kty === jwk.kty && ALGORITHMS[name].crv === jwk.crv
  );
  if (!algorithm) throw new AttestationError("ERR_KEY_UNSUPPORTED", "The JWK is neither an Ed25519 nor a P-256 key");
  const { kty, crv, coordinates, names, isWeak } = ALGORITHMS[algorithm];
  assertVerifying(jwk);
  if (jwk.use !== void 0 && jwk.use !== "sig") throw keyFormatError("has a `use` other than `sig`");
  if (jwk.alg !== void 0 && !names.includes(jwk.alg)) throw keyFormatError("has an `alg` that is not its type's");
  const vetted = { crv, kty };
  for (const coordinate of coordinates) {
    const text = jwk[coordinate];
    const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : void 0;
    if (bytes?.length !== 32)
      throw keyFormatError(`has an \`${coordinate}\` that is not 32 bytes in canonical base64url`);
    if (isWeak?.(bytes)) {
      throw new AttestationError("ERR_KEY_WEAK", "The JWK is a small-order or non-canonical Ed25519 point");
    }
    vetted[coordinate] = text;
  }
  return { algorithm, kid: jwk.kid, jwk: vetted };
}
function assertVerifying(jwk) {
  const { kid, key_ops: operations } = jwk;
  if (kid !== void 0 && !isKid(kid)) throw keyFormatError("has a `kid` that is not 1\u2013256 visible ASCII characters");
  if (operations !== void 0 && !(Array.isArray(operations) && operations.includes("verify"))) {
    throw keyFormatError("has `key_ops` without `verify`");
  }
}
function refusePrivate(jwk) {
  if (typeof jwk !== "object" || jwk === null || Array.isArray(jwk)) throw keyFormatError("is not an object");
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) {
    throw new AttestationError(
      "ERR_KEY_PRIVATE",
      "The JWK holds private key material; it must be considered disclosed"
    );
  }
}
function keyFormatError(problem) {
  return new AttestationError("ERR_KEY_FORMAT", `The JWK ${problem}`);
}
async function importVerificationKey(jwk) {
  const { algorithm, kid, jwk: required } = vetPublicJwk(jwk);
  const thumbprint = encodeBase64url(await sha256(JSON.stringify(required)));
  let handle;
  try {
    handle = await importPublicKey(required, algorithm);
  } catch {
    throw keyFormatError("is not a point on its curve");
  }
  return Object.freeze({
    algorithm,
    ...kid !== void 0 && { kid },
    thumbprint,
    verify: (data, signature, crowded) => verifySignature(algorithm, handle, data, signature, crowded)
  });
}
function isVerificationKey(value) {
  if (typeof value !== "object" || value === null) return false;
  const { algorithm, thumbprint, verify } = value;
  return typeof algorithm === "string" && typeof thumbprint === "string" && typeof verify === "function";
}
var Refusal = class {
  code;
  message;
  constructor(code, message3) {
    this.code = code;
    this.message = message3;
  }
};
function refusal(code, message3) {
  return new Refusal(code, message3);
}
var SHOWN = 200;
var PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/;
function shown(names) {
  if (typeof names === "string") return cut(quoted(names));
  if (!isList(names)) return UNSHOWN;
  let text = "";
  for (const name of names) {
    const word = typeof name === "string" ? quoted(name) : UNSHOWN;
    if (word === UNSHOWN) return UNSHOWN;
    text = text === "" ? word : `${text}, ${word}`;
    if (text.length > SHOWN) break;
  }
  return cut(text);
}
var UNSHOWN = "(not a text of printable ASCII)";
function quoted(name) {
  if (PLAIN.test(name)) return `"${name}"`;
  return /^[\x20-\x7e]+$/.test(name) ? JSON.stringify(name) : UNSHOWN;
}
function cut(text) {
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}\u2026` : text;
}
function isList(value) {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
function beginUse({ configuration, now, load, chained }, statement, request, proofKind, tokenHash) {
  const facts = {
    configuration,
    now,
    load,
    chained,
    statement,
    request,
    proofKind,
    tokenHash,
    holderKey: void 0,
    proof: void 0,
    proofClaims: void 0,
    macProof: void 0,
    proved: void 0,
    ticket: void 0,
    audience: void 0,
    singleUse: void 0
  };
  return facts;
}
function audiencesOf({
  configuration,
  request
}) {
  if (request?.audience === void 0) return configuration.audiences;
  return configuration.audiences.filter((audience2) => audience2 === request.audience);
}
function checkAudience({ claims, configuration }) {
  if (claims.aud === void 0) return void 0;
  const audiences = audiencesIn(claims);
  if (audiences.length > 1 && !configuration.allowMultipleAudiences) {
    return refusal(
      "ERR_ATTESTATION_AUDIENCES",
      "The attestation is issued for several audiences (allowMultipleAudiences)"
    );
  }
  if (audiences.some((audience2) => configuration.audiences.includes(audience2))) return void 0;
  return elsewhere(audiences, configuration.audiences);
}
function checkSoleAudience({ claims, configuration }) {
  const audiences = audiencesIn(claims);
  if (audiences.length > 1) {
    return refusal("ERR_ATTESTATION_AUDIENCES", "A foreign token without a proof must be issued for one audience only");
  }
  if (audiences.some((audience2) => configuration.audiences.includes(audience2))) return void 0;
  return elsewhere(audiences, configuration.audiences);
}
function checkHasAudience({ claims }) {
  if (claims.aud !== void 0) return void 0;
  return refusal("ERR_ATTESTATION_AUDIENCE", "A bearer attestation must be issued for an audience");
}
function chooseAudience(facts) {
  const audiences = audiencesIn(facts.statement.claims);
  const names = audiencesOf(facts);
  const audience2 = audiences.find((candidate) => names.includes(candidate));
  return audience2 === void 0 ? elsewhere(audiences, facts.request?.audience ?? names) : { audience: audience2 };
}
function notAttesting({ layers, delegation }, audience2) {
  const layer = layers.find(({ claims }) => !attests(claims, audience2));
  return layer?.claims ?? delegation?.links.find(({ claims }) => !attests(claims, audience2))?.claims;
}
function attests({ aud }, audience2) {
  return aud === void 0 || (typeof aud === "string" ? aud === audience2 : aud.includes(audience2));
}
function audiencesIn({ aud = [] }) {
  return typeof aud === "string" ? [aud] : aud;
}
function elsewhere(audiences, names) {
  return refusal(
    "ERR_ATTESTATION_AUDIENCE",
    `The attestation is issued for the audience ${shown(audiences)}; this server is ${shown(names)} (audience)`
  );
}
function isPending(value) {
  return typeof value === "object" && value !== null && typeof value.then === "function";
}
function all(values) {
  return values.some(isPending) ? Promise.all(values) : values;
}
function after(value, next) {
  return isPending(value) ? value.then(next) : next(value);
}
function readClaims({ jws }) {
  const { claims, problem } = readAttestationClaims(jws.payload);
  if (problem === void 0) return { claims };
  return refusal("ERR_ATTESTATION_CLAIMS", `The attestation's claims are malformed: ${problem}`);
}
function checkVersion(facts) {
  return judgeVersion(facts, VERSION.attestation);
}
function checkBearerVersion(facts) {
  return judgeVersion(facts, VERSION.bearer);
}
function judgeVersion({ claims }, version) {
  if (claims.attestationMetadata.attestationVersion === version) return void 0;
  return refusal("ERR_ATTESTATION_VERSION", `The attestation's version is not ${version}`);
}
function checkConfirmationKey({ claims, jws }) {
  if (claims.cnf === void 0) {
    return refusal("ERR_CONFIRMATION_KEY", "A bound attestation lacks the agent's key (cnf.jwk)");
  }
  return takeHolderKey(jws.payload["cnf"].jwk);
}
function checkNoConfirmationKey({ claims }) {
  if (claims.cnf === void 0) return void 0;
  return refusal("ERR_BEARER_CONFIRMATION", "A bearer attestation holds a key: a bound one was made to look like it");
}
function checkUnbound({ jws: { payload } }) {
  if (!Object.hasOwn(payload, "cnf")) return void 0;
  return refusal("ERR_BEARER_CONFIRMATION", "The token is bound to a key (cnf), and no proof goes with its format");
}
async function takeHolderKey(jwk) {
  try {
    return { holderKey: await importVerificationKey(jwk) };
  } catch {
    return refusal("ERR_CONFIRMATION_KEY", "The agent's key in the attestation (cnf.jwk) is not usable as one");
  }
}
var SEAM_DEADLINE_MS = 1e4;
async function withinDeadline(work) {
  let timer;
  const deadline = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("No answer within the deadline")), SEAM_DEADLINE_MS);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
function checkRevocation({
  claims,
  configuration,
  chained
}) {
  return chained ? void 0 : askWhetherRevoked(configuration, claims, {});
}
function recheckRevocation({
  statement: { claims },
  configuration,
  chained
}) {
  return chained ? void 0 : askWhetherRevoked(configuration, claims, {});
}
function askWhetherRevoked({ isRevoked }, claims, about) {
  if (!isRevoked) return void 0;
  try {
    const answer = isRevoked(claims, about);
    return isPending(answer) ? withinDeadline(answer).then(judge).catch(unavailable) : judge(answer);
  } catch {
    return unavailable();
  }
}
function judge(revoked) {
  if (revoked === false) return void 0;
  return revoked === true ? refusal("ERR_REVOKED", "The attestation was revoked") : unavailable();
}
function unavailable() {
  return refusal("ERR_REVOCATION_UNAVAILABLE", "Whether the attestation was revoked cannot be told at the moment");
}
var CROWD = 8;
function checkSignature({
  jws,
  key,
  load
}) {
  return after(
    isSignedBy(key, jws, load),
    (valid) => (
      // Only `true` is a yes: the type is a promise made by whoever implements the key.
      valid === true ? void 0 : refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's signature is not its issuer's")
    )
  );
}
function checkProofSignature({
  proof: proof2,
  holderKey,
  load
}) {
  return after(
    isSignedBy(holderKey, proof2, load),
    (valid) => valid === true ? void 0 : refusal("ERR_PROOF_SIGNATURE", "The proof's signature is not that of the key in the attestation")
  );
}
function isSignedBy(key, { signature, signingInput }, load) {
  const { algorithm } = key;
  if (isSigningAlgorithm(algorithm) && ALGORITHMS[algorithm].isCanonical?.(signature) === false) return false;
  return key.verify(utf8(signingInput), signature, load.verifying >= CROWD);
}
function recognise({
  jws,
  configuration
}) {
  const format = configuration.formats.find((candidate) => rulesOf(candidate).recognises(jws));
  if (format) return { format };
  if (jws.header.typ === "JWT") {
    return refusal("ERR_BEARER_NOT_ALLOWED", "Bearer attestations are not accepted here (allowBearer)");
  }
  if (jws.header.typ === void 0) return refusal("ERR_ATTESTATION_HEADER", "The attestation has no typ");
  return refusal("ERR_ATTESTATION_TYP", "The attestation's typ is not one of an attestation");
}
function checkAlgorithm({ jws, format }) {
  const algorithm = format.algorithms.get(jws.header.alg);
  if (algorithm !== void 0) return { algorithm };
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one of its format");
}
function checkKid({ jws }) {
  const { kid } = jws.header;
  return isKid(kid) ? { kid } : refusal("ERR_ATTESTATION_HEADER", "The attestation's kid is not 1\u2013256 visible ASCII characters");
}
function checkSubject({ claims }) {
  const trustDomain = trustDomainOf(claims.sub);
  return trustDomain === void 0 ? notSpiffe() : { trustDomain };
}
function checkBearerSubject({ claims }) {
  const trustDomain = trustDomainOf(claims.sub);
  return trustDomain === void 0 && /^spiffe:/i.test(claims.sub) ? notSpiffe() : { trustDomain };
}
function noWorkload() {
  return refusal("ERR_ATTESTATION_SUBJECT", "The token's subject does not name a workload of a trust domain");
}
function notSpiffe() {
  return refusal("ERR_ATTESTATION_SUBJECT", "The attestation's subject is not a SPIFFE ID");
}
function checkTrustDomain({
  trustDomain,
  issuer: issuer2
}) {
  if (trustDomain === void 0 || issuer2.trustDomains.includes(trustDomain)) return void 0;
  return refusal(
    "ERR_TRUST_DOMAIN",
    `The attestation's subject is in the trust domain ${shown(trustDomain)}, and its issuer may speak for ${shown(issuer2.trustDomains)} (trustDomains)`
  );
}
function checkAttestationType({ claims, issuer: { trustLevel } }) {
  const { attestationType } = claims.attestationMetadata;
  if (attestationType === trustLevel) return void 0;
  return refusal(
    "ERR_ATTESTATION_TYPE",
    `The attestation's type is ${attestationType}, and its issuer is configured as ${trustLevel} (trustLevel)`
  );
}
function checkBearerType(facts) {
  return facts.issuer.trustLevel === "enterprise" ? void 0 : checkAttestationType(facts);
}
function findIssuer({
  jws,
  configuration: { issuers }
}) {
  const { iss } = jws.payload;
  const issuer2 = typeof iss === "string" ? issuers.get(iss) : void 0;
  if (issuer2) return { issuer: issuer2 };
  return refusal(
    "ERR_ISSUER_UNTRUSTED",
    `The attestation's issuer ${shown(iss)} is not trusted here (trustedIssuers: ${shown(issuers.keys())})`
  );
}
function issuerOf(trustDomain, { issuersByTrustDomain }) {
  if (trustDomain === void 0) return noWorkload();
  const issuer2 = issuersByTrustDomain.get(trustDomain);
  if (issuer2) return { issuer: issuer2, trustDomain };
  return refusal(
    "ERR_ISSUER_UNTRUSTED",
    `No issuer of the trust domain ${shown(trustDomain)} is trusted here (trustedIssuers.trustDomains: ${shown(issuersByTrustDomain.keys())})`
  );
}
function checkIssuerFormat({ issuer: issuer2, format }) {
  if (issuer2.formats.includes(format)) return void 0;
  return refusal(
    "ERR_FORMAT_NOT_ALLOWED",
    `The token's format ${format.name} is not one that its issuer is configured for (trustedIssuers.formats)`
  );
}
function checkIssuerAlgorithm({ issuer: issuer2, format, algorithm }) {
  if ((issuer2.algorithms ?? format.usualAlgorithms).includes(algorithm)) return void 0;
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one its issuer is configured for");
}
function findKey({
  kid,
  algorithm,
  issuer: issuer2,
  format,
  configuration
}) {
  return resolve(configuration, issuer2.issuer, kid, (found) => {
    const key = found.algorithm === algorithm ? found : found.as?.(algorithm);
    if (key?.algorithm !== algorithm) {
      return refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's alg is not that of the key it names");
    }
    return isFor(format, key) ? { key } : refusal("ERR_ATTESTATION_SIGNATURE", NOT_FOR_FORMAT);
  });
}
var NOT_FOR_FORMAT = "The use of the key that the attestation names is not to sign tokens of its format";
function isFor(format, { use }) {
  return rulesOf(format).keyUses.includes(use);
}
function recheckKey({
  configuration,
  statement: { format, issuer: issuer2, kid, issuerKeyThumbprint }
}) {
  return resolve(configuration, issuer2.issuer, kid, (key) => {
    if (key.thumbprint !== issuerKeyThumbprint) {
      return refusal("ERR_ATTESTATION_SIGNATURE", "The key that signed the attestation was replaced");
    }
    return isFor(format, key) ? void 0 : refusal("ERR_ATTESTATION_SIGNATURE", NOT_FOR_FORMAT);
  });
}
function resolve({ keyResolver }, issuer2, kid, next) {
  const accept = (key) => {
    if (key === void 0) return refusal("ERR_KEY_NOT_FOUND", "The issuer has no key with the attestation's kid");
    return isVerificationKey(key) ? next(key) : unavailable2(void 0);
  };
  try {
    const found = keyResolver.resolve(issuer2, kid);
    return isPending(found) ? withinDeadline(found).then(accept).catch(unavailable2) : accept(found);
  } catch (error) {
    return unavailable2(error);
  }
}
function unavailable2(error) {
  if (error instanceof AttestationError) {
    const { code, message: message3 } = error;
    if (code === "ERR_KEY_DUPLICATE") return refusal(code, "The attestation's kid names several keys");
    if (code === "ERR_KEY_NOT_FOUND") return refusal(code, message3);
  }
  return refusal("ERR_KEY_SOURCE_UNAVAILABLE", "The issuer's keys are temporarily unavailable");
}
function inOrder(...checks) {
  return (given) => run(checks, given, 0);
}
function run(checks, facts, from) {
  for (let i = from; i < checks.length; i++) {
    const answer = checks[i](facts);
    if (answer === void 0) continue;
    if (answer instanceof Refusal) return answer;
    if (isPending(answer)) {
      return answer.then(
        (found) => found instanceof Refusal ? found : run(checks, Object.assign(facts, found), i + 1)
      );
    }
    Object.assign(facts, answer);
  }
  return facts;
}
var REQUIRABLE_CLAIMS = {
  aud: (claims) => claims.aud,
  nbf: (claims) => claims.nbf,
  cnf: (claims) => claims.cnf,
  agent_identity: (claims) => claims.agentIdentity,
  "agent_identity.deployment_id": (claims) => claims.agentIdentity?.deploymentId,
  "agent_identity.enterprise": (claims) => claims.agentIdentity?.enterprise,
  agent_integrity: (claims) => claims.agentIntegrity,
  "agent_integrity.config_hash": (claims) => claims.agentIntegrity?.configHash,
  "agent_integrity.system_prompt_hash": (claims) => claims.agentIntegrity?.systemPromptHash,
  attestation_metadata: (claims) => claims.attestationMetadata
};
function checkRequiredClaims({
  claims,
  configuration
}) {
  const missing = configuration.requiredClaims.find((name) => REQUIRABLE_CLAIMS[name]?.(claims) === void 0);
  return missing === void 0 ? void 0 : refusal("ERR_CLAIM_REQUIRED", `The attestation lacks a claim that is required here: ${missing}`);
}
function checkStatus({
  claims,
  issuer: issuer2,
  configuration
}) {
  if (issuer2.statusLists === void 0) return { status: void 0 };
  const status = claims.status?.statusList;
  if (!status) return issuer2.statusOptional ? { status } : lacksStatus();
  if (!issuer2.statusLists.includes(status.uri)) return foreignList(status, issuer2.statusLists);
  return ask(configuration, issuer2, status, { status });
}
function recheckStatus({
  statement: { issuer: issuer2, status },
  configuration
}) {
  return status && ask(configuration, issuer2, status, void 0);
}
function ask({ statusSource }, { issuer: issuer2 }, status, valid) {
  const judge32 = (answer) => {
    if (answer === "valid") return valid;
    return answer === "revoked" ? refusal("ERR_REVOKED", "The attestation was revoked by status list") : unavailable3();
  };
  try {
    const answer = statusSource?.check(issuer2, status);
    return isPending(answer) ? withinDeadline(answer).then(judge32).catch(unavailable3) : judge32(answer);
  } catch {
    return unavailable3();
  }
}
function lacksStatus() {
  return refusal(
    "ERR_CLAIM_REQUIRED",
    "The attestation lacks a status, though its issuer has status lists here (trustedIssuers.statusLists)"
  );
}
function foreignList({ uri }, known) {
  return refusal(
    "ERR_CLAIM_REQUIRED",
    `The attestation's status is in the list ${shown(uri)}, which is not one of its issuer here (trustedIssuers.statusLists: ${shown(known)})`
  );
}
function unavailable3() {
  return refusal("ERR_REVOCATION_UNAVAILABLE", "The status list cannot tell at the moment whether it was revoked");
}
function checkTimes(facts) {
  const { exp, iat = 0, nbf = iat } = facts.claims;
  return judge2(exp, Math.max(iat, nbf), facts);
}
function checkTimesByNotBefore(facts) {
  const { exp, nbf = 0 } = facts.claims;
  return judge2(exp, nbf, facts);
}
function recheckTimes(facts) {
  const { claims, validFrom } = facts.statement;
  return judge2(claims.exp, validFrom, facts);
}
function judge2(exp, validFrom, { now, configuration: { clockTolerance } }) {
  if (now >= exp + clockTolerance) {
    const message3 = `The attestation expired ${now - exp} s ago (clockTolerance ${clockTolerance})`;
    return refusal("ERR_ATTESTATION_EXPIRED", message3);
  }
  if (validFrom <= now + clockTolerance) return { validFrom };
  return refusal(
    "ERR_ATTESTATION_NOT_YET_VALID",
    `The attestation is valid in ${validFrom - now} s only (clockTolerance ${clockTolerance}): a clock is wrong, here or at its issuer`
  );
}
function checkLifetime({
  claims,
  configuration,
  format
}) {
  const lifetime = claims.exp - claims.iat;
  return lifetime > 0 && lifetime <= longestOf(format, configuration) ? void 0 : lifetimeRefusal();
}
function checkForeignLifetime({
  claims: { exp, iat },
  now,
  configuration,
  format
}) {
  const latest = now + configuration.clockTolerance;
  const lifetime = exp - (iat === void 0 ? latest : Math.min(iat, latest));
  const begins = iat === void 0 || iat < exp;
  return begins && lifetime <= longestOf(format, configuration) ? void 0 : lifetimeRefusal();
}
function longestOf({ name }, { maxLifetime }) {
  return maxLifetime.get(name) ?? 0;
}
function lifetimeRefusal() {
  return refusal("ERR_ATTESTATION_LIFETIME", "The attestation's lifetime is not within the limit of its format");
}
var SIGNATURE = { least: SIGNATURE_BYTES, most: SIGNATURE_BYTES };
var ATTESTATION_LIMITS = {
  credential: "ATTESTATION",
  length: 6 * 1024,
  signature: SIGNATURE,
  untyped: false
};
var CHAIN_LENGTH = ATTESTATION_LIMITS.length;
var PROOF_LIMITS = {
  credential: "PROOF",
  length: 2 * 1024,
  signature: SIGNATURE,
  untyped: false
};
function widestOf(limits) {
  return {
    credential: "ATTESTATION",
    length: Math.max(...limits.map(({ length }) => length)),
    signature: {
      least: Math.min(...limits.map(({ signature }) => signature.least)),
      most: Math.max(...limits.map(({ signature }) => signature.most))
    },
    untyped: limits.some(({ untyped }) => untyped)
  };
}

// dist/chunk-LJ7TZ2EG.js
var systemClock = () => Math.floor(Date.now() / 1e3);
var TOKEN_DEPTH = 16;
var decoder2 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
function decodeStrictJson(bytes, maxDepth = TOKEN_DEPTH) {
  if (bytes?.BYTES_PER_ELEMENT !== 1) return { problem: "json" };
  const written = scan(bytes, maxDepth);
  if (written === void 0) return { problem: "json" };
  try {
    const text = decoder2.decode(bytes);
    const value = JSON.parse(text);
    const kept = countMembers(value, text.includes("\\u"));
    if (kept === void 0) return { problem: "json" };
    return kept === written ? { value } : { problem: "duplicate-member" };
  } catch {
    return { problem: "json" };
  }
}
var QUOTE = 34;
var BACKSLASH = 92;
var COLON = 58;
var OPEN_BRACE = 123;
var CLOSE_BRACE = 125;
var OPEN_BRACKET = 91;
var CLOSE_BRACKET = 93;
function scan(bytes, maxDepth) {
  const { length } = bytes;
  let members = 0;
  let depth = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) {
      for (i++; i < length && bytes[i] !== QUOTE; i++) {
        if (bytes[i] === BACKSLASH) i++;
      }
    } else if (byte === COLON) {
      members++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (++depth > maxDepth) return void 0;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    }
  }
  return members;
}
function countMembers(value, escaped) {
  if (typeof value === "string") return escaped && !value.isWellFormed() ? void 0 : 0;
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) {
      const inner = countMembers(element, escaped);
      if (inner === void 0) return void 0;
      count += inner;
    }
    return count;
  }
  for (const name of Object.keys(value)) {
    if (escaped && !name.isWellFormed()) return void 0;
    const inner = countMembers(value[name], escaped);
    if (inner === void 0) return void 0;
    count += 1 + inner;
  }
  return count;
}
var NAMESPACE = "io.github.attest";
var META_PREFIX = `${NAMESPACE}/`;
var META_ATTESTATION = `${META_PREFIX}attestation`;
var META_PROOF = `${META_PREFIX}proof`;
var META_TICKET_GRANT = `${META_PREFIX}ticket-grant`;
var META_STATUS = `${META_PREFIX}status`;
var EXTENSION = `${META_PREFIX}agent-attestation`;
var MAX_DEPTH = 64;
function canonicalJson(value) {
  return write(value, 0);
}
function write(value, depth) {
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "number":
      return Number.isFinite(value) ? String(value) : void 0;
    case "boolean":
      return value ? "true" : "false";
    case "object":
      if (value === null) return "null";
      if (depth >= MAX_DEPTH) return void 0;
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
    default:
      return void 0;
  }
}
function writeArray(array, depth) {
  let text = "[";
  for (let i = 0; i < array.length; i++) {
    const element = write(array[i], depth);
    if (element === void 0) return void 0;
    text += i === 0 ? element : `,${element}`;
  }
  return `${text}]`;
}
function writeObject(object, depth) {
  const prototype = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) return void 0;
  let text = "{";
  let separator = "";
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === void 0) continue;
    const key = writeString(name);
    const content = write(member, depth);
    if (key === void 0 || content === void 0) return void 0;
    text += `${separator}${key}:${content}`;
    separator = ",";
  }
  return `${text}}`;
}
var PLAIN2 = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
function writeString(text) {
  if (PLAIN2.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : void 0;
}
var TRACE_CONTEXT = /* @__PURE__ */ new Set(["traceparent", "tracestate", "baggage"]);
function messageDigest(request) {
  const body = request.kind === "message" ? request.params === void 0 ? {} : request.params : request.result;
  if (typeof body !== "object" || body === null || Array.isArray(body)) return void 0;
  const covered = withoutUncovered(body);
  const canonical = canonicalJson(
    request.kind === "message" ? { method: request.method, params: covered } : { id: request.id, result: covered }
  );
  return canonical === void 0 ? void 0 : digest(canonical);
}
function withoutUncovered(body) {
  const meta = Object.hasOwn(body, "_meta") ? body["_meta"] : void 0;
  if (typeof meta !== "object" || meta === null || Array.isArray(meta)) return body;
  const names = Object.keys(meta);
  const covered = names.filter((name) => !name.startsWith(META_PREFIX) && !TRACE_CONTEXT.has(name));
  if (covered.length === names.length && names.length > 0) return body;
  const { _meta, ...rest } = body;
  if (covered.length === 0) return rest;
  return { ...rest, _meta: Object.fromEntries(covered.map((name) => [name, meta[name]])) };
}
var KINDS = ["tools", "resources", "prompts"];
var NAME = /^[\x20-\x7e]{1,256}$/;
var URI = /^[\x21-\x7e]{1,2048}$/;
var URI_PREFIX = /^(?:[a-z][a-z0-9+.-]*:(?:\/\/[^/?#\\]*\/.*|(?!\/\/).*))?$/;
function readAllow(reader) {
  const read3 = reader.optionalObject("allow");
  if (!read3) return void 0;
  read3.only(KINDS);
  const lists = KINDS.map((kind) => [
    kind,
    read3.optionalEntries(kind, kind === "resources" ? isUriEntry : isNameEntry)
  ]);
  return Object.freeze(Object.fromEntries(lists.filter(([, entries]) => entries !== void 0)));
}
function isNameEntry(entry) {
  return NAME.test(entry);
}
function isUriEntry(entry) {
  return URI.test(entry) && (!entry.endsWith("*") || URI_PREFIX.test(entry.slice(0, -1)));
}
function allowsName(entries, name) {
  if (typeof name !== "string" || entries === void 0) return false;
  return entries.some((entry) => entry.endsWith("*") ? name.startsWith(entry.slice(0, -1)) : name === entry);
}
function allowsUri(entries, uri) {
  if (typeof uri !== "string" || entries === void 0) return false;
  return entries.some((entry) => entry.endsWith("*") ? meetsPrefix(uri, entry.slice(0, -1)) : uri === entry);
}
var PLAIN22 = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?#]|%[0-9A-Fa-f]{2})*$/;
var ENCODED = /%(?:2e|2f|5c|25)/i;
function meetsPrefix(uri, prefix) {
  if (!uri.startsWith(prefix)) return false;
  return [uri.slice(prefix.length), uri.replace(/^[A-Za-z][A-Za-z0-9+.-]*:/, "")].every(isPlain);
}
function isPlain(text) {
  if (!PLAIN22.test(text) || ENCODED.test(text)) return false;
  return !text.split(/[/?#]/).some((segment) => segment === "." || segment.startsWith(".."));
}
var SHA256 = /^[A-Za-z0-9_-]{43}$/;
var PROOF_JTI = /^[\x21-\x7e]{16,256}$/;
function readProofClaims(payload) {
  const reader = new ClaimReader(payload);
  const claims = {
    aud: reader.text("aud", LONG_IDENTIFIER),
    jti: reader.text("jti", PROOF_JTI),
    iat: reader.time("iat"),
    attHash: reader.text("att_hash", SHA256),
    mcpDigest: reader.optionalText("mcp_digest", SHA256),
    htm: reader.optionalText("htm", IDENTIFIER),
    bodyDigest: reader.optionalText("body_digest", SHA256),
    session: reader.optionalText("session", LONG_IDENTIFIER),
    ath: reader.optionalText("ath", SHA256),
    ticketEpk: Object.hasOwn(payload, "ticket_epk") ? payload["ticket_epk"] : void 0
  };
  return reader.problem === void 0 ? claims : { problem: reader.problem };
}
function readDelegationClaims(payload) {
  const reader = new ClaimReader(payload);
  const allow = readAllow(reader);
  const name = reader.optionalText("name");
  const aud = reader.audience("aud");
  const claims = {
    parent: reader.text("parent", SHA256),
    cnf: Object.freeze({ jwk: readConfirmationKey(reader) ?? reader.lacks("cnf", { kty: "" }) }),
    iat: reader.time("iat"),
    exp: reader.time("exp"),
    jti: reader.text("jti", IDENTIFIER),
    depth: reader.index("depth", MAX_LINKS - 1),
    aud: Object.freeze(typeof aud === "string" ? [aud] : aud)
  };
  if (allow) claims.allow = allow;
  if (name !== void 0) claims.name = name;
  return reader.problem === void 0 ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}
var HEADER_MEMBERS = /* @__PURE__ */ new Set(["typ", "alg", "kid"]);
function readCompactJws(token, limits) {
  if (typeof token !== "string") return "FORMAT";
  if (token.length > limits.length) return "SIZE";
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 0 || second < 0 || token.includes(".", second + 1)) return "FORMAT";
  const segment = token.slice(0, first);
  const known = headers.get(segment);
  const headerBytes = known ? void 0 : decodeBase64url(segment);
  const payloadBytes = decodeBase64url(token.slice(first + 1, second));
  const signature = decodeBase64url(token.slice(second + 1));
  if (!signature || !payloadBytes || !(known || headerBytes)) return "ENCODING";
  if (!isWithin(limits, signature)) return "FORMAT";
  const header = known ?? readHeader(segment, headerBytes);
  if (typeof header === "string") return header;
  if (header.typ === void 0 && !limits.untyped) return "HEADER";
  const payload = readObject(payloadBytes);
  if (typeof payload === "string") return payload;
  return { header, payload, signingInput: token.slice(0, second), signature };
}
function limitProblem(token, { header, signature }, limits) {
  if (token.length > limits.length) return "SIZE";
  if (!isWithin(limits, signature)) return "FORMAT";
  return header.typ === void 0 && !limits.untyped ? "HEADER" : void 0;
}
function isWithin({ signature: { least, most } }, { length }) {
  return length >= least && length <= most;
}
var headers = /* @__PURE__ */ new Map();
var MAX_HEADERS = 64;
function readHeader(segment, bytes) {
  const header = readObject(bytes);
  if (typeof header === "string") return header;
  if (!isHeader(header)) return "HEADER";
  if (headers.size >= MAX_HEADERS) headers.clear();
  headers.set(structuredClone(segment), Object.freeze(header));
  return header;
}
function readObject(bytes) {
  if (!isBracketed(bytes)) return "JSON";
  const { value, problem } = decodeStrictJson(bytes);
  if (problem !== void 0) return problem === "json" ? "JSON" : "DUPLICATE_MEMBER";
  return isObject2(value) ? value : "JSON";
}
var WHITE_SPACE = "	\n\r ";
function isBracketed(bytes) {
  const first = String.fromCharCode(bytes[0] ?? 0);
  const last = String.fromCharCode(bytes.at(-1) ?? 0);
  return `{[${WHITE_SPACE}`.includes(first) && `}]${WHITE_SPACE}`.includes(last);
}
function isHeader(header) {
  return Object.keys(header).every((member) => HEADER_MEMBERS.has(member)) && (!Object.hasOwn(header, "typ") || typeof header["typ"] === "string") && typeof header["alg"] === "string" && (!Object.hasOwn(header, "kid") || typeof header["kid"] === "string");
}
function isObject2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function isChain(token) {
  return typeof token === "string" && token.includes("~");
}
function splitChain({ token, configuration }) {
  const { maxDelegationDepth } = configuration;
  if (maxDelegationDepth === 0) {
    return refusal("ERR_DELEGATION_NOT_ALLOWED", "Delegations are not accepted here (maxDelegationDepth)");
  }
  if (token.length > CHAIN_LENGTH) return refusal("ERR_ATTESTATION_SIZE", "The chain is longer than allowed");
  const texts = token.split("~");
  const links = texts.length - 1;
  if (links <= maxDelegationDepth && links <= MAX_LINKS) return { texts };
  return refusal(
    "ERR_DELEGATION_NOT_ALLOWED",
    `The chain has ${links} links (maxDelegationDepth ${maxDelegationDepth})`
  );
}
function checkChainProof({ proved }) {
  return proved ? void 0 : refusal("ERR_PROOF_REQUIRED", "A delegation needs a proof");
}
function takeHashes({ texts }) {
  return after(all(texts.map((text) => digest(text))), (hashes) => ({ hashes }));
}
function readLinks({ texts, hashes, memory }) {
  const links = texts.slice(1).map((text, i) => {
    const hash = hashes[i + 1];
    const known = memory.link(hash);
    return known ? { link: known, jws: void 0 } : readLink(text, hash);
  });
  return after(all(links), (read3) => {
    const refused = read3.find((one) => one instanceof Refusal);
    return refused instanceof Refusal ? refused : { read: read3 };
  });
}
function readLink(text, hash) {
  const jws = readCompactJws(text, ATTESTATION_LIMITS);
  if (typeof jws === "string") return refusal("ERR_DELEGATION_FORMAT", "A link of the chain is not a readable JWS");
  const { typ, alg, kid } = jws.header;
  if (typ !== TYP.delegation || kid !== void 0) {
    return refusal("ERR_DELEGATION_HEADER", "A link's header is not exactly the typ of a delegation, and alg");
  }
  const { claims, problem } = readDelegationClaims(jws.payload);
  if (problem !== void 0) return refusal("ERR_DELEGATION_CLAIMS", `A link's claims are malformed: ${problem}`);
  return after(takeHolderKey(jws.payload["cnf"].jwk), (found) => {
    if (found instanceof Refusal) return refusal("ERR_DELEGATION_KEY", "A link's key (cnf.jwk) is not usable as one");
    const key = found.holderKey;
    const { name, exp, allow } = claims;
    const told = Object.freeze({
      ...name !== void 0 && { name },
      keyThumbprint: key.thumbprint,
      expiresAt: exp,
      ...allow && { allow }
    });
    return { link: { hash, algorithm: alg, claims, key, told }, jws };
  });
}
function checkParents({ read: read3, hashes }) {
  if (read3.every(({ link }, i) => link.claims.parent === hashes[i])) return void 0;
  return refusal("ERR_DELEGATION_PARENT", "A link is for another parent than the one before it (parent)");
}
function checkLinkAudiences({ read: read3, configuration: { audiences } }) {
  const elsewhere2 = read3.find(({ link }) => !link.claims.aud.some((audience2) => audiences.includes(audience2)));
  if (!elsewhere2) return void 0;
  const { aud } = elsewhere2.link.claims;
  return refusal(
    "ERR_DELEGATION_AUDIENCE",
    `A link is for the audience ${shown(aud)}; this server is ${shown(audiences)} (audience)`
  );
}
function takeRoot({ texts, hashes, memory }) {
  return after(
    memory.root(texts[0], hashes[0]),
    (root) => root instanceof Refusal ? root : { root }
  );
}
function checkDepths({ root, read: read3 }) {
  let left = root.claims.attestationMetadata?.maxDelegationDepth ?? MAX_LINKS;
  for (const { link } of read3) {
    if (link.claims.depth >= left) {
      return refusal("ERR_DELEGATION_DEPTH", "A link may not follow what is before it (depth, max_delegation_depth)");
    }
    left = link.claims.depth;
  }
  return void 0;
}
function checkKeysOnce({ root, read: read3 }) {
  const thumbprints = [root.holderKey, ...read3.map(({ link }) => link.key)].map((key) => key?.thumbprint);
  if (new Set(thumbprints).size === thumbprints.length) return void 0;
  return refusal("ERR_DELEGATION_KEY", "A key is in the chain twice");
}
function checkLinkAlgorithms({ root, read: read3, configuration }) {
  const fits = read3.every(({ link }, i) => {
    const algorithm = keyBefore(root, read3, i)?.algorithm;
    const accepted = algorithm !== void 0 && isSigningAlgorithm(algorithm);
    return accepted && configuration.proofAlgorithms.includes(algorithm) && link.algorithm === algorithm;
  });
  return fits ? void 0 : refusal("ERR_DELEGATION_HEADER", "A link's alg is not that of the key before it, or not accepted");
}
function checkLinkTimes({ root, read: read3, now, configuration: { clockTolerance } }) {
  let before = root.claims;
  for (const { link } of read3) {
    const { iat, exp } = link.claims;
    const begins = iat >= (before.iat ?? 0) - clockTolerance && iat <= now + clockTolerance;
    if (!begins || exp <= iat || exp > before.exp) {
      return refusal(
        "ERR_DELEGATION_TIMES",
        "A link's times are not within those of the one before it, or in the future"
      );
    }
    if (now >= exp + clockTolerance) {
      return refusal("ERR_DELEGATION_EXPIRED", `A link expired ${now - exp} s ago (clockTolerance ${clockTolerance})`);
    }
    before = link.claims;
  }
  return void 0;
}
async function checkLinkSignatures({ root, read: read3, load, memory }) {
  for (const [i, { link, jws }] of read3.entries()) {
    if (!jws) continue;
    const key = keyBefore(root, read3, i);
    if (!key || await isSignedBy(key, jws, load) !== true) {
      return refusal("ERR_DELEGATION_SIGNATURE", "A link's signature is not that of the key before it");
    }
    memory.hold(link);
  }
  return void 0;
}
function checkChainRevocation({ root, read: read3, configuration }) {
  const delegation = read3.map(({ link }) => link.told);
  const ask2 = (statement) => after(
    askWhetherRevoked(configuration, statement.claims, { delegation }),
    (refused) => refused || !statement.nested ? refused : ask2(statement.nested)
  );
  return ask2(root);
}
function statementOfChain({ root, hashes, read: read3 }) {
  const links = read3.map(({ link }) => link);
  const last = links.at(-1);
  const delegation = { root, rootHash: hashes[0], links, told: links.map(({ told }) => told) };
  return { ...root, holderKey: last.key, expiresAt: Math.min(root.expiresAt, last.claims.exp), delegation };
}
function keyBefore(root, read3, i) {
  return i === 0 ? root.holderKey : read3[i - 1]?.link.key;
}
var PREFIX = "mac1~";
var MAX_LENGTH2 = 1024;
var FORM = /^mac1~([A-Za-z0-9_-]{64,512})~(0|[1-9][0-9]{0,15})~([A-Za-z0-9_-]{16,64})~([A-Za-z0-9_-]{43})~([A-Za-z0-9_-]{43})$/;
function isMacProof(proof2) {
  return typeof proof2 === "string" && proof2.startsWith(PREFIX);
}
function readMacProof(text) {
  if (text.length > MAX_LENGTH2) return "SIZE";
  const [, ticket, time2, jti, digest9, mac2] = FORM.exec(text) ?? [];
  const iat = Number(time2);
  if (!ticket || !jti || !digest9 || !mac2 || !Number.isSafeInteger(iat)) return "FORMAT";
  return { ticket, iat, jti, digest: digest9, mac: mac2 };
}
function macHead(ticket) {
  return after(digest(ticket), (hash) => `${NAMESPACE}/mac/1
${hash}`);
}
function macInput(head, { attHash, audience: audience2, iat, jti, request, ...rest }) {
  const carrier = request.kind === "http" ? `http ${request.method}` : "mcp";
  const session = rest.sessionId === void 0 ? "-" : `+${rest.sessionId}`;
  const ath = rest.ath === void 0 ? "-" : `+${rest.ath}`;
  return `${head}
${attHash}
${audience2}
${iat}
${jti}
${carrier}
${rest.digest}
${session}
${ath}`;
}
function sameText(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
var NOTHING = new Uint8Array();
function takeHolder({ statement: { holderKey } }) {
  return holderKey ? { holderKey } : refusal("ERR_CONFIRMATION_KEY", "The attestation lacks the agent's key (cnf.jwk)");
}
function checkProofType({
  proof: proof2,
  holderKey: { algorithm },
  configuration
}) {
  if (proof2.header.typ !== TYP.proof) return refusal("ERR_PROOF_TYP", "The proof's typ is not that of a proof");
  const accepted = isSigningAlgorithm(algorithm) && configuration.proofAlgorithms.includes(algorithm);
  if (accepted && proof2.header.alg === algorithm) return void 0;
  return refusal("ERR_PROOF_ALG", "The proof's alg is not that of the agent's key, or not accepted here");
}
function takeProofClaims({ proof: proof2 }) {
  const proofClaims = readProofClaims(proof2.payload);
  if (!("problem" in proofClaims)) return { proofClaims };
  return refusal("ERR_PROOF_CLAIMS", `The proof's claims are malformed: ${proofClaims.problem}`);
}
function checkProofAttestation({ proofClaims, tokenHash }) {
  if (proofClaims.attHash === tokenHash) return void 0;
  return refusal("ERR_PROOF_ATTESTATION", "The proof is for another attestation");
}
function checkProofAudience(facts) {
  const { statement, configuration, request } = facts;
  const { aud } = facts.proofClaims;
  const elsewhere2 = notAttesting(statement, aud);
  if (!audiencesOf(facts).includes(aud)) {
    const names = `this server is ${shown(request?.audience ?? configuration.audiences)} (audience)`;
    return refusal("ERR_PROOF_AUDIENCE", `The proof is for the audience ${shown(aud)}; ${names}`);
  }
  if (elsewhere2) {
    const issued = `the attestation is issued for ${shown(elsewhere2.aud)}`;
    return refusal("ERR_PROOF_AUDIENCE", `The proof is for the audience ${shown(aud)}; ${issued}`);
  }
  return { audience: aud };
}
function checkProofTime(facts) {
  return checkMadeJustNow(facts.proofClaims.iat, facts);
}
function checkMadeJustNow(iat, { configuration, now }) {
  const { proofWindow, clockTolerance } = configuration;
  if (iat >= now - proofWindow - clockTolerance && iat <= now + clockTolerance) return void 0;
  const dated = iat > now ? `${iat - now} s ahead` : `${now - iat} s ago`;
  return refusal(
    "ERR_PROOF_TIME",
    `The proof is dated ${dated}, outside the time in which it is accepted (proofWindow ${proofWindow}, clockTolerance ${clockTolerance})`
  );
}
function checkProofCarrier({ proofClaims, request }) {
  if (request?.kind === void 0) return refusal("ERR_PROOF_REQUEST", "A proof can only be verified for a message");
  const forMessage = proofClaims.mcpDigest !== void 0;
  const forMethod = proofClaims.htm !== void 0;
  const forBody = proofClaims.bodyDigest !== void 0;
  const matches = request.kind === "http" ? !forMessage && forMethod && forBody : forMessage && !forMethod && !forBody;
  return matches ? void 0 : refusal("ERR_PROOF_CARRIER", "The proof does not cover what its carrier demands");
}
function checkProofDigest({ proofClaims, request }) {
  const { htm, mcpDigest, bodyDigest } = proofClaims;
  if (request?.kind === "http") {
    if (htm !== request.method) return refusal("ERR_PROOF_METHOD", "The proof is for another HTTP method");
    return after(digest(request.body ?? NOTHING), (actual) => judgeDigest(bodyDigest, actual));
  }
  return after(request && messageDigest(request), (actual) => judgeDigest(mcpDigest, actual));
}
function judgeDigest(claimed, actual) {
  if (actual !== void 0 && claimed === actual) return void 0;
  return refusal("ERR_PROOF_DIGEST", "The proof is for another message");
}
function checkProofSession({ proofClaims, request }) {
  if (proofClaims.session === request?.sessionId) return void 0;
  return refusal("ERR_PROOF_SESSION", "The proof is for another session");
}
function checkProofAccessToken({ proofClaims, request }) {
  const { accessToken } = request ?? {};
  return after(
    accessToken === void 0 ? void 0 : digest(accessToken),
    (expected) => proofClaims.ath === expected ? void 0 : refusal("ERR_PROOF_ACCESS_TOKEN", "The proof is for another access token")
  );
}
function checkNoProof({ request }) {
  if (request?.proof === void 0) return void 0;
  return refusal("ERR_PROOF_UNEXPECTED", "A bearer attestation came with a proof");
}
var NOTHING2 = new Uint8Array();
function readMac({ request }) {
  const macProof = readMacProof(String(request?.proof));
  if (macProof === "SIZE") return refusal("ERR_PROOF_SIZE", "The MAC proof is longer than allowed");
  return macProof === "FORMAT" ? refusal("ERR_PROOF_FORMAT", "The MAC proof is not of its form") : { macProof };
}
function checkMacRequest({ request }) {
  if (request?.kind === void 0) return refusal("ERR_PROOF_REQUEST", "A proof can only be verified for a message");
  if (request.kind === "http" && !LONG_IDENTIFIER.test(request.method)) {
    return refusal("ERR_PROOF_METHOD", "The HTTP method is not 1\u20132048 characters of visible ASCII");
  }
  if (request.sessionId !== void 0 && !LONG_IDENTIFIER.test(request.sessionId)) {
    return refusal("ERR_PROOF_SESSION", "The session's id is not 1\u20132048 characters of visible ASCII");
  }
  return { proved: request };
}
function openTicket({ macProof, configuration }) {
  const { tickets } = configuration;
  if (!tickets) return refusal("ERR_TICKETS_OFF", "This server grants no tickets");
  return after(
    tickets.open(macProof.ticket),
    (ticket) => ticket ? { ticket } : refusal("ERR_TICKET_UNKNOWN", "No secret of this server's ticket ring sealed the ticket")
  );
}
function checkTicketTime({ ticket, macProof, configuration, now }) {
  if (now < ticket.expiresAt) return void 0;
  configuration.tickets?.forget(macProof.ticket);
  return refusal("ERR_TICKET_EXPIRED", `The ticket expired ${now - ticket.expiresAt} s ago`);
}
function checkTicketAudience(facts) {
  const { ticket, statement, request, configuration } = facts;
  const { audience: audience2 } = ticket;
  if (audience2 === void 0 || !audiencesOf(facts).includes(audience2)) {
    const names = shown(request?.audience ?? configuration.audiences);
    return refusal("ERR_TICKET_AUDIENCE", `The ticket is for another audience; this server is ${names} (audience)`);
  }
  if (!notAttesting(statement, audience2)) return { audience: audience2 };
  return refusal("ERR_TICKET_AUDIENCE", "The attestation is not issued for the audience of the ticket");
}
function checkTicketHolder({
  ticket,
  holderKey
}) {
  if (ticket.holder === holderKey.thumbprint) return void 0;
  return refusal("ERR_TICKET_HOLDER", "The ticket was granted to another key");
}
function checkMacTime(facts) {
  return checkMadeJustNow(facts.macProof.iat, facts);
}
function checkMac(facts) {
  const { ticket, macProof, audience: audience2, proved: request, tokenHash: attHash, configuration } = facts;
  const { iat, jti, digest: claimed, mac: mac2 } = macProof;
  if (attHash === void 0) return refusal("ERR_PROOF_ATTESTATION", "The proof is for another attestation");
  const { sessionId, accessToken } = request;
  const hash = accessToken === void 0 ? void 0 : digest(accessToken);
  return after(hash, (ath) => {
    const input = { attHash, audience: audience2, iat, jti, request, digest: claimed, sessionId, ath };
    return after(ticket.key.mac(macInput(ticket.head, input)), (expected) => {
      if (!sameText(expected, mac2)) return refusal("ERR_TICKET_MAC", "The MAC is not that of the ticket's key");
      configuration.tickets?.remember(macProof.ticket, ticket);
      return void 0;
    });
  });
}
function checkMacDigest({
  macProof,
  proved
}) {
  const actual = proved.kind === "http" ? digest(proved.body ?? NOTHING2) : messageDigest(proved);
  return after(
    actual,
    (text) => text === macProof.digest ? void 0 : refusal("ERR_PROOF_DIGEST", "The proof is for another message")
  );
}
function checkSignatureDemand({ proved }) {
  if (proved.signature !== true) return void 0;
  return refusal("ERR_SIGNATURE_REQUIRED", "This message needs a signed proof, and came with a MAC");
}
function layersOf(issuer2, format, claims, nested) {
  const layer = {
    format: format.name,
    trustLevel: issuer2.trustLevel,
    issuer: issuer2.issuer,
    subject: claims.sub,
    expiresAt: claims.exp,
    claims,
    ...claims.agentIdentity && { identity: claims.agentIdentity }
  };
  return Object.freeze([Object.freeze(layer), ...nested?.layers ?? []]);
}
function beginToken({ configuration, now, load, chained }, token) {
  const facts = {
    configuration,
    now,
    load,
    chained,
    token,
    jws: void 0,
    format: void 0,
    kid: void 0,
    algorithm: void 0,
    issuer: void 0,
    key: void 0,
    claims: void 0,
    validFrom: void 0,
    holderKey: void 0,
    trustDomain: void 0,
    status: void 0,
    singleUse: void 0,
    nested: void 0
  };
  return facts;
}
function statementOf(assessed) {
  const { format, issuer: issuer2, kid, key, claims, holderKey, validFrom, singleUse, status, nested } = assessed;
  return {
    nested,
    layers: layersOf(issuer2, format, claims, nested),
    expiresAt: Math.min(claims.exp, nested?.claims.exp ?? claims.exp),
    format,
    issuer: issuer2,
    kid,
    issuerKeyThumbprint: key.thumbprint,
    claims,
    identity: claims.agentIdentity,
    holderKey,
    agent: `${issuer2.issuer} ${claims.sub}`,
    status,
    validFrom,
    singleUse,
    delegation: void 0
  };
}
var PROBLEMS = {
  SIZE: "is longer than allowed",
  FORMAT: "is not a compact JWS of three segments with a signature of the right length",
  ENCODING: "is not canonical base64url",
  JSON: "is not strict JSON: objects of valid UTF-8, of bounded depth, without byte-order mark or unpaired surrogates",
  DUPLICATE_MEMBER: "repeats a member",
  HEADER: "has a header with members other than typ, alg and kid, or of wrong types"
};
function readToken({ token, configuration }) {
  const jws = readCompactJws(token, configuration.tokenLimits);
  return typeof jws === "string" ? structureRefusal("ATTESTATION", jws) : { jws };
}
function checkLimits({ token, jws, format }) {
  const problem = limitProblem(token, jws, format.limits);
  return problem && structureRefusal("ATTESTATION", problem);
}
function readProof({ request }) {
  if (request?.proof === void 0) return refusal("ERR_PROOF_REQUIRED", "A bound attestation needs a proof");
  const proof2 = readCompactJws(request.proof, PROOF_LIMITS);
  return typeof proof2 === "string" ? structureRefusal("PROOF", proof2) : { proof: proof2 };
}
function structureRefusal(credential, problem) {
  const name = credential === "ATTESTATION" ? "attestation" : "proof";
  return refusal(`ERR_${credential}_${problem}`, `The ${name} ${PROBLEMS[problem]}`);
}
var NOT_BELIEVED = /* @__PURE__ */ new Set([
  "ERR_ISSUER_UNTRUSTED",
  "ERR_FORMAT_NOT_ALLOWED",
  "ERR_ATTESTATION_TYP",
  "ERR_ATTESTATION_ALG",
  "ERR_ATTESTATION_VERSION"
]);
function takeNested(order) {
  return (outer) => {
    const token = outer.claims.attestationMetadata.nestedAttestation;
    if (token === void 0 || !outer.issuer.nested) return { nested: void 0 };
    const { configuration, now, load, chained, format } = outer;
    return after(order({ configuration, now, load, chained, token, outer, format }), (assessed) => {
      if (!(assessed instanceof Refusal)) return { nested: statementOf(assessed) };
      const { code, message: message3 } = assessed;
      return NOT_BELIEVED.has(code) ? { nested: void 0 } : refusal(code, `In the nested attestation: ${message3}`);
    });
  };
}
function ofEachLayer(order) {
  return (given) => after(order(given), (answer) => {
    const { nested } = given.statement;
    return answer instanceof Refusal || !nested ? answer : order({ ...given, statement: nested });
  });
}
function readNested({ token }) {
  const jws = readCompactJws(token, ATTESTATION_LIMITS);
  return typeof jws === "string" ? structureRefusal("ATTESTATION", jws) : { jws };
}
function checkNestedType({ jws }) {
  if (jws.header.typ === TYP.attestation) return void 0;
  return refusal("ERR_ATTESTATION_TYP", "The typ is not that of an attestation");
}
function checkProvider({ issuer: issuer2 }) {
  if (issuer2.trustLevel === "provider") return void 0;
  return refusal("ERR_ISSUER_UNTRUSTED", "The issuer is not trusted as a provider");
}
function checkInnermost({ claims }) {
  if (claims.attestationMetadata.nestedAttestation === void 0) return void 0;
  return refusal("ERR_NESTED_TWICE", "It has a nested attestation of its own");
}
function checkSameKey({ outer, holderKey }) {
  if (outer.holderKey.thumbprint === holderKey.thumbprint) return void 0;
  return refusal("ERR_NESTED_KEY", "It is for another key than the attestation around it");
}
function checkSameAgent({ outer, claims }) {
  if (isSameModel(outer.claims, claims)) return void 0;
  return refusal("ERR_NESTED_AGENT", "It is about another model than the attestation around it");
}
function isSameModel({ agentIdentity: a }, { agentIdentity: b }) {
  return a.modelFamily === b.modelFamily && a.modelVersion === b.modelVersion && a.provider === b.provider;
}
function replayKey(parts) {
  let text = "";
  for (const part of parts) text += `${part.length}:${part}`;
  return after(digest(text), firstHalf);
}
var ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
function firstHalf(digest9) {
  return digest9.slice(0, 21) + ALPHABET.charAt(ALPHABET.indexOf(digest9.charAt(21)) & 48);
}
function consumeProof(facts) {
  const { proofClaims, holderKey } = facts;
  return consumeProved(facts, "bound", proofClaims, holderKey.thumbprint);
}
function consumeProved(facts, profile, { iat, jti }, holderKey) {
  return consume(facts, {
    identity: [profile, facts.statement.issuer.issuer, facts.audience, holderKey, jti],
    issuedAt: iat,
    acceptedUntil: iat + facts.configuration.proofWindow,
    madeAt: iat,
    // What sub-agents use counts as that of the agent who answers for them (R7).
    holderKey: facts.statement.delegation?.root.holderKey?.thumbprint ?? holderKey
  });
}
function consumeMac(facts) {
  return consumeProved(facts, "mac", facts.macProof, facts.holderKey.thumbprint);
}
function takeBearerUse({
  issuer: { issuer: issuer2 },
  claims: { jti, iat }
}) {
  return { singleUse: { issuer: issuer2, id: jti, issuedAt: iat, madeAt: iat + BACKDATE } };
}
function takeSingleUse({ statement: { singleUse } }) {
  return singleUse ? { singleUse } : refusal("ERR_INTERNAL", "The token's format does not say how it is used up");
}
function consumeToken(facts) {
  const {
    statement: { format, claims },
    audience: audience2,
    singleUse: { issuer: issuer2, id, issuedAt, madeAt }
  } = facts;
  const identity2 = [format.name, issuer2, audience2, "", id];
  return consume(facts, { identity: identity2, issuedAt, acceptedUntil: claims.exp, madeAt });
}
function consume(facts, use) {
  return after(replayKey(use.identity), (key) => {
    try {
      const answer = facts.configuration.replayCache.consume(replayUseOf(facts, use, key));
      return isPending(answer) ? withinDeadline(answer).then(judge3).catch(unavailable4) : judge3(answer);
    } catch (error) {
      return unavailable4(error);
    }
  });
}
function replayUseOf({ configuration, now, statement, request }, use, key) {
  const { clockTolerance, nodeSkew } = configuration;
  const replayUse = {
    key,
    now,
    issuedAt: use.issuedAt,
    // The last instant at which any instance could still accept it, by its own times (R4, R14).
    expiresAt: use.acceptedUntil + clockTolerance + nodeSkew,
    clockTolerance,
    nodeSkew,
    holder: statement.agent
  };
  if (request?.kind === "http" || request?.overHttp) replayUse.notBefore = use.madeAt;
  if (use.holderKey !== void 0) replayUse.holderKey = use.holderKey;
  return replayUse;
}
function judge3(first) {
  if (first === true) return void 0;
  return first === false ? refusal("ERR_REPLAY", "This proof was already used") : unavailable4(void 0);
}
function unavailable4(error) {
  const code = error instanceof AttestationError ? error.code : void 0;
  if (code === "ERR_REPLAY_CACHE_FULL") return refusal(code, "The replay cache has no room for another proof");
  if (code === "ERR_REPLAY_BEFORE_START") {
    return refusal(code, "The proof may have been used before this process started; a new one is accepted");
  }
  return refusal(
    "ERR_REPLAY_CACHE_UNAVAILABLE",
    "The replay cache cannot tell at the moment whether this proof was used before"
  );
}
var always = () => true;
var byUri = ({ resources }, { uri }) => allowsUri(resources, uri);
var METHODS = {
  initialize: always,
  ping: always,
  "server/discover": always,
  "tools/list": always,
  "prompts/list": always,
  "resources/list": always,
  "resources/templates/list": always,
  "notifications/initialized": always,
  "notifications/cancelled": always,
  "notifications/progress": always,
  "notifications/roots/list_changed": always,
  // A task outlives the call: its result is asked for by a method that names no tool.
  "tools/call": ({ tools }, { name, task }) => task === void 0 && allowsName(tools, name),
  "prompts/get": ({ prompts }, { name }) => allowsName(prompts, name),
  "resources/read": byUri,
  "resources/subscribe": byUri,
  "resources/unsubscribe": byUri,
  "subscriptions/listen": ({ resources }, { notifications }) => {
    const uris = own(own(notifications)["resourceSubscriptions"]);
    return Array.isArray(uris) && uris.length > 0 && uris.every((uri) => allowsUri(resources, uri));
  },
  "completion/complete": ({ prompts, resources }, { ref }) => {
    const { type, name, uri } = own(ref);
    if (type === "ref/prompt") return allowsName(prompts, name);
    return type === "ref/resource" && typeof uri === "string" && allowsTemplate(resources, uri);
  }
};
function allowsTemplate(resources, template) {
  if (resources?.includes(template)) return true;
  const prefixes = resources?.filter((entry) => entry.endsWith("*"));
  return allowsUri(prefixes, template.split("{")[0]);
}
function checkScope({ statement: { delegation }, request }) {
  const allows = delegation?.links.flatMap(({ claims }) => claims.allow ?? []) ?? [];
  if (allows.length === 0) return void 0;
  const dispatched = dispatchedBy(request);
  if (dispatched === void 0) {
    return refusal(
      "ERR_DELEGATION_SCOPE",
      "A delegation with `allow` is judged by the message, which is not known here"
    );
  }
  if (dispatched === "response") return void 0;
  const { method, params } = dispatched;
  const decide = Object.hasOwn(METHODS, method) ? METHODS[method] : void 0;
  if (decide && allows.every((allow) => decide(allow, own(params)))) return void 0;
  return refusal("ERR_DELEGATION_SCOPE", "The delegation does not allow this message (allow)");
}
function dispatchedBy(request) {
  if (request?.dispatched !== void 0) return request.dispatched;
  if (request?.kind === "message") return request;
  if (request?.kind === "response") return "response";
  return request?.kind === "http" && ["GET", "DELETE"].includes(request.method) ? "response" : void 0;
}
function own(value) {
  if (typeof value !== "object" || value === null) return {};
  return Array.isArray(value) ? value : Object.assign(/* @__PURE__ */ Object.create(null), value);
}
var TOKEN = /* @__PURE__ */ inOrder(readToken, recognise, checkLimits);
var NESTED = /* @__PURE__ */ inOrder(
  readNested,
  checkNestedType,
  findIssuer,
  checkProvider,
  checkIssuerFormat,
  checkAlgorithm,
  checkIssuerAlgorithm,
  checkKid,
  findKey,
  checkSignature,
  readClaims,
  checkVersion,
  checkTimes,
  checkLifetime,
  checkConfirmationKey,
  checkInnermost,
  checkAudience,
  checkSubject,
  checkTrustDomain,
  checkAttestationType,
  checkSameKey,
  checkSameAgent,
  checkRevocation,
  checkStatus
);
var ATTESTATION = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkVersion,
  checkTimes,
  checkLifetime,
  checkConfirmationKey,
  checkAudience,
  checkSubject,
  checkTrustDomain,
  checkAttestationType,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  /* @__PURE__ */ takeNested(NESTED)
);
var BEARER_ATTESTATION = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkBearerVersion,
  checkTimes,
  checkLifetime,
  checkNoConfirmationKey,
  checkHasAudience,
  checkAudience,
  checkBearerSubject,
  checkTrustDomain,
  checkBearerType,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  takeBearerUse
);
var PROOF = /* @__PURE__ */ inOrder(
  takeHolder,
  readProof,
  checkProofType,
  checkProofSignature,
  takeProofClaims,
  checkProofCarrier,
  checkProofAttestation,
  checkProofAudience,
  checkProofTime,
  checkProofDigest,
  checkProofSession,
  checkProofAccessToken,
  checkScope,
  consumeProof
);
var MAC = /* @__PURE__ */ inOrder(
  takeHolder,
  readMac,
  checkMacRequest,
  openTicket,
  checkTicketTime,
  checkTicketAudience,
  checkTicketHolder,
  checkMacTime,
  checkMac,
  checkMacDigest,
  checkScope,
  checkSignatureDemand,
  consumeMac
);
var BEARER_USE = /* @__PURE__ */ inOrder(
  checkNoProof,
  chooseAudience,
  takeSingleUse,
  consumeToken
);
var CHAIN = /* @__PURE__ */ inOrder(
  splitChain,
  checkChainProof,
  takeHashes,
  readLinks,
  checkParents,
  checkLinkAudiences,
  takeRoot,
  checkDepths,
  checkKeysOnce,
  checkLinkAlgorithms,
  checkLinkTimes,
  checkLinkSignatures,
  checkChainRevocation
);
var RECHECKS = /* @__PURE__ */ ofEachLayer(
  /* @__PURE__ */ inOrder(recheckKey, recheckTimes, recheckRevocation, recheckStatus)
);
var SESSION_RECHECKS = /* @__PURE__ */ inOrder(
  recheckKey,
  recheckRevocation,
  recheckStatus
);
var attestation = /* @__PURE__ */ defineFormat(
  () => ({
    name: "attestation",
    proof: "signature",
    lifetime: { usual: MAX_LIFETIME.attestation, most: MAX_LIFETIME.attestation },
    algorithms: byTheirNames(),
    usualAlgorithms: ["Ed25519"],
    limits: ATTESTATION_LIMITS,
    importKey: importVerificationKey
  }),
  { recognises: ({ header }) => header.typ === TYP.attestation, keyUses: [void 0, "sig"], checks: ATTESTATION }
);
function byTheirNames() {
  return new Map(SIGNING_ALGORITHMS.map((name) => [name, name]));
}
var bearer = /* @__PURE__ */ defineFormat(
  () => ({
    name: "bearer",
    proof: "none",
    lifetime: { usual: MAX_LIFETIME.bearer, most: MAX_LIFETIME.bearer },
    algorithms: /* @__PURE__ */ new Map([
      ["EdDSA", "Ed25519"],
      ["Ed25519", "Ed25519"]
    ]),
    usualAlgorithms: ["Ed25519"],
    limits: ATTESTATION_LIMITS,
    importKey: importVerificationKey
  }),
  { recognises: ({ header }) => header.typ === TYP.bearer, keyUses: [void 0, "sig"], checks: BEARER_ATTESTATION }
);
var OWN_FORMATS = { attestation, bearer };
function formatNamed(format) {
  if (typeof format === "string" && Object.hasOwn(OWN_FORMATS, format)) return OWN_FORMATS[format];
  rulesOf(format);
  return format;
}
function keyImporterOf(formats = ["attestation"]) {
  const importers = formats.map((format) => formatNamed(format).importKey);
  return importers.find((importKey) => importKey !== importVerificationKey) ?? importVerificationKey;
}
function assertObserver(observer) {
  if (observer === void 0) return;
  const { onEvent, onStart } = observer ?? {};
  const known = [onEvent, onStart].filter((watch) => watch !== void 0);
  if (known.length === 0 || !known.every((watch) => typeof watch === "function")) {
    throw optionError("observer", "must have a function onEvent or onStart");
  }
}
function notify(observer, event) {
  if (observer?.onEvent) shielded(() => observer.onEvent?.(event));
}
function begin(observer, operation) {
  if (!observer?.onStart) return () => {
  };
  const end = shielded(() => observer.onStart?.(operation));
  return (outcome) => {
    if (typeof end === "function") shielded(() => end(outcome));
  };
}
function shielded(call) {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(() => {
    });
    return result;
  } catch {
    return void 0;
  }
}
var MAX_DISTANCE = 3;
function nearestName(name, known) {
  let nearest;
  let least = Math.min(MAX_DISTANCE + 1, name.length / 2);
  if (name.length > 64) return void 0;
  for (const candidate of known) {
    const away = distance(name.toLowerCase(), candidate.toLowerCase());
    if (away < least) [least, nearest] = [away, candidate];
  }
  return nearest;
}
function distance(a, b) {
  let beforeLast = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + (same ? 0 : 1));
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}
function at(row, index) {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
function refuseUnknownOptions(options, known, of) {
  if (typeof options !== "object" || options === null) throw optionError("options", `of ${of} must be an object`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === void 0) return;
  const names = Object.keys(known);
  const nearest = nearestName(unknown, names);
  const hint = nearest === void 0 ? `known are ${names.join(", ")}` : `did you mean ${nearest}?`;
  throw optionError(unknown, `is not an option of ${of}: ${hint}`);
}
function wholeNumber(option, value, least, most, what = "a whole number") {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be ${what} from ${least} to ${most}`);
}
function wholeSeconds(option, value, least, most) {
  return wholeNumber(option, value, least, most, "whole seconds");
}
function flag(option, value) {
  if (value !== void 0 && typeof value !== "boolean") throw optionError(option, "must be true or false");
  return value ?? false;
}
function callable(option, value) {
  if (value !== void 0 && typeof value !== "function") throw optionError(option, "must be a function");
  return value;
}
function oneOf(option, value, values) {
  const found = values.find((candidate) => candidate === value);
  if (found === void 0) throw optionError(option, `must be one of ${values.join(", ")}`);
  return found;
}
function profileOf({ proof: proof2 }) {
  return proof2 === "none" ? "bearer" : "bound";
}
var IDENTITY = {
  modelFamily: true,
  modelVersion: true,
  provider: true,
  deploymentId: true,
  enterprise: true
};
var ENTERPRISE = {
  orgId: true,
  workloadId: true,
  deploymentEnv: true
};
var INTEGRITY = { configHash: true, systemPromptHash: true };
var METADATA = {
  attestationVersion: true,
  attestationType: true,
  safetyLevel: true,
  capabilitiesDeclared: true,
  nestedAttestation: true,
  maxDelegationDepth: true
};
var STATUS = { uri: true, idx: true };
function assertKnownMembers({ identity: identity2, integrity, metadata, status }) {
  check("identity", identity2, IDENTITY);
  if (identity2.enterprise !== void 0) check("identity.enterprise", identity2.enterprise, ENTERPRISE);
  if (integrity !== void 0) check("integrity", integrity, INTEGRITY);
  if (metadata !== void 0) check("metadata", metadata, METADATA);
  if (status !== void 0) check("status", status, STATUS);
}
function check(path, value, members) {
  if (typeof value !== "object" || value === null) throw optionError(path, "must be an object");
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(members, name));
  if (unknown !== void 0) throw optionError(`${path}.${unknown}`, "is not a member that is known");
}
var MAX_NESTED = 4096;
async function assertNestable(nested, request) {
  const { identity: identity2, metadata = {}, confirmationKey } = request;
  if (typeof nested === "string" && nested.length > MAX_NESTED) {
    throw optionError("nested", `has ${nested.length} characters, and may have ${MAX_NESTED}`);
  }
  const jws = readCompactJws(nested, ATTESTATION_LIMITS);
  const { claims } = typeof jws === "string" ? {} : readAttestationClaims(jws.payload);
  const isBound = typeof jws !== "string" && jws.header.typ === TYP.attestation && claims?.cnf !== void 0;
  if (!isBound || claims.attestationMetadata.attestationVersion !== VERSION.attestation) {
    throw optionError("nested", "must be a bound attestation, as its authority returned it");
  }
  if (claims.attestationMetadata.nestedAttestation !== void 0) {
    throw optionError("nested", "must have no nested attestation of its own");
  }
  if (metadata.nestedAttestation !== void 0)
    throw optionError("nested", "and metadata.nestedAttestation are one claim");
  if ((metadata.attestationType ?? "enterprise") !== "enterprise") {
    throw optionError("nested", "is for an enterprise's attestation: leave out metadata.attestationType");
  }
  const [inner, outer] = await Promise.all([claims.cnf?.jwk, confirmationKey].map(thumbprintOf));
  if (inner === void 0 || inner !== outer) {
    throw optionError("nested", "must be for the key that is attested: confirmationKey");
  }
  if (!isSameModel(claims, { ...claims, agentIdentity: identity2 })) {
    throw optionError("nested", "must be about the same model: identity.modelFamily, modelVersion and provider");
  }
}
async function thumbprintOf(jwk) {
  return jwk && (await importVerificationKey(jwk)).thumbprint;
}
var REQUEST_OPTIONS = {
  identity: true,
  integrity: true,
  metadata: true,
  subject: true,
  trustDomain: true,
  lifetime: true,
  status: true,
  nested: true,
  maxDelegationDepth: true,
  confirmationKey: true,
  audience: true,
  bearer: true
};
var SIGNATURE_LENGTH = 1 + 86;
async function signJws(header, payload, signer, limits) {
  const signingInput = `${encode2(header)}.${encode2(payload)}`;
  const length = signingInput.length + SIGNATURE_LENGTH;
  if (length > limits.length) {
    const most = `${limits.credential === "PROOF" ? "a proof" : "an attestation"} may have ${limits.length}`;
    throw optionError(
      "claims",
      `take ${length} characters when signed, and ${most}: shorten the audience or the texts`
    );
  }
  const signing = signer.sign(utf8(signingInput));
  const signature = signing instanceof Promise ? await signing : signing;
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    throw optionError("signer", "must return raw signatures of 64 bytes: for ES256 r and s, not DER");
  }
  return `${signingInput}.${toBase64url(signature)}`;
}
function encode2(json) {
  return toBase64url(utf8(json));
}
var OPTIONS = {
  issuer: true,
  signer: true,
  tokenLifetime: true,
  clock: true,
  observer: true
};
var AttestationIssuer = class {
  issuer;
  #signer;
  #lifetime;
  #clock;
  #observer;
  /**
   * It believes what it is told: authenticate the caller and check the identity before you call `createToken`.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options) {
    refuseUnknownOptions(options, OPTIONS, "an authority");
    const { issuer: issuer2, signer, tokenLifetime = DEFAULT_LIFETIME, clock = systemClock, observer } = options;
    if (typeof issuer2 !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer2)) {
      throw optionError("issuer", "must be 1\u20132048 visible ASCII characters");
    }
    if (typeof clock !== "function") throw optionError("clock", "must be a function");
    this.issuer = issuer2;
    this.#signer = storeOf(signer);
    this.#lifetime = lifetimeWithin("tokenLifetime", tokenLifetime, "attestation");
    this.#clock = clock;
    assertObserver(observer);
    this.#observer = observer;
  }
  /**
   * Makes an attestation.
   *
   * @returns The compact JWS.
   * @throws AttestationError `ERR_OPTION` naming what is unknown or a verifier would not accept, or a code of
   * `importVerificationKey` for the confirmation key. What the signer throws comes through unchanged.
   */
  async createToken(request) {
    const started = performance.now();
    const end = begin(this.#observer, { name: "issue" });
    const kind = request?.bearer === true ? "bearer" : "attestation";
    const profile = profileOf(OWN_FORMATS[kind]);
    const report = (outcome) => {
      const duration = (performance.now() - started) / 1e3;
      const event = {
        type: "issuance",
        format: kind,
        profile,
        issuer: this.issuer,
        duration,
        ...outcome
      };
      end(event);
      notify(this.#observer, event);
    };
    try {
      const token = await this.#create(request, kind);
      report({ outcome: "issued" });
      return token;
    } catch (error) {
      report({ outcome: "failed", ...error instanceof AttestationError && { code: error.code } });
      throw error;
    }
  }
  async #create(request, kind) {
    refuseUnknownOptions(request, REQUEST_OPTIONS, "an attestation");
    const { identity: identity2, integrity, audience: audience2, status } = request;
    assertKnownMembers(request);
    const lifetime = lifetimeWithin("lifetime", request.lifetime ?? this.#defaultLifetime(kind), kind);
    const cnf = await confirmation(request, kind);
    if (request.nested !== void 0) await assertNestable(request.nested, request);
    const iat = Math.floor(this.#clock()) - BACKDATE;
    const metadata = metadataOf(request);
    if (kind === "bearer" && (identity2.enterprise || metadata.nestedAttestation !== void 0)) {
      throw optionError(
        "identity.enterprise and metadata.nestedAttestation",
        "cannot be in a 0.1.0 bearer attestation"
      );
    }
    const claims = {
      iss: this.issuer,
      sub: request.subject ?? toSpiffeId(identity2, request.trustDomain),
      ...audience2 !== void 0 && { aud: audience2 },
      iat,
      nbf: iat,
      exp: iat + lifetime,
      jti: crypto.randomUUID(),
      agentIdentity: identity2,
      ...integrity && { agentIntegrity: integrity },
      attestationMetadata: {
        attestationType: request.nested === void 0 ? "provider" : "enterprise",
        safetyLevel: "standard",
        capabilitiesDeclared: [],
        ...metadata,
        attestationVersion: VERSION[kind]
      },
      ...cnf && { cnf },
      ...status && { status: { statusList: status } }
    };
    const payload = JSON.stringify(writeAttestationClaims(claims));
    assertAcceptable(payload, kind);
    const signer = this.#signer.current();
    if (!isKid(signer?.kid)) throw optionError("signer", "must have a kid of 1\u2013256 visible ASCII characters");
    const alg = kind === "bearer" ? bearerAlgorithm(signer) : signer.algorithm;
    return signJws(JSON.stringify({ alg, kid: signer.kid, typ: TYP[kind] }), payload, signer, ATTESTATION_LIMITS);
  }
  #defaultLifetime(kind) {
    return Math.min(this.#lifetime, MAX_LIFETIME[kind]);
  }
};
function metadataOf({ metadata = {}, nested, maxDelegationDepth }) {
  return {
    ...metadata,
    ...nested !== void 0 && { nestedAttestation: nested },
    ...maxDelegationDepth !== void 0 && { maxDelegationDepth }
  };
}
function storeOf(signer) {
  const { current, sign } = signer ?? {};
  if (typeof current === "function") return signer;
  if (typeof sign === "function") return { current: () => signer };
  throw optionError("signer", "must be a Signer, or have a current function that returns one");
}
function bearerAlgorithm({ algorithm }) {
  if (algorithm !== "Ed25519") throw optionError("signer", "must be an Ed25519 key for bearer attestations");
  return "EdDSA";
}
async function confirmation(request, kind) {
  const { confirmationKey } = request;
  if (kind === "bearer") {
    if (confirmationKey !== void 0) throw optionError("confirmationKey", "cannot go with bearer");
    if (request.audience === void 0) throw optionError("audience", "must be given for a bearer attestation");
    return void 0;
  }
  if (confirmationKey === void 0) {
    throw optionError(
      "confirmationKey",
      "must be the agent's public key; a bearer attestation must be asked for by name"
    );
  }
  await importVerificationKey(confirmationKey);
  return { jwk: vetPublicJwk(confirmationKey).jwk };
}
function assertAcceptable(payload, kind) {
  const { claims, problem } = readAttestationClaims(JSON.parse(payload));
  if (problem !== void 0) throw optionError("claims", `would not be accepted: ${problem}`);
  if (trustDomainOf(claims.sub) === void 0 && (kind === "attestation" || /^spiffe:/i.test(claims.sub))) {
    throw optionError("subject", "must be a SPIFFE ID, such as spiffe://example.com/model/name");
  }
}
function lifetimeWithin(option, lifetime, kind) {
  if (!Number.isSafeInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME[kind]) {
    throw optionError(option, `must be whole seconds from 1 to ${MAX_LIFETIME[kind]}`);
  }
  return lifetime;
}
function isAbsoluteUri(value) {
  return typeof value === "string" && /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]{1,2000}$/.test(value) && URL.canParse(value);
}
function readAgreementKey(text) {
  const bytes = typeof text === "string" && text.length === 43 ? decodeBase64url(text) : void 0;
  return bytes?.length === 32 && bytes[31] < 128 ? bytes : void 0;
}
var OPTIONS2 = {
  attestation: true,
  signer: true,
  audience: true,
  request: true,
  accessToken: true,
  sessionId: true,
  ticketKey: true,
  clock: true
};
async function createProof(options) {
  refuseUnknownOptions(options, OPTIONS2, "a proof");
  const { attestation: attestation2, signer, audience: audience2, request, accessToken, sessionId, ticketKey: ticketKey2, clock = systemClock } = options;
  if (!isAbsoluteUri(audience2))
    throw optionError(
      "audience",
      "must be an absolute URI, the same as the server's, such as https://bank.example/mcp"
    );
  if (sessionId !== void 0 && !LONG_IDENTIFIER.test(sessionId)) {
    throw optionError(
      "sessionId",
      "must be 1\u20132048 visible ASCII characters, or left out where the request names no session"
    );
  }
  if (ticketKey2 !== void 0 && !readAgreementKey(ticketKey2)) {
    throw optionError("ticketKey", "must be the `epk` of a TicketAsk");
  }
  const iat = Math.floor(clock());
  if (!Number.isSafeInteger(iat)) throw new AttestationError("ERR_CLOCK", "The agent's clock returned an invalid time");
  const payload = {
    aud: audience2,
    jti: crypto.randomUUID(),
    iat,
    att_hash: await digest(attestation2),
    ...await coverageOf(request),
    session: sessionId,
    ath: accessToken === void 0 ? void 0 : await digest(accessToken),
    ticket_epk: ticketKey2
  };
  return signJws(
    JSON.stringify({ alg: signer.algorithm, typ: TYP.proof }),
    JSON.stringify(payload),
    signer,
    PROOF_LIMITS
  );
}
async function coverageOf(request) {
  if (request.kind === "http") {
    if (!IDENTIFIER.test(request.method)) throw optionError("request.method", "must be that of an HTTP request");
    return { htm: request.method, body_digest: await digest(request.body ?? new Uint8Array()) };
  }
  const mcpDigest = await messageDigest(request);
  if (mcpDigest === void 0) {
    throw optionError("request", "must be plain JSON with an object as params or result, at most 64 levels deep");
  }
  return { mcp_digest: mcpDigest };
}
var ISSUER_TRUST_LEVELS = ["enterprise", "provider"];
var POLICIES = ["required", "preferred", "optional"];
var DEFAULT_CLOCK_TOLERANCE = 30;
var DEFAULT_PROOF_WINDOW = 60;
var DEFAULT_NODE_SKEW = 5;
var VERIFIER_OPTIONS = /* @__PURE__ */ Object.freeze({
  trustedIssuers: true,
  keyResolver: true,
  audience: true,
  policy: true,
  allowBearer: true,
  allowMultipleAudiences: true,
  requiredClaims: true,
  proofAlgorithms: true,
  replayCache: true,
  instances: true,
  clock: true,
  clockTolerance: true,
  proofWindow: true,
  nodeSkew: true,
  maxLifetime: true,
  maxCachedAttestations: true,
  maxDelegationDepth: true,
  isRevoked: true,
  statusSource: true,
  tickets: true,
  observer: true
});
function assertExpiry({ now, expiresAt }) {
  if (!Number.isSafeInteger(now) || !Number.isSafeInteger(expiresAt) || expiresAt <= now) {
    throw new AttestationError("ERR_REPLAY_EXPIRY", "A use needs safe-integer times and an expiry in the future");
  }
}
var RELEASED_AT_ONCE = 64;
var HolderShares = class {
  /** Uses that one holder may have. */
  #most;
  #holders = /* @__PURE__ */ new Map();
  #expired = [];
  constructor(most) {
    this.#most = most;
  }
  /** What a holder has; unknown holders and groups are kept only once a use is added. */
  of(name, together) {
    return together?.get(name) ?? { holder: this.#holders.get(name) ?? { name, held: 0 }, uses: 0 };
  }
  hasRoom(held) {
    return held === void 0 || held.holder.held < this.#most;
  }
  add(held, together) {
    if (!held) return;
    const { holder } = held;
    if (held.uses++ === 0) together.set(holder.name, held);
    if (holder.held++ === 0) this.#holders.set(holder.name, holder);
  }
  expire(together) {
    this.#expired.push(together.values());
  }
  /** Subtracts some of what has expired. */
  release() {
    if (this.#expired.length === 0) return;
    for (let i = 0; i < RELEASED_AT_ONCE; i++) {
      const next = this.#expired[0]?.next();
      if (!next) return;
      if (next.done) {
        this.#expired.shift();
        continue;
      }
      const { holder, uses } = next.value;
      holder.held -= uses;
      if (holder.held === 0) this.#holders.delete(holder.name);
    }
  }
};
function hashedWords() {
  return Int32Array.of(0, 0, 0, 0, 16 << 24, 0, 0, 0);
}
var secret;
function keyedHash(words2) {
  secret ??= crypto.getRandomValues(new Int32Array(2));
  const k0 = secret[0];
  const k1 = secret[1];
  let v0 = k0;
  let v1 = k1;
  let v2 = 1819895653 ^ k0;
  let v3 = 1952801890 ^ k1;
  for (let round = 0; round < 8; round++) {
    const word = words2[round];
    if (round === 5) v2 ^= 255;
    v3 ^= word;
    v0 = v0 + v1 | 0;
    v1 = (v1 << 5 | v1 >>> 27) ^ v0;
    v0 = v0 << 16 | v0 >>> 16;
    v2 = v2 + v3 | 0;
    v3 = (v3 << 8 | v3 >>> 24) ^ v2;
    v0 = v0 + v3 | 0;
    v3 = (v3 << 7 | v3 >>> 25) ^ v0;
    v2 = v2 + v1 | 0;
    v1 = (v1 << 13 | v1 >>> 19) ^ v2;
    v2 = v2 << 16 | v2 >>> 16;
    v0 ^= word;
  }
  return v1 ^ v3;
}
var KEY_WORDS = 4;
var VALUES = new Int8Array(65536).fill(-1);
for (const [value, char] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].entries()) {
  VALUES[char.charCodeAt(0)] = value;
}
var read = { words: hashedWords(), hash: 0 };
function readUseKey(key) {
  if (key.length !== 22) return flat(key);
  const a = fourOf(key, 0);
  const b = fourOf(key, 4);
  const c = fourOf(key, 8);
  const d = fourOf(key, 12);
  const e = fourOf(key, 16);
  const last = valueAt(key, 20) << 6 | valueAt(key, 21);
  if ((a | b | c | d | e | last) < 0 || (last & 15) !== 0) return flat(key);
  const { words: words2 } = read;
  words2[0] = a << 8 | b >> 16;
  words2[1] = b << 16 | c >> 8;
  words2[2] = c << 24 | d;
  words2[3] = e << 8 | last >> 4;
  read.hash = keyedHash(words2);
  return read;
}
function fourOf(key, at2) {
  return valueAt(key, at2) << 18 | valueAt(key, at2 + 1) << 12 | valueAt(key, at2 + 2) << 6 | valueAt(key, at2 + 3);
}
function valueAt(key, at2) {
  return VALUES[key.charCodeAt(at2)];
}
function flat(text) {
  return structuredClone(text);
}
var MAX_LOAD = 0.5;
var SLOTS_MOVED = 8;
var CHUNK_BITS = 10;
var CHUNK_SLOTS = 1 << CHUNK_BITS;
var FREE = 0;
var UseTable = class {
  #slots;
  /** The table before, while keys are still moved out of it. */
  #former;
  #moved = 0;
  #tabled = 0;
  #others = /* @__PURE__ */ new Set();
  /** @param expected Keys that it is likely to hold. */
  constructor(expected) {
    let count = CHUNK_SLOTS;
    while (count * MAX_LOAD < expected) count *= 2;
    this.#slots = new Slots(count);
  }
  get size() {
    return this.#tabled + this.#others.size;
  }
  has(key) {
    if (typeof key === "string") return this.#others.has(key);
    return this.#slots.find(key) < 0 || this.#isInFormer(key);
  }
  /** Adds a key; `false` if it is there already. */
  add(key) {
    if (typeof key === "string") return !this.#others.has(key) && Boolean(this.#others.add(key));
    const free = this.#slots.find(key);
    if (free < 0 || this.#isInFormer(key)) return false;
    this.#slots.put(free, key);
    if (this.#former) this.#move(this.#former);
    if (++this.#tabled > this.#slots.count * MAX_LOAD) {
      this.#former = this.#slots;
      this.#moved = 0;
      this.#slots = new Slots(this.#slots.count * 2);
    }
    return true;
  }
  #isInFormer(key) {
    return this.#former !== void 0 && this.#former.find(key) < 0;
  }
  #move(former) {
    const end = this.#moved + SLOTS_MOVED;
    for (; this.#moved < end; this.#moved++) former.copy(this.#moved, this.#slots);
    if (end >= former.count) this.#former = void 0;
  }
};
var moving = { words: hashedWords(), hash: 0 };
var Slots = class {
  /** A power of two, at least `CHUNK_SLOTS`. */
  count;
  #tags;
  #chunks;
  constructor(count) {
    this.count = count;
    this.#tags = new Uint8Array(count);
    this.#chunks = new Array(count / CHUNK_SLOTS);
  }
  /** The free slot where a key belongs; −1 if the key is there. */
  find({ hash, words: words2 }) {
    const tags = this.#tags;
    const tag = tagOf(hash);
    const mask = this.count - 1;
    for (let slot = hash & mask, step = 1; ; slot = slot + step++ & mask) {
      const found = tags[slot];
      if (found === FREE) return slot;
      if (found === tag && this.#holds(slot, words2)) return -1;
    }
  }
  put(slot, { hash, words: words2 }) {
    this.#tags[slot] = tagOf(hash);
    const keys = this.#chunk(slot);
    for (let i = 0; i < KEY_WORDS; i++) keys[keyAt(slot) + i] = words2[i];
  }
  /** Puts the key of one slot, if it holds one, into other slots too. */
  copy(slot, others) {
    if (this.#tags[slot] === FREE) return;
    const keys = this.#chunk(slot);
    for (let i = 0; i < KEY_WORDS; i++) moving.words[i] = keys[keyAt(slot) + i];
    moving.hash = keyedHash(moving.words);
    others.put(others.find(moving), moving);
  }
  #chunk(slot) {
    const index = slot >> CHUNK_BITS;
    this.#chunks[index] ??= new Int32Array(CHUNK_SLOTS * KEY_WORDS);
    return this.#chunks[index];
  }
  #holds(slot, words2) {
    const keys = this.#chunk(slot);
    const at2 = keyAt(slot);
    return keys[at2] === words2[0] && keys[at2 + 1] === words2[1] && keys[at2 + 2] === words2[2] && keys[at2 + 3] === words2[3];
  }
};
function keyAt(slot) {
  return (slot & CHUNK_SLOTS - 1) * KEY_WORDS;
}
function tagOf(hash) {
  return hash >>> 24 || 1;
}
var BUCKET_SECONDS = 20;
var OPTIONS3 = { maxEntries: true, maxShare: true, clock: true };
var InMemoryReplayCache = class {
  scope = "process";
  #maxEntries;
  /** The whole second in which it was made; `undefined` until the first use where the clock could not tell. */
  #madeAt;
  /** When it was made by the process's own clock, in milliseconds. */
  #began = performance.now();
  #buckets = /* @__PURE__ */ new Map();
  #agents;
  #keys;
  #size = 0;
  /** Everything that expires at or before this time is forgotten. */
  #horizon = Number.NEGATIVE_INFINITY;
  /**
   * A memory of uses for one process. Several processes with one each would each accept the same use once (R6).
   *
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options = {}) {
    refuseUnknownOptions(options, OPTIONS3, "a replay cache");
    const { maxEntries = 2e6, maxShare = 0.5, clock = systemClock } = options;
    wholeNumber("maxEntries", maxEntries, 1, Number.MAX_SAFE_INTEGER);
    if (!(maxShare > 0 && maxShare <= 1)) throw optionError("maxShare", "must be above 0 and at most 1");
    callable("clock", clock);
    this.#maxEntries = maxEntries;
    this.#agents = new HolderShares(Math.max(1, Math.floor(maxEntries * maxShare)));
    this.#keys = new HolderShares(Math.max(1, Math.floor(maxEntries * maxShare ** 2)));
    this.#madeAt = read2(clock);
  }
  /**
   * Resolves once the second in which it was made has passed, a second after that at most: until then it refuses honest
   * uses over HTTP too, since it cannot tell them from earlier ones (R17).
   */
  async ready() {
    const left = 1e3 - (performance.now() - this.#began);
    if (left > 0) await new Promise((resolve2) => setTimeout(resolve2, left));
  }
  /** Entries held, those about to be dropped included. */
  get size() {
    return this.#size;
  }
  /** @inheritdoc */
  consume(use) {
    assertExpiry(use);
    this.#dropExpired(use.now);
    this.#agents.release();
    this.#keys.release();
    this.#assertRemembered(use);
    const index = Math.ceil(use.expiresAt / BUCKET_SECONDS);
    const found = this.#buckets.get(index);
    const key = readUseKey(use.key);
    const agent = use.holder === void 0 ? void 0 : this.#agents.of(use.holder, found?.byAgent);
    const agentKey = use.holderKey === void 0 ? void 0 : this.#keys.of(use.holderKey, found?.byKey);
    if (this.#size >= this.#maxEntries || !this.#agents.hasRoom(agent) || !this.#keys.hasRoom(agentKey)) {
      if (found?.uses.has(key) || this.#isElsewhere(key, found)) return false;
      this.#refuse();
    }
    if (this.#isElsewhere(key, found)) return false;
    const bucket = found ?? this.#newBucket(index);
    if (!bucket.uses.add(key)) return false;
    if (!found) this.#buckets.set(index, bucket);
    this.#size++;
    this.#agents.add(agent, bucket.byAgent);
    this.#keys.add(agentKey, bucket.byKey);
    return true;
  }
  /** With room for as many as expire just before: while the load stays as it is, no table grows. */
  #newBucket(index) {
    const before = this.#buckets.get(index - 1)?.uses.size ?? 0;
    return { uses: new UseTable(before), byAgent: /* @__PURE__ */ new Map(), byKey: /* @__PURE__ */ new Map() };
  }
  /** Refuses what may have been used when this cache did not exist yet, or what it may have forgotten. */
  #assertRemembered({ now, notBefore, expiresAt }) {
    this.#madeAt ??= now;
    if (notBefore !== void 0 && !(notBefore > this.#madeAt)) {
      throw new AttestationError("ERR_REPLAY_BEFORE_START", "The use may have been made before this process started");
    }
    if (expiresAt <= this.#horizon) {
      throw new AttestationError(
        "ERR_REPLAY_CACHE_UNAVAILABLE",
        "The clock went back; uses from that time are forgotten"
      );
    }
  }
  /** A key is used once, even if its uses claim to expire at different times. */
  #isElsewhere(key, own2) {
    for (const bucket of this.#buckets.values()) {
      if (bucket !== own2 && bucket.uses.has(key)) return true;
    }
    return false;
  }
  #refuse() {
    if (this.#size >= this.#maxEntries) {
      throw new AttestationError("ERR_REPLAY_CACHE_FULL", "The replay cache is full of live entries (maxEntries)");
    }
    throw new AttestationError(
      "ERR_REPLAY_CACHE_FULL",
      "One agent has used up its share of the replay cache (maxShare)"
    );
  }
  #dropExpired(now) {
    const end = Math.floor(now / BUCKET_SECONDS) * BUCKET_SECONDS;
    if (end <= this.#horizon) return;
    this.#horizon = end;
    for (const [index, bucket] of this.#buckets) {
      if (index * BUCKET_SECONDS > end) continue;
      this.#buckets.delete(index);
      this.#size -= bucket.uses.size;
      this.#agents.expire(bucket.byAgent);
      this.#keys.expire(bucket.byKey);
    }
  }
};
function read2(clock) {
  try {
    const now = Math.floor(clock());
    return Number.isSafeInteger(now) && now > 0 ? now : void 0;
  } catch {
    return void 0;
  }
}
function combineKeyResolvers(...resolvers) {
  const open = resolvers.filter((resolver) => resolver.issuers === void 0);
  return {
    async resolve(issuer2, kid) {
      const [owner, ...others] = resolvers.filter((resolver) => resolver.issuers?.includes(issuer2));
      if (others.length > 0) {
        throw new AttestationError("ERR_KEY_DUPLICATE", "Several combined key resolvers claim the same issuer");
      }
      for (const resolver of owner ? [owner] : open) {
        const key = await resolver.resolve(issuer2, kid);
        if (key !== void 0) return key;
      }
      return void 0;
    },
    async hasKeys(issuer2) {
      const owners = resolvers.filter((resolver) => resolver.issuers?.includes(issuer2));
      const answers = (owners.length > 0 ? owners : open).map(async (resolver) => resolver.hasKeys?.(issuer2) ?? true);
      return (await Promise.all(answers)).includes(true);
    },
    // Some resolvers learn their issuers late, so the list is read each time; with an open one there is no list.
    ...open.length === 0 && {
      get issuers() {
        return resolvers.flatMap((resolver) => resolver.issuers ?? []);
      }
    },
    async ready() {
      await Promise.all(resolvers.map((resolver) => resolver.ready?.()));
    },
    async close() {
      await Promise.all(resolvers.map((resolver) => resolver.close?.()));
    }
  };
}
function delegatedTo(delegation) {
  return delegation.map(({ name, keyThumbprint }) => ({ ...name !== void 0 && { name }, keyThumbprint }));
}
var bearer2 = { checks: BEARER_USE, remembers: false };
var mac = { checks: MAC, remembers: true };
var proof = { checks: PROOF, remembers: true };
var USES = { signature: proof, mac, none: bearer2 };
function proofKindOf(format, presented) {
  return format.proof === "signature" && isMacProof(presented) ? "mac" : format.proof;
}
var AskedTickets = class {
  #configuration;
  #asked = /* @__PURE__ */ new WeakMap();
  constructor(configuration) {
    this.#configuration = configuration;
  }
  /** Takes note of what the proof of a verified use asked for, if anything. */
  note(context, facts) {
    const { proofClaims, audience: audience2, statement, request, now } = facts;
    if (!this.#configuration.tickets || proofClaims?.ticketEpk === void 0) return;
    const { holderKey } = statement;
    if (audience2 === void 0 || !holderKey || typeof request?.proof !== "string") return;
    const { thumbprint } = holderKey;
    const asked = { proof: request.proof, agentKey: proofClaims.ticketEpk, audience: audience2, thumbprint, now };
    this.#asked.set(context, { ...asked, rootKey: statement.delegation?.root.holderKey?.thumbprint ?? thumbprint });
  }
  /** Grants what was asked for, once. */
  async grant(context) {
    const asked = this.#asked.get(context);
    if (!asked) return void 0;
    this.#asked.delete(context);
    const grant = await this.#configuration.tickets?.grant(asked);
    if (grant) notify(this.#configuration.observer, { type: "ticket", action: "granted", issuer: context.issuer });
    return grant;
  }
};
function assessChain(judging, { token, proved }, links, assessRoot) {
  const memory = {
    link: (hash) => links.get(hash),
    hold: (link) => links.hold(link),
    root: (text, hash) => rootOf(beginToken({ ...judging, chained: true }, text), hash, assessRoot)
  };
  const facts = {
    ...judging,
    token,
    proved,
    memory,
    texts: void 0,
    hashes: void 0,
    read: void 0,
    root: void 0
  };
  return after(
    CHAIN(facts),
    (rooted) => rooted instanceof Refusal ? rooted : statementOfChain(rooted)
  );
}
function rootOf(facts, hash, assess) {
  const jws = readCompactJws(facts.token, facts.configuration.tokenLimits);
  if (typeof jws !== "string" && jws.header.typ !== TYP.attestation) {
    return refusal("ERR_DELEGATION_ROOT", "The first of a chain is not a bound attestation");
  }
  return assess(facts, hash);
}
function assessStatement(facts) {
  return after(TOKEN(facts), (recognised) => {
    if (recognised instanceof Refusal) return recognised;
    return after(
      rulesOf(recognised.format).checks(recognised),
      (assessed) => assessed instanceof Refusal ? assessed : statementOf(assessed)
    );
  });
}
var UNPROVED_CAPACITY = 256;
var CachedLinks = class {
  #capacity;
  #share;
  #proved = /* @__PURE__ */ new Map();
  #byOwner = /* @__PURE__ */ new Map();
  #unproved = /* @__PURE__ */ new Map();
  /** @param capacity Links kept at most whose use was accepted. */
  constructor(capacity) {
    this.#capacity = capacity;
    this.#share = Math.max(MAX_LINKS, Math.floor(capacity / 10));
  }
  get(hash) {
    return this.#proved.get(hash)?.link ?? this.#unproved.get(hash);
  }
  /** Holds a link whose signature has held, while the checks of its use go on. */
  hold(link) {
    this.#unproved.set(link.hash, link);
    const [oldest] = this.#unproved.size > UNPROVED_CAPACITY ? this.#unproved.keys() : [];
    if (oldest !== void 0) this.#unproved.delete(oldest);
  }
  /** Keeps the links of a chain of which a use was accepted. */
  keep({ root, links }) {
    const owner = `${root.issuer.issuer} ${root.holderKey?.thumbprint}`;
    for (const link of links) {
      if (this.#proved.has(link.hash)) continue;
      this.#unproved.delete(link.hash);
      this.#add(link, owner);
    }
  }
  #add(link, owner) {
    const owned = this.#byOwner.get(owner) ?? /* @__PURE__ */ new Set();
    this.#byOwner.set(owner, owned.add(link.hash));
    this.#proved.set(link.hash, { link, owner });
    const [oldest] = owned.size > this.#share ? owned : this.#proved.size > this.#capacity ? this.#proved.keys() : [];
    if (oldest !== void 0) this.#forget(oldest);
  }
  #forget(hash) {
    const { owner = "" } = this.#proved.get(hash) ?? {};
    this.#proved.delete(hash);
    const owned = this.#byOwner.get(owner);
    owned?.delete(hash);
    if (owned?.size === 0) this.#byOwner.delete(owner);
  }
};
var UNPROVED_CAPACITY2 = 256;
var CachedStatements = class {
  #proved;
  #unproved = new Oldest(UNPROVED_CAPACITY2);
  /** @param capacity Attestations kept at most whose use was accepted. */
  constructor(capacity) {
    this.#proved = new Oldest(capacity);
  }
  get(tokenHash) {
    return this.#proved.entries.get(tokenHash) ?? this.#unproved.entries.get(tokenHash);
  }
  /** Holds an attestation that has passed its own checks, while those of its use go on. */
  hold(tokenHash, statement) {
    if (this.get(tokenHash) === statement) return;
    this.#unproved.add(tokenHash, statement);
  }
  /** Keeps an attestation of which a use was accepted. */
  keep(tokenHash, statement) {
    if (this.#proved.entries.has(tokenHash)) return;
    this.#unproved.entries.delete(tokenHash);
    this.#proved.add(tokenHash, statement);
  }
  forget(tokenHash) {
    this.#proved.entries.delete(tokenHash);
    this.#unproved.entries.delete(tokenHash);
  }
};
var Oldest = class {
  entries = /* @__PURE__ */ new Map();
  #capacity;
  constructor(capacity) {
    this.#capacity = capacity;
  }
  add(tokenHash, statement) {
    this.entries.set(tokenHash, statement);
    const [oldest] = this.entries.size > this.#capacity ? this.entries.keys() : [];
    if (oldest !== void 0) this.entries.delete(oldest);
  }
};
var UNASSESSABLE = /* @__PURE__ */ new Set([
  "ERR_ISSUER_UNTRUSTED",
  "ERR_FORMAT_NOT_ALLOWED",
  "ERR_ATTESTATION_VERSION",
  "ERR_ATTESTATION_TYP",
  "ERR_ATTESTATION_ALG",
  "ERR_BEARER_NOT_ALLOWED",
  "ERR_KEY_SOURCE_UNAVAILABLE"
]);
function contextOf({ format, issuer: issuer2, claims, identity: identity2, holderKey, layers, expiresAt, delegation }, proofKind) {
  const context = {
    outcome: "verified",
    verified: true,
    format: format.name,
    proof: proofKind,
    profile: profileOf(format),
    trustLevel: issuer2.trustLevel,
    issuer: issuer2.issuer,
    subject: claims.sub,
    claims,
    expiresAt,
    layers
  };
  if (identity2) context["identity"] = identity2;
  if (holderKey) context["keyThumbprint"] = holderKey.thumbprint;
  if (delegation) context["delegation"] = Object.freeze(delegation.told);
  return Object.freeze(context);
}
function settle(problem, policy, now) {
  if (policy === "required" || !UNASSESSABLE.has(problem.code)) return refuse(problem, now);
  const { code } = problem;
  return { outcome: "unassessed", verified: false, trustLevel: "none", reason: wireReason(code), code };
}
function refuse({ code, message: message3 }, now) {
  const reason = wireReason(code);
  return {
    outcome: "refused",
    verified: false,
    trustLevel: "none",
    reason,
    code,
    message: message3,
    retryable: isRetryable(reason),
    ...reason === "attestation_expired" && now !== void 0 && { advice: { serverTime: now } }
  };
}
function isClusterWorker() {
  return globalThis.process?.getBuiltinModule?.("node:cluster")?.isWorker === true;
}
function configureStatusLists({
  issuer: issuer2,
  statusLists,
  statusOptional
}) {
  if (statusLists === void 0) {
    if (statusOptional !== true) return void 0;
    throw optionError("trustedIssuers.statusOptional", `means nothing for ${issuer2}, which has no statusLists`);
  }
  const lists = statusLists;
  if (!Array.isArray(lists) || lists.length === 0 || !lists.every(isAbsoluteUri)) {
    throw optionError("trustedIssuers.statusLists", `must be a list of absolute URIs, at least one, for ${issuer2}`);
  }
  return Object.freeze([...lists]);
}
function configureStatusSource({ statusSource }, issuers) {
  const owners = ownersOfLists(issuers);
  if (statusSource === void 0) {
    if (owners.size === 0) return void 0;
    throw optionError("statusSource", "must be given, since trustedIssuers have statusLists: HttpStatusSource is one");
  }
  if (typeof statusSource?.check !== "function") throw optionError("statusSource", "must have a check function");
  if (owners.size === 0) {
    throw optionError("statusSource", "would never be asked: give trustedIssuers their statusLists");
  }
  const { lists } = statusSource;
  for (const [uri, issuer2] of owners) {
    if (!lists || Object.hasOwn(lists, issuer2) && lists[issuer2]?.includes(uri)) continue;
    throw optionError("statusSource", `does not know the status list ${uri} of ${issuer2}`);
  }
  return statusSource;
}
function ownersOfLists(issuers) {
  const owners = /* @__PURE__ */ new Map();
  for (const { issuer: issuer2, statusLists = [] } of issuers) {
    for (const uri of statusLists) {
      if (owners.has(uri)) throw optionError("trustedIssuers.statusLists", `name the list ${uri} twice`);
      owners.set(uri, issuer2);
    }
  }
  return owners;
}
var MEMBERS = {
  issuer: true,
  trustLevel: true,
  trustDomains: true,
  algorithms: true,
  keys: true,
  formats: true,
  statusLists: true,
  statusOptional: true,
  nested: true
};
function configureIssuers(trustedIssuers, allowBearer) {
  if (!Array.isArray(trustedIssuers) || trustedIssuers.length === 0) {
    throw optionError("trustedIssuers", "must list at least one issuer");
  }
  const byName = /* @__PURE__ */ new Map();
  const byTrustDomain = /* @__PURE__ */ new Map();
  for (const trusted of trustedIssuers) {
    const configured = configureIssuer(trusted, allowBearer);
    const { issuer: issuer2, trustDomains } = configured;
    if (byName.has(issuer2)) throw optionError("trustedIssuers", `list ${issuer2} twice`);
    byName.set(issuer2, configured);
    for (const domain of trustDomains) {
      if (byTrustDomain.has(domain)) {
        throw optionError("trustedIssuers", `give the trust domain ${domain} to two issuers`);
      }
      byTrustDomain.set(domain, configured);
    }
  }
  return { byName, byTrustDomain };
}
function configureIssuer(trusted, allowBearer) {
  if (typeof trusted !== "object" || trusted === null) throw optionError("trustedIssuers", "must each be an object");
  refuseUnknownOptions(trusted, MEMBERS, "a trusted issuer");
  const { issuer: issuer2, trustLevel, trustDomains } = trusted;
  if (typeof issuer2 !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer2)) {
    throw optionError("trustedIssuers", "each need an issuer of visible ASCII characters");
  }
  if (!ISSUER_TRUST_LEVELS.includes(trustLevel)) {
    throw optionError("trustedIssuers", `need a trustLevel of ${ISSUER_TRUST_LEVELS.join(" or ")} for ${issuer2}`);
  }
  if (!Array.isArray(trustDomains) || trustDomains.length === 0 || !trustDomains.every(isTrustDomain)) {
    throw optionError(
      "trustedIssuers",
      `need trustDomains for ${issuer2}: the SPIFFE trust domains that its subjects may be in, such as ["example.com"]`
    );
  }
  const formats = configureFormats(trusted, allowBearer);
  return Object.freeze({
    issuer: issuer2,
    trustLevel,
    trustDomains: Object.freeze([...trustDomains]),
    algorithms: configureAlgorithms(trusted.algorithms, formats),
    formats,
    statusLists: configureStatusLists(trusted),
    statusOptional: flag("trustedIssuers.statusOptional", trusted.statusOptional),
    nested: configureNested(trusted)
  });
}
function configureNested({ issuer: issuer2, trustLevel, nested }) {
  const interpreted = flag("trustedIssuers.nested", nested);
  if (!interpreted || trustLevel === "enterprise") return interpreted;
  throw optionError(
    "trustedIssuers.nested",
    `is for enterprises, whose attestations hold a provider's: not for ${issuer2}`
  );
}
function configureFormats({ issuer: issuer2, formats }, allowBearer) {
  const { attestation: attestation2, bearer: bearer3 } = OWN_FORMATS;
  if (formats === void 0) return Object.freeze(allowBearer ? [attestation2, bearer3] : [attestation2]);
  if (!Array.isArray(formats) || formats.length === 0) {
    throw optionError("trustedIssuers.formats", `must list at least one format for ${issuer2}`);
  }
  const named = formats.map(formatNamed);
  if (new Set(named.map(({ name }) => name)).size < named.length) {
    throw optionError("trustedIssuers.formats", `list a format of ${issuer2} twice`);
  }
  return Object.freeze(named);
}
function configureAlgorithms(algorithms, formats) {
  if (algorithms === void 0) return void 0;
  const known = new Set(formats.flatMap((format) => [...format.algorithms.values()]));
  if (Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every((name) => known.has(name))) {
    return Object.freeze([...algorithms]);
  }
  throw optionError("trustedIssuers.algorithms", `must be a list of ${[...known].join(" or ")}`);
}
var MOST = 4;
var SECOND_MS = 1e3;
var MAX_HELD = 1e4;
var GrantLimit = class {
  /** The times of the last grants, those of the key that was granted least recently first. */
  #granted = /* @__PURE__ */ new Map();
  /** Whether one more may be granted, which is then counted. */
  permit(holder) {
    const now = performance.now();
    for (const [oldest, times] of this.#granted) {
      if ((times.at(-1) ?? 0) > now - SECOND_MS) break;
      this.#granted.delete(oldest);
    }
    const recent = (this.#granted.get(holder) ?? []).filter((time2) => time2 > now - SECOND_MS);
    if (recent.length >= MOST || recent.length === 0 && this.#granted.size >= MAX_HELD) return false;
    this.#granted.delete(holder);
    this.#granted.set(holder, [...recent, now]);
    return true;
  }
};
var VERSION2 = 1;
var KEY_ID_BYTES = 8;
var RANDOM_BYTES = 24;
var HEAD_BYTES = 1 + KEY_ID_BYTES + RANDOM_BYTES;
var CONTENT_BYTES = 32 + 32 + 32 + 8;
var TICKET_BYTES = HEAD_BYTES + CONTENT_BYTES + 16;
var TICKET_LENGTH = TICKET_BYTES / 3 * 4;
var NO_SALT = new Uint8Array();
async function nameRingSecret(secret2) {
  const id = await hkdf(secret2, NO_SALT, `${NAMESPACE}/ticket-id/1`, KEY_ID_BYTES);
  return { secret: secret2, id: toBase64url(id) };
}
async function sealTicket(by, random, content) {
  const head = new Uint8Array(HEAD_BYTES);
  head[0] = VERSION2;
  head.set(fromBase64url(by.id), 1);
  head.set(random, 1 + KEY_ID_BYTES);
  const plain = new Uint8Array(CONTENT_BYTES);
  plain.set(content.key, 0);
  plain.set(content.holder, 32);
  plain.set(content.audience, 64);
  new DataView(plain.buffer).setBigUint64(96, BigInt(content.expiresAt));
  const { key, nonce } = await sealingKey(by.secret, random);
  const sealed = await sealBytes(key, nonce, plain, head);
  const ticket = new Uint8Array(TICKET_BYTES);
  ticket.set(head, 0);
  ticket.set(sealed, HEAD_BYTES);
  return toBase64url(ticket);
}
async function openTicket2(secrets, text) {
  if (text.length !== TICKET_LENGTH) return void 0;
  const ticket = fromBase64url(text);
  if (ticket.length !== TICKET_BYTES || ticket[0] !== VERSION2) return void 0;
  const id = toBase64url(ticket.subarray(1, 1 + KEY_ID_BYTES));
  const by = secrets.find((secret2) => secret2.id === id);
  if (!by) return void 0;
  const { key, nonce } = await sealingKey(by.secret, ticket.subarray(1 + KEY_ID_BYTES, HEAD_BYTES));
  const plain = await openBytes(key, nonce, ticket.subarray(HEAD_BYTES), ticket.subarray(0, HEAD_BYTES));
  if (plain?.length !== CONTENT_BYTES) return void 0;
  const expiresAt = Number(new DataView(plain.buffer, plain.byteOffset).getBigUint64(96));
  return {
    key: plain.slice(0, 32),
    holder: plain.slice(32, 64),
    audience: plain.slice(64, 96),
    expiresAt
  };
}
async function sealingKey(secret2, random) {
  const bytes = await hkdf(secret2, random, `${NAMESPACE}/ticket-seal/1`, 44);
  return { key: bytes.subarray(0, 32), nonce: bytes.subarray(32) };
}
var PURPOSE = `${NAMESPACE}/ticket-key/1`;
async function ticketKey(own2, peer, agreement) {
  const peerKey = readAgreementKey(peer);
  const shared = peerKey && await own2.agree(peerKey);
  if (!shared || shared.every((byte) => byte === 0)) return void 0;
  const { proof: proof2, audience: audience2, thumbprint, agentKey, serverKey } = agreement;
  const info = [PURPOSE, audience2, thumbprint, agentKey, serverKey].join("\n");
  return hkdf(shared, await sha256(proof2), info, 32);
}
var MAX_OPENED = 1e4;
var Tickets = class {
  /** Seconds. */
  #lifetime;
  #audiences;
  /** The first seals, all open. */
  #ring;
  #opened = /* @__PURE__ */ new Map();
  #limit = new GrantLimit();
  constructor(lifetime, ring, audiences) {
    this.#lifetime = lifetime;
    this.#audiences = audiences;
    this.#ring = Promise.all(ring.map(nameRingSecret));
    this.#ring.catch(() => {
    });
  }
  /** Opens a ticket, whatever its time. @returns `undefined` if no secret of the ring sealed it. */
  open(text) {
    return this.#opened.get(text) ?? this.#open(text);
  }
  /** Remembers a ticket under which a MAC has held, so that opening it again costs nothing. The oldest makes room. */
  remember(text, ticket) {
    if (this.#opened.has(text)) return;
    this.#opened.set(structuredClone(text), ticket);
    const [oldest] = this.#opened.size > MAX_OPENED ? this.#opened.keys() : [];
    if (oldest !== void 0) this.#opened.delete(oldest);
  }
  /** Forgets a ticket that has expired. */
  forget(text) {
    this.#opened.delete(text);
  }
  /** Grants a ticket. @returns `undefined` where there is nothing to grant, or no more for now. Never throws. */
  async grant({ agentKey, rootKey, now, ...asked }) {
    try {
      if (!readAgreementKey(agentKey)) return void 0;
      if (!this.#limit.permit(`${rootKey} ${asked.audience}`)) return void 0;
      const own2 = await createAgreement();
      const serverKey = toBase64url(own2.publicKey);
      const key = await ticketKey(own2, agentKey, { ...asked, agentKey, serverKey });
      const holder = decodeBase64url(asked.thumbprint);
      if (!key || holder?.length !== 32) return void 0;
      const content = { key, holder, audience: await sha256(asked.audience), expiresAt: now + this.#lifetime };
      const random = crypto.getRandomValues(new Uint8Array(24));
      const ticket = await sealTicket((await this.#ring)[0], random, content);
      return { ticket, epk: serverKey, expires_in: this.#lifetime };
    } catch {
      return void 0;
    }
  }
  async #open(text) {
    const content = await openTicket2(await this.#ring, text);
    if (!content) return void 0;
    const [key, head] = await Promise.all([importMacKey(content.key), macHead(text)]);
    const audience2 = await this.#audienceOf(toBase64url(content.audience));
    return { key, head, holder: toBase64url(content.holder), audience: audience2, expiresAt: content.expiresAt };
  }
  async #audienceOf(hash) {
    for (const audience2 of this.#audiences) if (toBase64url(await sha256(audience2)) === hash) return audience2;
    return void 0;
  }
};
var OPTIONS4 = { lifetime: true, ring: true };
var DEFAULT_LIFETIME2 = 300;
var MAX_SECRETS = 8;
var LEAST_BYTES = 32;
function configureTickets({ tickets = {}, instances }, { scope }, audiences) {
  if (tickets === false) return void 0;
  if (typeof tickets !== "object" || tickets === null) throw optionError("tickets", "must be false or an object");
  refuseUnknownOptions(tickets, OPTIONS4, "tickets");
  const lifetime = wholeSeconds("tickets.lifetime", tickets.lifetime ?? DEFAULT_LIFETIME2, 30, 3600);
  const ring = ringOf(tickets.ring, scope);
  if (!ring && instances === "multiple") return void 0;
  return new Tickets(lifetime, ring ?? [crypto.getRandomValues(new Uint8Array(LEAST_BYTES))], audiences);
}
function ringOf(ring, scope) {
  if (ring === void 0) return void 0;
  const isSecret = (secret2) => secret2 instanceof Uint8Array && secret2.length >= LEAST_BYTES;
  if (!Array.isArray(ring) || ring.length === 0 || ring.length > MAX_SECRETS || !ring.every(isSecret)) {
    throw optionError(
      "tickets.ring",
      `must be 1\u2013${MAX_SECRETS} secrets of at least ${LEAST_BYTES} bytes; \`attest ticket-ring new\` makes one`
    );
  }
  const [first, ...rest] = ring.map((secret2) => secret2.slice());
  if (new Set(ring.map((secret2) => secret2.join())).size < ring.length) {
    throw optionError("tickets.ring", "must not hold one secret twice");
  }
  if (scope !== "shared") {
    throw optionError(
      "tickets.ring",
      "needs a replay cache that is shared between the instances, or each accepts a replay once. Use RedisReplayCache of @attest/cache-redis; a single instance needs no ring"
    );
  }
  return [first, ...rest];
}
function resolverOf({ keyResolver, trustedIssuers }, issuers) {
  const listed = trustedIssuers.filter(({ keys }) => keys !== void 0);
  const others = trustedIssuers.filter(({ keys }) => keys === void 0).map(({ issuer: issuer2 }) => issuer2);
  if (keyResolver === void 0 && others.length > 0) {
    throw optionError("keyResolver", `must be given, or keys for each trusted issuer: ${others.join(", ")} has none`);
  }
  if (keyResolver !== void 0) assertResolver(keyResolver, others);
  if (listed.length === 0) return keyResolver;
  const byValue = new KeysByValue();
  for (const { issuer: issuer2, keys = [] } of listed) {
    if (keyResolver?.issuers?.includes(issuer2)) {
      throw optionError("keyResolver", `must not know ${issuer2} too, which lists its own keys (trustedIssuers.keys)`);
    }
    byValue.list(issuer2, keys, issuers.get(issuer2).formats);
  }
  return keyResolver === void 0 ? byValue : combineKeyResolvers(byValue, keyResolver);
}
function assertResolver(keyResolver, issuers) {
  if (typeof keyResolver?.resolve !== "function") throw optionError("keyResolver", "must have a resolve function");
  const known = keyResolver.issuers;
  if (!known?.length) return;
  const orphan = issuers.find((issuer2) => !known.includes(issuer2));
  if (orphan === void 0) return;
  throw optionError(
    "keyResolver",
    `knows no keys of the trusted issuer ${orphan}. Add them to the resolver (addKey, jwksUri) or to the issuer (keys). Issuers are compared byte for byte; the resolver knows ${known.join(", ")}`
  );
}
var KeysByValue = class {
  #keys = /* @__PURE__ */ new Map();
  #jwks = /* @__PURE__ */ new Map();
  get issuers() {
    return [...this.#jwks.keys()];
  }
  /** @throws AttestationError `ERR_OPTION` for keys that could not be told apart, or as `importVerificationKey`. */
  list(issuer2, jwks, formats) {
    if (!Array.isArray(jwks) || jwks.length === 0) {
      throw optionError("trustedIssuers.keys", `must list at least one public JWK for ${issuer2}`);
    }
    const kids = jwks.map((jwk) => jwk?.kid);
    if (!kids.every(isKid)) throw optionError("trustedIssuers.keys", `need a kid each for ${issuer2}`);
    if (new Set(kids).size < kids.length) throw optionError("trustedIssuers.keys", `list a kid of ${issuer2} twice`);
    const importKey = keyImporterOf(formats);
    if (importKey === importVerificationKey) jwks.forEach(vetPublicJwk);
    this.#jwks.set(issuer2, { jwks: structuredClone([...jwks]), importKey });
    this.#keys.set(issuer2, /* @__PURE__ */ new Map());
  }
  resolve(issuer2, kid) {
    const keys = this.#keys.get(issuer2);
    const known = keys?.get(kid);
    if (known !== void 0) return known;
    const { jwks, importKey } = this.#jwks.get(issuer2) ?? {};
    const jwk = jwks?.find((candidate) => candidate.kid === kid);
    if (!jwk || !importKey || !keys) return void 0;
    const importing = importKey(jwk).then((key) => {
      keys.set(kid, key);
      return key;
    });
    importing.catch(() => {
    });
    keys.set(kid, importing);
    return importing;
  }
  hasKeys(issuer2) {
    return this.#jwks.has(issuer2);
  }
  /** @throws AttestationError of `importVerificationKey` for a listed key that cannot be used. */
  async ready() {
    for (const [issuer2, { jwks }] of this.#jwks) {
      for (const { kid = "" } of jwks) {
        const key = this.resolve(issuer2, kid);
        try {
          if (isPending(key)) await key;
        } catch (error) {
          const { code, message: message3 } = error;
          throw new AttestationError(code, `The key ${kid} of the trusted issuer ${issuer2} cannot be used. ${message3}`);
        }
      }
    }
  }
};
function configure(options) {
  refuseUnknownOptions(options, VERIFIER_OPTIONS, "a verifier");
  const {
    policy = "required",
    requiredClaims = [],
    proofAlgorithms = SIGNING_ALGORITHMS,
    instances = "single",
    clockTolerance = DEFAULT_CLOCK_TOLERANCE,
    proofWindow = DEFAULT_PROOF_WINDOW,
    nodeSkew = DEFAULT_NODE_SKEW,
    maxCachedAttestations = 1e4,
    maxDelegationDepth = 0
  } = options;
  const clock = callable("clock", options.clock) ?? systemClock;
  const { replayCache = new InMemoryReplayCache({ clock }) } = options;
  assertReplayCache(replayCache, oneOf("instances", instances, ["single", "multiple"]));
  assertObserver(options.observer);
  const issuers = configureIssuers(options.trustedIssuers, flag("allowBearer", options.allowBearer));
  const audiences = configureAudiences(options.audience);
  const formats = inOrderOfRecognition([...issuers.byName.values()].flatMap((issuer2) => issuer2.formats));
  return Object.freeze({
    issuers: issuers.byName,
    issuersByTrustDomain: issuers.byTrustDomain,
    formats: Object.freeze(formats),
    tokenLimits: widestOf(formats.map(({ limits }) => limits)),
    keyResolver: resolverOf(options, issuers.byName),
    audiences,
    policy: oneOf("policy", policy, POLICIES),
    allowMultipleAudiences: flag("allowMultipleAudiences", options.allowMultipleAudiences),
    requiredClaims: configureRequiredClaims(requiredClaims),
    proofAlgorithms: configureProofAlgorithms(proofAlgorithms),
    replayCache,
    clock,
    clockTolerance: wholeSeconds("clockTolerance", clockTolerance, 0, 300),
    proofWindow: wholeSeconds("proofWindow", proofWindow, 1, 300),
    nodeSkew: wholeSeconds("nodeSkew", nodeSkew, 1, 300),
    maxLifetime: configureMaxLifetime(options.maxLifetime, formats),
    maxCachedAttestations: wholeNumber("maxCachedAttestations", maxCachedAttestations, 1, 1e6),
    maxDelegationDepth: wholeNumber("maxDelegationDepth", maxDelegationDepth, 0, MAX_LINKS),
    isRevoked: callable("isRevoked", options.isRevoked)?.bind(options),
    statusSource: configureStatusSource(options, issuers.byName.values()),
    tickets: configureTickets(options, replayCache, audiences),
    observer: options.observer
  });
}
function inOrderOfRecognition(formats) {
  const own2 = Object.values(OWN_FORMATS);
  const each = [...new Set(formats)];
  return [...each.filter((format) => !own2.includes(format)), ...each.filter((format) => own2.includes(format))];
}
function assertReplayCache(replayCache, instances) {
  if (typeof replayCache?.consume !== "function") throw optionError("replayCache", "must have a consume function");
  if (replayCache.scope === "shared") return;
  if (instances === "multiple") {
    throw optionError(
      "replayCache",
      "must be shared between the instances, or each accepts a replay once. Use RedisReplayCache of @attest/cache-redis, or a cache of your own with the scope `shared`"
    );
  }
  if (isClusterWorker()) {
    throw optionError(
      "instances",
      "must be `multiple` in a worker of node:cluster, with a replay cache that all workers share, or each worker accepts a replay once. Use RedisReplayCache of @attest/cache-redis"
    );
  }
}
function configureAudiences(audience2) {
  const audiences = typeof audience2 === "string" ? [audience2] : audience2;
  if (!Array.isArray(audiences) || audiences.length === 0 || !audiences.every(isAbsoluteUri)) {
    const bare = [audience2].flat().find((name) => typeof name === "string" && /^[\w.-]+(?:\/|$)/.test(name));
    const hint = bare === void 0 ? "" : "; got a value without a scheme";
    throw optionError("audience", `must be an absolute URI such as https://bank.example/mcp, or a list of them${hint}`);
  }
  return Object.freeze([...audiences]);
}
function configureRequiredClaims(claims) {
  if (!Array.isArray(claims)) throw optionError("requiredClaims", "must be a list of claims");
  const names = Object.freeze([...claims]);
  const wrong = names.findIndex((name) => typeof name !== "string" || !Object.hasOwn(REQUIRABLE_CLAIMS, name));
  if (wrong !== -1) {
    const known = Object.keys(REQUIRABLE_CLAIMS).join(", ");
    throw optionError("requiredClaims", `must be among ${known}; got ${String(names[wrong])}`);
  }
  return names;
}
function configureProofAlgorithms(list) {
  if (Array.isArray(list) && list.length > 0 && list.every(isSigningAlgorithm)) return Object.freeze([...list]);
  throw optionError("proofAlgorithms", `must be a list of ${SIGNING_ALGORITHMS.join(" or ")}`);
}
function configureMaxLifetime(maxLifetime = {}, enabled) {
  const formats = new Map([...Object.values(OWN_FORMATS), ...enabled].map((format) => [format.name, format]));
  if (typeof maxLifetime !== "object" || maxLifetime === null || Array.isArray(maxLifetime)) {
    throw optionError("maxLifetime", `must be an object of seconds, with ${[...formats.keys()].join(", ")}`);
  }
  refuseUnknownOptions(maxLifetime, Object.fromEntries([...formats.keys()].map((name) => [name, true])), "maxLifetime");
  const limits = [...formats].map(([name, { lifetime }]) => [
    name,
    wholeSeconds(
      `maxLifetime.${name}`,
      maxLifetime[name] === void 0 ? lifetime.usual : maxLifetime[name],
      1,
      lifetime.most
    )
  ]);
  return new Map(limits);
}
function verificationEvent(result, policy, seen, duration) {
  const { format, issuer: issuer2 } = seen.known ?? seen.token ?? {};
  return {
    type: "verification",
    outcome: result.outcome,
    policy,
    trustLevel: result.trustLevel,
    ...format && { format: format.name, profile: profileOf(format) },
    ...seen.use && { proof: seen.use.proofKind },
    ...issuer2 && { issuer: issuer2.issuer },
    ..."code" in result && { reason: result.reason, code: result.code },
    ...result.verified && { subject: result.subject },
    ...result.verified && result.keyThumbprint !== void 0 && { keyThumbprint: result.keyThumbprint },
    ...result.verified && result.delegation && { delegation: delegatedTo(result.delegation) },
    ...result.verified && result.layers[1] && { nestedIssuer: result.layers[1].issuer },
    ...seen.token && { facts: factsOf(seen, seen.token, "code" in result ? result.code : void 0) },
    remembered: seen.known !== void 0,
    duration
  };
}
var MAX_FACT = 256;
function factsOf({ known, use }, token, code) {
  const { jws, now } = token;
  const attestation2 = known ? { ...known.claims } : jws?.payload;
  const proof2 = use?.macProof ? { iat: use.macProof.iat, aud: use.ticket?.audience } : use?.proof?.payload;
  const ofProof = use?.statement.format.proof === "signature" && code !== void 0 && /^ERR_(PROOF|REPLAY|TICKET)/.test(code);
  const judged = ofProof ? proof2 : attestation2;
  const kid = words(known?.kid ?? jws?.header.kid);
  const audience2 = words(proof2?.["aud"]) ?? words(attestation2?.["aud"]);
  const issuedAt = time(judged?.["iat"]);
  const expiresAt = time(judged?.["exp"]);
  return {
    ...kid !== void 0 && { kid },
    ...audience2 !== void 0 && { audience: audience2 },
    ...issuedAt !== void 0 && { issuedAt },
    ...expiresAt !== void 0 && { expiresAt },
    now
  };
}
function words(value) {
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((word) => typeof word === "string" && /^[\x20-\x7e]+$/.test(word))) return void 0;
  const text = list.join(" ");
  return text.length <= MAX_FACT ? text : `${text.slice(0, MAX_FACT - 1)}\u2026`;
}
function time(value) {
  return Number.isSafeInteger(value) ? value : void 0;
}
var AttestationVerifier = class {
  /** What it was configured with, defaults filled in. */
  configuration;
  #cached;
  #links;
  #load = { verifying: 0 };
  /** What identities without a proof were concluded from, for as long as a session holds them. */
  #concluded = /* @__PURE__ */ new WeakMap();
  #asked;
  /**
   * Make one for a whole process: two verifiers would each accept the same proof once, unless they share a replay cache.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option that makes no sense.
   */
  constructor(options) {
    this.configuration = configure(options);
    const { maxCachedAttestations } = this.configuration;
    this.#cached = new CachedStatements(maxCachedAttestations);
    this.#links = new CachedLinks(maxCachedAttestations);
    this.#asked = new AskedTickets(this.configuration);
  }
  /**
   * Resolves once keys, replay cache and status lists can serve; call it before listening.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if a trusted issuer has no key, as far as the resolver can tell; what
   * they reject with comes through unchanged.
   */
  async ready() {
    const { issuers, keyResolver, replayCache, statusSource } = this.configuration;
    await Promise.all([keyResolver.ready?.(), replayCache.ready?.(), statusSource?.ready?.()]);
    for (const issuer2 of issuers.keys()) {
      if (await keyResolver.hasKeys?.(issuer2) !== false) continue;
      throw new AttestationError(
        "ERR_KEY_SOURCE_UNAVAILABLE",
        `No key of the trusted issuer ${issuer2} is known, so none of its attestations can be verified`
      );
    }
  }
  /**
   * Verifies what a message came with, in the order of SPEC §6, and uses it up.
   *
   * Never throws for anything that a peer sent. Says who is calling; the server decides what the caller may do.
   *
   * @param token The attestation as received; `undefined` when there was none.
   * @param request The message it is for, and its proof. A bound attestation is refused without it.
   */
  verify(token, request) {
    const { observer } = this.configuration;
    return observer ? this.#observed(observer, token, request) : this.#decide(token, request);
  }
  /**
   * Asks again what can have changed since a token without a proof opened a session: whether its issuer still has the key
   * that signed it, and whether it was revoked (T21).
   *
   * @param attestation A result of this verifier.
   * @returns The refusal, or `undefined` if the identity still stands. Any other object than such a result of this
   * verifier is refused.
   */
  async recheck(attestation2) {
    const now = this.#now();
    if (now === void 0) return refuse(noTime(), void 0);
    const statement = this.#concluded.get(attestation2);
    if (!statement) {
      return refuse(refusal("ERR_INTERNAL", "The identity is not one that this verifier established"), now);
    }
    try {
      const answer = await SESSION_RECHECKS({ ...this.#judging(now), statement });
      return answer instanceof Refusal ? refuse(answer, now) : void 0;
    } catch {
      return refuse(failed(), now);
    }
  }
  /**
   * Grants the ticket that a signed proof asked for with `ticket_epk` (SPEC §19), once for each verification. Call it only for a message
   * that is let through, and send the grant with its answer.
   *
   * @param attestation A result of this verifier.
   * @returns `undefined` where nothing was asked for, or nothing is granted: tickets are off, the key is malformed, or this
   * agent was granted four within the last second. Never throws.
   */
  grantTicket(attestation2) {
    return this.#asked.grant(attestation2);
  }
  async #observed(observer, token, request) {
    const started = performance.now();
    const { traceparent, tracestate } = request ?? {};
    const end = begin(observer, {
      name: "verify",
      ...traceparent !== void 0 && { traceparent },
      ...tracestate !== void 0 && { tracestate }
    });
    const seen = {};
    const result = await this.#decide(token, request, seen);
    const duration = (performance.now() - started) / 1e3;
    const event = verificationEvent(result, this.configuration.policy, seen, duration);
    end(event);
    notify(observer, event);
    return result;
  }
  /** @param seen Where the facts are left for whoever reports on them. */
  async #decide(token, request, seen) {
    if (token === void 0) {
      return this.#refuseNothing(request) ?? { outcome: "absent", verified: false, trustLevel: "none" };
    }
    const now = this.#now();
    if (now === void 0) return refuse(noTime(), void 0);
    const { policy, tokenLimits } = this.configuration;
    const provable = typeof token === "string" && token.length <= tokenLimits.length && request?.proof !== void 0;
    this.#load.verifying++;
    try {
      const tokenHash = await (provable ? digest(token) : void 0);
      const presented = beginToken(this.#judging(now), token);
      if (seen) seen.token = presented;
      const checked = this.#check(presented, { request, tokenHash }, seen);
      const used = isPending(checked) ? await checked : checked;
      return used instanceof Refusal ? settle(used, policy, now) : this.#conclude(used);
    } catch {
      return settle(failed(), policy, now);
    } finally {
      this.#load.verifying--;
    }
  }
  /** Assesses the statement, or takes up what is cached of it, and then its use. @returns The facts of the use. */
  #check(presented, { request, tokenHash }, seen) {
    const { token } = presented;
    const proved = request?.proof !== void 0;
    const assessed = isChain(token) ? assessChain(presented, { token, proved }, this.#links, (root, hash) => this.#assessRoot(root, hash, seen)) : this.#assess(presented, tokenHash, seen);
    return after(assessed, (statement) => {
      if (statement instanceof Refusal) return statement;
      const proofKind = proofKindOf(statement.format, request?.proof);
      const { checks, remembers } = USES[proofKind];
      const facts = beginUse(presented, statement, request, proofKind, tokenHash);
      if (seen) seen.use = facts;
      if (!remembers || tokenHash === void 0) return after(checks(facts), (used) => refusalIn(used) ?? facts);
      const { root, rootHash } = statement.delegation ?? { root: statement, rootHash: tokenHash };
      this.#cached.hold(rootHash, root);
      return after(checks(facts), (used) => {
        const refused = refusalIn(used);
        if (refused) return refused;
        this.#cached.keep(rootHash, root);
        if (statement.delegation) this.#links.keep(statement.delegation);
        return facts;
      });
    });
  }
  /** The same of the root of a chain, which is held while its links are verified: a forged link costs no more than one signature. */
  #assessRoot(root, hash, seen) {
    return after(this.#assess(root, hash, seen), (statement) => {
      if (!(statement instanceof Refusal)) this.#cached.hold(hash, statement);
      return statement;
    });
  }
  /** Assesses one token, or takes up what is cached of it. */
  #assess(presented, hash, seen) {
    const known = hash === void 0 ? void 0 : this.#cached.get(hash);
    if (seen) seen.token = presented;
    if (seen && known) seen.known = known;
    return known ? this.#recall(presented, known, hash) : assessStatement(presented);
  }
  /** Takes up what is cached of an attestation, after asking again what can have changed. */
  #recall({ configuration, now, load, chained }, statement, tokenHash) {
    return after(RECHECKS({ configuration, now, load, chained, statement }), (checked) => {
      const refused = refusalIn(checked);
      if (refused && tokenHash !== void 0) this.#cached.forget(tokenHash);
      return refused ?? statement;
    });
  }
  #conclude(facts) {
    const { statement, proofKind } = facts;
    const context = contextOf(statement, proofKind);
    if (!USES[proofKind].remembers) this.#concluded.set(context, statement);
    this.#asked.note(context, facts);
    return context;
  }
  #refuseNothing(request) {
    if (request?.proof !== void 0) {
      return refuse(refusal("ERR_PROOF_UNEXPECTED", "A proof came without an attestation"), void 0);
    }
    if (this.configuration.policy !== "required") return void 0;
    return refuse(refusal("ERR_ATTESTATION_REQUIRED", "An attestation is required and none was presented"), void 0);
  }
  #judging(now) {
    return { configuration: this.configuration, now, load: this.#load, chained: false };
  }
  /** The time in whole seconds; `undefined` from a clock that tells none, by which nothing can be judged (T19). */
  #now() {
    try {
      const now = Math.floor(this.configuration.clock());
      return Number.isSafeInteger(now) ? now : void 0;
    } catch {
      return void 0;
    }
  }
};
function refusalIn(answer) {
  return answer instanceof Refusal ? answer : void 0;
}
function noTime() {
  return refusal("ERR_CLOCK", "The verifier's clock returned an invalid time");
}
function failed() {
  return refusal("ERR_INTERNAL", "The verifier failed; nothing was accepted");
}
var InMemoryKeyResolver = class {
  #issuers = /* @__PURE__ */ new Map();
  get issuers() {
    return [...this.#issuers.keys()];
  }
  /** The key of this issuer under this `kid`, and of no other (K7). */
  resolve(issuer2, kid) {
    return this.#issuers.get(issuer2)?.get(kid)?.key;
  }
  hasKeys(issuer2) {
    return (this.#issuers.get(issuer2)?.size ?? 0) > 0;
  }
  /**
   * Adds a public key under an issuer; the JWK needs a `kid`.
   *
   * @param importKey Reads the key. Default: `importVerificationKey`. `spiffeJwtSvid.importKey` also takes RSA keys and others.
   * @throws AttestationError as `importKey`, or `ERR_KEY_DUPLICATE` if that issuer already has that `kid` (K4).
   */
  async addKey(issuer2, jwk, importKey = importVerificationKey) {
    if (typeof issuer2 !== "string" || issuer2 === "") throw optionError("issuer", "must be a non-empty string");
    const key = await importKey(jwk);
    if (!isKid(key.kid)) throw new AttestationError("ERR_KEY_FORMAT", "The JWK needs a `kid` to be found by");
    const keys = this.#issuers.get(issuer2) ?? /* @__PURE__ */ new Map();
    if (keys.has(key.kid))
      throw new AttestationError("ERR_KEY_DUPLICATE", "The issuer already has a key with this `kid`");
    keys.set(key.kid, { jwk: structuredClone(jwk), key });
    this.#issuers.set(issuer2, keys);
  }
  /** Adds the public half of a key pair, or of anything that signs. */
  addKeyPair(issuer2, keyPair) {
    return this.addKey(issuer2, keyPair.toJwk());
  }
  /** Removes a key; attestations it signed are refused from then on, remembered ones too. */
  removeKey(issuer2, kid) {
    this.#issuers.get(issuer2)?.delete(kid);
  }
  /** The issuer's key set as it would be published. */
  toJwks(issuer2) {
    return { keys: [...this.#issuers.get(issuer2)?.values() ?? []].map(({ jwk }) => structuredClone(jwk)) };
  }
};
var OPTIONS5 = { kid: true, algorithm: true };
var KeyPair = class _KeyPair {
  kid;
  algorithm;
  #privateJwk;
  #handle;
  constructor(kid, algorithm, jwk, handle) {
    this.kid = kid;
    this.algorithm = algorithm;
    this.#privateJwk = jwk;
    this.#handle = handle;
  }
  /**
   * Makes a new key pair.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  static async generate(options = {}) {
    refuseUnknownOptions(options, OPTIONS5, "a new key");
    const { kid, algorithm = "Ed25519" } = options;
    if (kid !== void 0 && !isKid(kid)) throw optionError("kid", "must be 1\u2013256 visible ASCII characters");
    if (!isSigningAlgorithm(algorithm)) {
      throw optionError("algorithm", `must be ${SIGNING_ALGORITHMS.join(" or ")}`);
    }
    const jwk = await generatePrivateJwk(algorithm);
    return _KeyPair.fromJwk(kid === void 0 ? jwk : { ...jwk, kid });
  }
  /**
   * Takes up a private key kept as JWK; without a `kid`, its thumbprint becomes the `kid`.
   *
   * @throws AttestationError as `importVerificationKey`, or `ERR_KEY_FORMAT` if the two halves do not belong together.
   */
  static async fromJwk(jwk) {
    if (typeof jwk?.d !== "string") throw new AttestationError("ERR_KEY_FORMAT", "The JWK has no private half (`d`)");
    const { d, ...publicHalf } = jwk;
    const { key_ops: _, ...publicJwk } = publicHalf;
    const key = await importVerificationKey(publicJwk);
    const { algorithm, jwk: bareHalf } = vetPublicJwk(publicJwk);
    const kid = key.kid ?? key.thumbprint;
    const bare = { ...bareHalf, d };
    let handle;
    try {
      handle = await importPrivateKey(bare, algorithm);
      const probe = new TextEncoder().encode(kid);
      if (!await key.verify(probe, await signData(algorithm, handle, probe))) throw new Error();
    } catch {
      throw new AttestationError("ERR_KEY_FORMAT", "The private and public halves of the JWK do not belong together");
    }
    return new _KeyPair(kid, algorithm, { ...bare, kid }, handle);
  }
  sign(data) {
    return signData(this.algorithm, this.#handle, data);
  }
  /**
   * The public half, ready to publish. `alg` is left out for an Ed25519 key: a verifier of either name, `EdDSA` or
   * `Ed25519`, must find it, and some compare `alg` literally.
   */
  toJwk() {
    const { d, ...publicJwk } = this.#privateJwk;
    const { published: alg } = ALGORITHMS[this.algorithm];
    return { ...publicJwk, ...alg !== void 0 && { alg }, use: "sig" };
  }
  /** The private key, to be stored readable by its owner alone. */
  async toPrivateJwk() {
    return { ...this.#privateJwk };
  }
};

// dist/index.js
var NOTHING3 = new Uint8Array();
var PREFIX2 = `${NAMESPACE}/possession`;
function possessionInput(challenge, ...rest) {
  if (rest.length === 0) return possessionInput1(challenge);
  const [authority] = rest;
  if (!isAbsoluteUri(authority))
    throw optionError("authority", "must be the absolute URI at which attestations are asked for");
  return new TextEncoder().encode(`${PREFIX2}/2
${authority}
${challenge}`);
}
function possessionInput1(challenge) {
  return new TextEncoder().encode(`${PREFIX2}
${challenge}`);
}

// dist/chunk-X63T7LUN.js
function readForeignClaims(payload, members) {
  const reader = new ClaimReader(payload);
  const claims = {
    sub: reader.text("sub", LONG_IDENTIFIER),
    exp: reader.time("exp")
  };
  const iss = members.issuer ? reader.optionalText("iss", LONG_IDENTIFIER) : void 0;
  const aud = reader.optionalAudience("aud");
  const iat = reader.optionalTime("iat");
  const nbf = reader.optionalTime("nbf");
  const jti = reader.optionalText("jti", IDENTIFIER);
  const jwk = members.key ? readConfirmationKey(reader, "alg") : void 0;
  const status = readStatus(reader);
  if (iss !== void 0) claims.iss = iss;
  if (aud !== void 0) claims.aud = aud;
  if (iat !== void 0) claims.iat = iat;
  if (nbf !== void 0) claims.nbf = nbf;
  if (jti !== void 0) claims.jti = jti;
  if (jwk) claims.cnf = Object.freeze({ jwk });
  if (status) claims.status = status;
  return reader.problem === void 0 ? { claims: Object.freeze(claims) } : { problem: reader.problem };
}
var pkcs1 = (hash) => ({ kty: "RSA", web: { name: "RSASSA-PKCS1-v1_5", hash } });
var pss = (hash, saltLength) => ({
  kty: "RSA",
  web: { name: "RSA-PSS", hash, saltLength }
});
var ecdsa2 = (crv, hash, signatureBytes) => ({
  kty: "EC",
  crv,
  signatureBytes,
  web: { name: "ECDSA", hash, namedCurve: crv }
});
var FOREIGN_ALGORITHMS = {
  RS256: pkcs1("SHA-256"),
  RS384: pkcs1("SHA-384"),
  RS512: pkcs1("SHA-512"),
  PS256: pss("SHA-256", 32),
  PS384: pss("SHA-384", 48),
  PS512: pss("SHA-512", 64),
  ES384: ecdsa2("P-384", "SHA-384", 96),
  ES512: ecdsa2("P-521", "SHA-512", 132)
};
function isForeignAlgorithm(name) {
  return typeof name === "string" && Object.hasOwn(FOREIGN_ALGORITHMS, name);
}
var USES2 = [void 0, "sig", "jwt-svid", "wit-svid"];
var RSA_ALGORITHMS = Object.keys(FOREIGN_ALGORITHMS).filter(
  (name) => isForeignAlgorithm(name) && FOREIGN_ALGORITHMS[name].kty === "RSA"
);
var RSA_BITS = { least: 2048, most: 8192 };
var MAX_EXPONENT_BYTES = 4;
async function importForeignKey(jwk) {
  refusePrivate(jwk);
  const { use, ...unused } = jwk;
  if (!USES2.includes(use)) throw unsupported("has a `use` other than `sig`, `jwt-svid` or `wit-svid`");
  const marks = use === void 0 ? {} : { use };
  const own2 = SIGNING_ALGORITHMS.some((name) => ALGORITHMS[name].kty === jwk.kty && ALGORITHMS[name].crv === jwk.crv);
  if (own2) return Object.freeze({ ...await importVerificationKey(unused), ...marks });
  const vetted = vetForeignJwk(jwk);
  const { kid } = jwk;
  const thumbprint = await digest(JSON.stringify(vetted.jwk));
  const handles = /* @__PURE__ */ new Map([[vetted.algorithms[0], await importHandle(vetted)]]);
  const keyFor = (algorithm) => Object.freeze({
    algorithm,
    ...kid !== void 0 && { kid },
    ...marks,
    thumbprint,
    async verify(data, signature) {
      if (signature.length !== vetted.signatureBytes) return false;
      const handle = handles.get(algorithm) ?? await importHandle(vetted, algorithm);
      handles.set(algorithm, handle);
      return globalThis.crypto.subtle.verify(FOREIGN_ALGORITHMS[algorithm].web, handle, signature, data);
    },
    as: (other) => isOneOf(vetted.algorithms, other) ? keyFor(other) : void 0
  });
  return keyFor(vetted.algorithms[0]);
}
function vetForeignJwk(jwk) {
  assertVerifying(jwk);
  if (jwk.kty === "RSA") return vetRsa(jwk);
  const algorithm = Object.keys(FOREIGN_ALGORITHMS).find(
    (name) => isForeignAlgorithm(name) && jwk.kty === "EC" && FOREIGN_ALGORITHMS[name].crv === jwk.crv
  );
  if (!algorithm) throw unsupported("is no Ed25519, EC (P-256, P-384, P-521) or RSA key");
  if (jwk.alg !== void 0 && jwk.alg !== algorithm) throw keyFormatError("has an `alg` that is not its type's");
  const { crv = "", kty, signatureBytes = 0 } = FOREIGN_ALGORITHMS[algorithm];
  for (const coordinate of ["x", "y"]) {
    if (bytesOf(jwk[coordinate])?.length !== signatureBytes / 2) {
      throw keyFormatError(`has an \`${coordinate}\` that is not ${signatureBytes / 2} bytes in canonical base64url`);
    }
  }
  const { x = "", y = "" } = jwk;
  return { jwk: { crv, kty, x, y }, algorithms: [algorithm], signatureBytes };
}
function vetRsa(jwk) {
  const { alg, e = "", kty, n = "" } = jwk;
  const algorithms = alg === void 0 ? RSA_ALGORITHMS : RSA_ALGORITHMS.filter((name) => name === alg);
  const [first, ...others] = algorithms;
  if (first === void 0) throw keyFormatError("has an `alg` that is not its type's");
  const modulus = bytesOf(n);
  const exponent = bytesOf(e);
  if (!modulus?.[0] || !exponent?.[0]) {
    throw keyFormatError("has an `n` or `e` that is no number in canonical base64url without leading zero bytes");
  }
  const bits = 8 * modulus.length - Math.clz32(modulus[0]) + 24;
  if (bits < RSA_BITS.least) throw weak(`is an RSA key of fewer than ${RSA_BITS.least} bits`);
  if (bits > RSA_BITS.most) throw unsupported(`is an RSA key of more than ${RSA_BITS.most} bits`);
  if (exponent.length === 1 && exponent[0] === 1) throw weak("is an RSA key with the exponent 1");
  if (!isOdd(modulus) || !isOdd(exponent)) throw keyFormatError("has an `n` or `e` that is even");
  if (exponent.length > MAX_EXPONENT_BYTES) throw unsupported(`has an \`e\` of more than ${MAX_EXPONENT_BYTES} bytes`);
  return { jwk: { e, kty, n }, algorithms: [first, ...others], signatureBytes: modulus.length };
}
async function importHandle({ jwk, algorithms }, algorithm = algorithms[0]) {
  try {
    const parameters = FOREIGN_ALGORITHMS[algorithm].web;
    return await globalThis.crypto.subtle.importKey("jwk", { ...jwk }, parameters, false, ["verify"]);
  } catch (error) {
    if (error.name === "NotSupportedError") throw unsupported("is of a type this platform lacks");
    throw keyFormatError("is not a key of its type");
  }
}
function bytesOf(member) {
  return typeof member === "string" && member !== "" ? decodeBase64url(member) : void 0;
}
function isOdd(bytes) {
  return ((bytes.at(-1) ?? 0) & 1) === 1;
}
function isOneOf(algorithms, name) {
  return isForeignAlgorithm(name) && algorithms.includes(name);
}
function unsupported(problem) {
  return new AttestationError("ERR_KEY_UNSUPPORTED", `The JWK ${problem}`);
}
function weak(problem) {
  return new AttestationError("ERR_KEY_WEAK", `The JWK ${problem}`);
}
var SVID_ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512"
];
var SVID_LIMITS = { ...ATTESTATION_LIMITS, signature: { least: 64, most: 1024 } };

// dist/formats/spiffe-jwt-svid.js
var spiffeJwtSvid = /* @__PURE__ */ defineFormat(
  () => ({
    name: "spiffe-jwt-svid",
    proof: "none",
    lifetime: { usual: 900, most: 3600 },
    algorithms: new Map(SVID_ALGORITHMS.map((name) => [name, name])),
    usualAlgorithms: SVID_ALGORITHMS,
    limits: { ...SVID_LIMITS, untyped: true },
    importKey: importForeignKey
  }),
  {
    recognises: isJwtSvid,
    keyUses: [void 0, "sig", "jwt-svid"],
    checks: (given) => JWT_SVID(given)
  }
);
var TYPES = [void 0, "JWT", "JOSE"];
var ATTESTATION_ONLY = ["agent_identity", "attestation_metadata"];
function isJwtSvid({ header, payload }) {
  return TYPES.includes(header.typ) && !ATTESTATION_ONLY.some((claim) => Object.hasOwn(payload, claim));
}
var JWT_SVID = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findTrustDomain,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims2,
  checkTimes,
  checkForeignLifetime,
  checkUnbound,
  checkSoleAudience,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  takeUse
);
function findTrustDomain({
  jws: { payload },
  configuration
}) {
  const { sub } = payload;
  return issuerOf(typeof sub === "string" ? trustDomainOf(sub) : void 0, configuration);
}
function readClaims2({ jws }) {
  const { claims, problem } = readForeignClaims(jws.payload, { issuer: false, key: false });
  return claims ? { claims } : refusal("ERR_ATTESTATION_CLAIMS", `The JWT-SVID's claims are malformed: ${problem}`);
}
function takeUse({
  jws: { signingInput },
  trustDomain,
  claims: { exp, iat },
  configuration,
  format
}) {
  const issuedAt = iat ?? exp - longestOf(format, configuration);
  return after(digest(signingInput), (id) => ({
    singleUse: { issuer: trustDomain, id, issuedAt, madeAt: issuedAt }
  }));
}

// dist/formats/wimse-wit.js
var WIMSE_ID = /^wimse:\/\/([a-z0-9._-]{1,255})(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~!$&'()*+,;=:@-]+)+$/;
var MAX_LENGTH3 = 2048;
function workloadTrustDomainOf(subject) {
  if (subject.length > MAX_LENGTH3) return void 0;
  return trustDomainOf(subject) ?? WIMSE_ID.exec(subject)?.[1];
}
var TYP2 = "wit+jwt";
var wimseWit = /* @__PURE__ */ defineFormat(
  () => ({
    name: "wimse-wit",
    proof: "signature",
    lifetime: { usual: 3600, most: 3600 },
    algorithms: new Map([
      ...SVID_ALGORITHMS.map((name) => [name, name]),
      ["EdDSA", "Ed25519"],
      ["Ed25519", "Ed25519"]
    ]),
    usualAlgorithms: SVID_ALGORITHMS,
    limits: SVID_LIMITS,
    importKey: importForeignKey
  }),
  {
    recognises: ({ header }) => header.typ === TYP2,
    keyUses: [void 0, "sig", "wit-svid"],
    checks: (given) => WIT(given)
  }
);
var WIT = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findWitIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims3,
  checkTimesByNotBefore,
  checkForeignLifetime,
  checkProofKey,
  checkAudience,
  checkWorkload,
  checkTrustDomain,
  checkRequiredClaims,
  checkRevocation,
  checkStatus
);
function findWitIssuer(facts) {
  const { payload } = facts.jws;
  if (Object.hasOwn(payload, "iss")) return findIssuer(facts);
  const { sub } = payload;
  return issuerOf(typeof sub === "string" ? workloadTrustDomainOf(sub) : void 0, facts.configuration);
}
function readClaims3({ jws }) {
  const { claims, problem } = readForeignClaims(jws.payload, { issuer: true, key: true });
  return claims ? { claims } : refusal("ERR_ATTESTATION_CLAIMS", `The WIT's claims are malformed: ${problem}`);
}
function checkProofKey({
  claims: { cnf },
  jws
}) {
  if (!cnf) return refusal("ERR_CONFIRMATION_KEY", "The WIT lacks the workload's key (cnf.jwk)");
  return takeHolderKey(jws.payload["cnf"].jwk);
}
function checkWorkload({
  claims: { sub }
}) {
  const trustDomain = workloadTrustDomainOf(sub);
  return trustDomain === void 0 ? noWorkload() : { trustDomain };
}

// test/vectors/verifier-of.ts
var LONG_AGO = 1;
var down = () => {
  throw new Error("unavailable");
};
async function verifierOf({
  keys,
  revoked,
  statusLists,
  tickets,
  unavailable: unavailable5 = [],
  unavailableIssuers = [],
  replayCapacity,
  replayCacheMadeAt = LONG_AGO,
  trustedIssuers,
  requiredClaims,
  maxLifetime,
  ...options
}, clock, observer, recorded) {
  const keyResolver = new InMemoryKeyResolver();
  const issuers = trustedIssuers.map(
    ({ formats: names, ...issuer2 }) => names ? { ...issuer2, formats: names.map(foreignFormat), keys: keys[issuer2.issuer]?.keys } : issuer2
  );
  for (const { issuer: issuer2 } of issuers.filter((one) => !("formats" in one))) {
    for (const jwk of keys[issuer2]?.keys ?? []) await keyResolver.addKey(issuer2, jwk);
  }
  const replayCache = new InMemoryReplayCache({
    clock: () => replayCacheMadeAt,
    ...replayCapacity !== void 0 && { maxEntries: replayCapacity, maxShare: 1 }
  });
  return new AttestationVerifier({
    ...options,
    trustedIssuers: issuers,
    requiredClaims,
    // The vectors have the profiles' names.
    ...maxLifetime && { maxLifetime: lifetimesOf(maxLifetime) },
    clock,
    ...observer && { observer },
    ...tickets !== void 0 && {
      tickets: tickets && { ring: tickets.ring.map((text) => decodeBase64url(text)) }
    },
    keyResolver: {
      resolve: (issuer2, kid) => unavailable5.includes("keys") || unavailableIssuers.includes(issuer2) ? down() : keyResolver.resolve(issuer2, kid)
    },
    replayCache: unavailable5.includes("replayCache") ? { scope: "process", consume: down } : recording(replayCache, recorded, tickets ? "shared" : "process"),
    ...revoked && { isRevoked: ({ iss, jti }) => revoked.some((one) => one.iss === iss && one.jti === jti) },
    ...unavailable5.includes("revocation") && { isRevoked: down },
    ...statusLists && { statusSource: statusesIn(statusLists) }
  });
}
function recording(replayCache, recorded, scope) {
  return {
    scope,
    consume(use) {
      recorded?.(use);
      return replayCache.consume(use);
    }
  };
}
function statusesIn(lists) {
  return {
    check(_issuer, { uri, idx }) {
      const list = lists[uri];
      if (!list || idx >= list.size) throw new Error("unavailable");
      return (list.statuses[idx] ?? 0) === 0 ? "valid" : "revoked";
    }
  };
}
function lifetimesOf({ bound, ...others }) {
  return { attestation: bound, ...others };
}
function foreignFormat(name) {
  const found = [spiffeJwtSvid, wimseWit].find((format) => format.name === name);
  if (!found) throw new Error(`No foreign format ${name}`);
  return found;
}
function requestOf({
  request,
  proof: proof2,
  sessionId,
  accessToken,
  overHttp
}) {
  if (request === void 0 && proof2 === void 0) return void 0;
  const body = request?.kind === "http" && request.body !== void 0 ? { body: decodeBase64url(request.body) } : {};
  return {
    ...request,
    ...body,
    ...proof2 !== void 0 && { proof: proof2 },
    ...sessionId !== void 0 && { sessionId },
    ...accessToken !== void 0 && { accessToken },
    ...overHttp !== void 0 && { overHttp }
  };
}
function resultOf({ expected: { serverTime, ...expected } }) {
  return serverTime === void 0 ? expected : { ...expected, advice: { serverTime } };
}

// proof/smoke.ts
var issuer = "https://authority.example";
var audience = "https://server.example/mcp";
var identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
var message2 = { kind: "message", method: "tools/call", params: { name: "transfer", to: "Zo\xEB" } };
var response = { kind: "response", id: 1, result: { action: "accept" } };
var http = { kind: "http", method: "POST", body: new TextEncoder().encode('{"jsonrpc":"2.0"}') };
async function smoke() {
  const problems = [];
  const check2 = (name, result, expected) => {
    const actual = "code" in result ? result.code : result.outcome;
    if (actual !== expected) problems.push(`${name}: ${actual} instead of ${expected}`);
  };
  const pairs = () => Promise.all([KeyPair.generate(), KeyPair.generate({ algorithm: "ES256" })]);
  const [authorityKeys, agentKeys] = [await pairs(), await pairs()];
  const keyResolver = new InMemoryKeyResolver();
  for (const key of authorityKeys) await keyResolver.addKeyPair(issuer, key);
  const verifier = new AttestationVerifier({
    trustedIssuers: [
      { issuer, trustLevel: "provider", trustDomains: ["example.com"], algorithms: ["Ed25519", "ES256"] }
    ],
    keyResolver,
    audience,
    allowBearer: true,
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 })
  });
  for (const authorityKey of authorityKeys) {
    const provider2 = new AttestationIssuer({ issuer, signer: authorityKey });
    for (const signer of agentKeys) {
      const name = `${authorityKey.algorithm} for ${signer.algorithm}`;
      const attestation2 = await provider2.createToken({ identity, confirmationKey: signer.toJwk() });
      const prove = (request) => createProof({ attestation: attestation2, signer, audience, request });
      for (const request of [message2, response, http]) {
        const proof3 = await prove(request);
        check2(`${name}: ${request.kind}`, await verifier.verify(attestation2, { ...request, proof: proof3 }), "verified");
        check2(`${name}: replay`, await verifier.verify(attestation2, { ...request, proof: proof3 }), "ERR_REPLAY");
      }
      const proof2 = await prove(message2);
      const foreign = `${proof2.slice(0, -86)}${(await prove(message2)).slice(-86)}`;
      const verify = (token, request, withProof) => verifier.verify(token, { ...request, ...withProof !== void 0 && { proof: withProof } });
      check2(`${name}: another message`, await verify(attestation2, response, proof2), "ERR_PROOF_DIGEST");
      check2(`${name}: another signature`, await verify(attestation2, message2, foreign), "ERR_PROOF_SIGNATURE");
      check2(`${name}: padded`, await verify(`${attestation2}=`, message2, proof2), "ERR_ATTESTATION_ENCODING");
      check2(`${name}: no proof`, await verify(attestation2, message2), "ERR_PROOF_REQUIRED");
    }
  }
  const provider = new AttestationIssuer({ issuer, signer: authorityKeys[0] });
  const bearer3 = await provider.createToken({ identity, bearer: true, audience });
  check2("bearer", await verifier.verify(bearer3), "verified");
  check2("bearer again", await verifier.verify(bearer3), "ERR_REPLAY");
  check2("nothing", await verifier.verify(void 0), "ERR_ATTESTATION_REQUIRED");
  return problems;
}

// proof/platform.ts
async function provePlatform({
  presentations: files,
  keys,
  digests,
  messages,
  possession
}) {
  const problems = await smoke();
  let vectors = 0;
  for (const { verifiers, vectors: list } of files) {
    for (const vector of list) {
      vectors++;
      let now = 0;
      const verifier = await verifierOf(verifiers[vector.verifier], () => now);
      for (const presentation of vector.presentations) {
        now = presentation.time ?? Number.NaN;
        const result = await verifier.verify(presentation.attestation, requestOf(presentation));
        const differing = Object.entries(resultOf(presentation)).find(
          ([name, value]) => JSON.stringify(result[name]) !== JSON.stringify(value)
        );
        if (differing) problems.push(`${vector.title}: ${differing[0]} is not ${JSON.stringify(differing[1])}`);
      }
    }
  }
  for (const { title, keys: jwks, expected } of keys) {
    vectors++;
    const resolver = new InMemoryKeyResolver();
    let code;
    for (const jwk of jwks) {
      code = await resolver.addKey("issuer", jwk).then(
        () => void 0,
        (error) => error.code ?? "untyped"
      );
    }
    if (code !== expected.code) problems.push(`${title}: ${code} instead of ${expected.code}`);
  }
  for (const { title, request, digest: digest2 } of digests) {
    vectors++;
    if ((await messageDigest(request) ?? null) !== digest2) problems.push(`${title}: another digest`);
  }
  for (const { title, text, passedOn } of messages) {
    vectors++;
    const { method, params } = JSON.parse(text);
    const digest2 = await messageDigest({ kind: "message", method, params });
    if (digest2 !== passedOn[0]?.digest) problems.push(`${title}: another digest`);
  }
  for (const { title, form, authority = "", challenge, jwk, signature } of possession) {
    vectors++;
    const input = form === 2 ? possessionInput(challenge, authority) : possessionInput1(challenge);
    const key = await importVerificationKey(jwk);
    const valid = await key.verify(input, decodeBase64url(signature) ?? new Uint8Array());
    if (valid !== true) problems.push(`${title}: not the text that is signed`);
  }
  return { vectors, problems };
}
var platform_default = {
  async fetch(request) {
    return Response.json(await provePlatform(await request.json()));
  }
};
export {
  platform_default as default,
  provePlatform
};
//# sourceMappingURL=platform.js.map