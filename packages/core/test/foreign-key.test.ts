import { type Algorithm, decodeBase64url, encodeBase64url, type PublicJwk } from "@attest/core";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { importForeignKey } from "../src/keys/foreign-key.ts";
import { type ForeignKey, foreignKey, sha256 } from "./foreign-authority.ts";

const data = new TextEncoder().encode("what was signed");
const RSA: readonly Algorithm[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
let rsa: ForeignKey;
let p384: ForeignKey;
beforeAll(async () => {
  [rsa, p384] = await Promise.all([foreignKey("RS256", "rsa"), foreignKey("ES384", "p384")]);
});

const refused = async (jwk: unknown, code: string) =>
  expect(importForeignKey(jwk as PublicJwk)).rejects.toMatchObject({ code });
/** The bytes of a member, changed. */
const altered = (text: string | undefined, change: (bytes: Uint8Array) => Uint8Array) =>
  encodeBase64url(change(decodeBase64url(text ?? "") ?? new Uint8Array()));
const modulusOf = (bits: number) => {
  const bytes = new Uint8Array(Math.ceil(bits / 8)).fill(0xff);
  bytes[0] = 0xff >> (8 * bytes.length - bits);
  return encodeBase64url(bytes);
};

describe("a foreign key", () => {
  it.each<[Algorithm, string]>([
    ["RS256", "e,kty,n"],
    ["ES256", "crv,kty,x,y"],
    ["ES384", "crv,kty,x,y"],
    ["ES512", "crv,kty,x,y"],
    ["Ed25519", "crv,kty,x"],
  ])(
    "of %s verifies what it signed and nothing else, and has its RFC 7638 thumbprint (SPEC-17.5)",
    async (algorithm, members) => {
      const key = await foreignKey(algorithm, "k");
      const jwk = key.toJwk();
      const imported = await importForeignKey(jwk);
      expect(imported).toMatchObject({ algorithm, kid: "k", use: "jwt-svid" });
      const required = Object.fromEntries(members.split(",").map((name) => [name, jwk[name as "kty"]]));
      expect(imported.thumbprint).toBe(sha256(JSON.stringify(required)));
      const signature = await key.sign(data);
      expect(await imported.verify(data, signature)).toBe(true);
      expect(await imported.verify(data.slice(1), signature)).toBe(false);
      expect(
        await imported.verify(
          data,
          signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
        ),
      ).toBe(false);
      for (const length of [signature.length - 1, signature.length + 1, 0]) {
        const other = new Uint8Array(length);
        other.set(signature.subarray(0, length));
        expect(await imported.verify(data, other)).toBe(false);
      }
    },
  );

  it.each(RSA)("of RSA serves %s where its JWK names no algorithm (SPEC-17.5)", async (algorithm) => {
    const key = await foreignKey(algorithm);
    const found = (await importForeignKey(key.toJwk())).as?.(algorithm);
    expect(found).toMatchObject({ algorithm, use: "jwt-svid", kid: key.kid });
    expect(await found?.verify(data, await key.sign(data))).toBe(true);
    for (const other of RSA.filter((name) => name !== algorithm)) {
      const wrong = (await importForeignKey(key.toJwk())).as?.(other);
      expect(await wrong?.verify(data, await key.sign(data))).toBe(false);
    }
  });

  it("serves no algorithm of another type, and no other than its JWK names (SPEC-17.5, T2)", async () => {
    const key = await importForeignKey(rsa.toJwk());
    expect(["ES256", "ES384", "Ed25519", "HS256"].map((name) => key.as?.(name as Algorithm))).toEqual(
      Array(4).fill(undefined),
    );
    const named = await importForeignKey({ ...rsa.toJwk(), alg: "PS256" });
    expect(named.algorithm).toBe("PS256");
    expect(RSA.filter((name) => named.as?.(name))).toEqual(["PS256"]);
    expect((await importForeignKey(p384.toJwk())).as?.("ES512")).toBeUndefined();
    for (const [jwk, alg] of [
      [rsa.toJwk(), "ES256"],
      [rsa.toJwk(), "none"],
      [rsa.toJwk(), "HS256"],
      [rsa.toJwk(), "RSA-OAEP"],
      [p384.toJwk(), "ES256"],
      [p384.toJwk(), ""],
    ] as const) {
      await refused({ ...jwk, alg }, "ERR_KEY_FORMAT");
    }
  });

  it.each(["enc", "x509-svid", "JWT-SVID", "", 1, null, ["sig"]])(
    "for the use %j is passed over (SPEC-17.6, K6)",
    async (use) => {
      for (const key of [rsa, p384]) await refused({ ...key.toJwk(), use }, "ERR_KEY_UNSUPPORTED");
    },
  );

  it("keeps the use that its JWK has, if it has one (SPEC-17.6)", async () => {
    for (const key of [rsa, p384, await foreignKey("ES256"), await foreignKey("Ed25519")]) {
      for (const use of ["sig", "jwt-svid", "wit-svid"]) {
        expect(await importForeignKey(key.toJwk(use))).toMatchObject({ use });
      }
      const { use: _, ...bare } = key.toJwk();
      expect(await importForeignKey(bare)).not.toHaveProperty("use");
    }
  });

  it("that holds private or symmetric material is refused as that, whatever else is wrong with it (K3)", async () => {
    for (const key of [rsa, p384]) await refused({ ...(await key.toPrivateJwk()), use: "x" }, "ERR_KEY_PRIVATE");
    for (const member of ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]) {
      await refused({ kty: "RSA", [member]: null }, "ERR_KEY_PRIVATE");
    }
    await refused({ kty: "oct", k: "c2VjcmV0" }, "ERR_KEY_PRIVATE");
  });

  it("of another type or curve is passed over (SPEC-8.5)", async () => {
    for (const jwk of [{ kty: "EC", crv: "secp256k1" }, { kty: "OKP", crv: "Ed448" }, { kty: "XYZ" }, {}]) {
      await refused(jwk, "ERR_KEY_UNSUPPORTED");
    }
  });

  it.each<[string, string, object | ((jwk: PublicJwk) => object)]>([
    ["of 2047 bits", "ERR_KEY_WEAK", { n: modulusOf(2047) }],
    ["of 1024 bits", "ERR_KEY_WEAK", { n: modulusOf(1024) }],
    ["of 8193 bits", "ERR_KEY_UNSUPPORTED", { n: modulusOf(8193) }],
    ["with the exponent 1", "ERR_KEY_WEAK", { e: "AQ" }],
    ["with an exponent of five bytes", "ERR_KEY_UNSUPPORTED", { e: "AQAAAAE" }],
    ["with the exponent 2", "ERR_KEY_FORMAT", { e: "Ag" }],
    ["with the exponent 0", "ERR_KEY_FORMAT", { e: "AA" }],
    ["with an even modulus", "ERR_KEY_FORMAT", (jwk) => ({ n: altered(jwk.n, (n) => n.with(-1, 0x10)) })],
    [
      "with a zero byte before its modulus",
      "ERR_KEY_FORMAT",
      (jwk) => ({ n: altered(jwk.n, (n) => Uint8Array.of(0, ...n)) }),
    ],
    ["with a zero byte before its exponent", "ERR_KEY_FORMAT", { e: "AAEAAQ" }],
    ["with padding", "ERR_KEY_FORMAT", (jwk) => ({ n: `${jwk.n}==` })],
    ["with the other alphabet", "ERR_KEY_FORMAT", { n: `+/${"A".repeat(340)}Q` }],
    ["with stray bits", "ERR_KEY_FORMAT", { e: "Ax" }],
    ["without a modulus", "ERR_KEY_FORMAT", { n: undefined }],
    ["without an exponent", "ERR_KEY_FORMAT", { e: undefined }],
    ["with a number as its exponent", "ERR_KEY_FORMAT", { e: 65537 }],
    ["with a kid that has a space", "ERR_KEY_FORMAT", { kid: "a b" }],
    ["whose operations do not let it verify", "ERR_KEY_FORMAT", { key_ops: ["sign"] }],
  ])("of RSA %s is refused (SPEC-17.5, K6)", async (_what, code, change) => {
    const jwk = rsa.toJwk();
    await refused({ ...jwk, ...(typeof change === "function" ? change(jwk) : change) }, code);
  });

  it("of RSA may have 2048 to 8192 bits, and be for verifying (SPEC-17.5)", async () => {
    for (const bits of [2048, 3072, 8192]) {
      expect(await importForeignKey({ ...rsa.toJwk(), n: modulusOf(bits) })).toMatchObject({ algorithm: "RS256" });
    }
    expect(await importForeignKey({ ...rsa.toJwk(), key_ops: ["verify"] } as PublicJwk)).toMatchObject({ kid: "rsa" });
    expect(await importForeignKey({ ...rsa.toJwk(), e: "Aw" })).toMatchObject({ kid: "rsa" });
  });

  it.each<[string, (jwk: PublicJwk) => object]>([
    ["shorter", (jwk) => ({ x: altered(jwk.x, (x) => x.slice(1)) })],
    ["longer", (jwk) => ({ y: altered(jwk.y, (y) => Uint8Array.of(0, ...y)) })],
    ["padded", (jwk) => ({ x: `${jwk.x}=` })],
    ["missing", () => ({ y: undefined })],
    ["not on the curve", (jwk) => ({ x: altered(jwk.x, (x) => x.with(-1, (x.at(-1) ?? 0) ^ 1)) })],
  ])("of P-384 whose coordinate is %s is refused (SPEC-17.5)", async (_what, change) => {
    await refused({ ...p384.toJwk(), ...change(p384.toJwk()) }, "ERR_KEY_FORMAT");
  });

  it("of a curve that the platform lacks is passed over, as a key of another type (SPEC-8.5)", async () => {
    const lacking = Object.assign(new Error("no P-521 here"), { name: "NotSupportedError" });
    const spy = vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(lacking);
    try {
      await refused(p384.toJwk(), "ERR_KEY_UNSUPPORTED");
    } finally {
      spy.mockRestore();
    }
  });

  it("does not even ask the platform about a signature of another length (SPEC-17.5)", async () => {
    const imported = await importForeignKey(rsa.toJwk());
    const spy = vi.spyOn(crypto.subtle, "verify");
    try {
      expect(await imported.verify(data, new Uint8Array(255))).toBe(false);
      expect(spy).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
    }
  });

  it("is repeated in no message", async () => {
    for (const change of [{ n: `${rsa.toJwk().n}=` }, { use: "canary" }, { alg: "canary" }, { kty: "canary" }]) {
      const error = await importForeignKey({ ...rsa.toJwk(), ...change }).catch((reason: Error) => reason);
      expect(String(error)).not.toMatch(/canary|AQAB/);
    }
  });
});
