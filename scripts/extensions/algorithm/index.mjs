export default {
  what: "ES256K (RFC 8812), on Node",
  most: 3,
  edits: [
    {
      file: "packages/core/src/keys/algorithms.ts",
      find: /export type SigningAlgorithm = ([^;]+);/,
      put: 'export type SigningAlgorithm = $1 | "ES256K";',
    },
    {
      file: "packages/core/src/keys/algorithms.ts",
      find: "  ES256: {",
      put: `  ES256K: {
    kty: "EC",
    crv: "secp256k1",
    coordinates: ["x", "y"],
    names: ["ES256K"],
    published: "ES256K",
    hash: "sha256",
    web: { name: "ECDSA", hash: "SHA-256" },
  },
  ES256: {`,
    },
    {
      // jose makes no keys for it.
      file: "packages/core/src/crypto/node.ts",
      find: /export async function generatePrivateJwk\(algorithm: SigningAlgorithm\): Promise<PrivateJwk> \{/,
      put: `$&
  if (algorithm === "ES256K") {
    const { generateKeyPairSync } = await import("node:crypto");
    return generateKeyPairSync("ec", { namedCurve: "secp256k1" }).privateKey.export({ format: "jwk" }) as unknown as PrivateJwk;
  }`,
    },
  ],
  files: {},
};
