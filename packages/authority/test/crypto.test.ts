import { createHmac } from "node:crypto";
import { decodeBase64url } from "@attest/core";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { EVIDENCE_ALGORITHMS, type EvidenceAlgorithm } from "../src/crypto/evidence-algorithms.ts";
import * as node from "../src/crypto/node.ts";
import * as web from "../src/crypto/web.ts";

const ALGORITHMS = Object.keys(EVIDENCE_ALGORITHMS) as EvidenceAlgorithm[];

/** A key, and a text that it signed. */
async function signedWith(alg: EvidenceAlgorithm) {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const token = await new SignJWT({ sub: "agent-7" }).setProtectedHeader({ alg }).sign(privateKey);
  const end = token.lastIndexOf(".");
  const { kty = "", ...jwk } = await exportJWK(publicKey);
  return {
    jwk: { kty, ...jwk } as Parameters<typeof node.importPlatformKey>[0],
    text: token.slice(0, end),
    signature: Uint8Array.from(decodeBase64url(token.slice(end + 1)) ?? []),
  };
}

describe.each([
  ["Node's crypto", node],
  ["WebCrypto", web],
] as const)("%s", (_, platform) => {
  it.each(ALGORITHMS)("verifies %s, of the text and the key alone (A5)", async (alg) => {
    const { jwk, text, signature } = await signedWith(alg);
    const other = await signedWith(alg);
    const key = await platform.importPlatformKey(jwk, alg);
    const changed = Uint8Array.from(signature, (byte, i) => (i === 9 ? byte ^ 1 : byte));
    expect(await key.verify(text, signature)).toBe(true);
    expect(await key.verify(`${text}x`, signature)).toBe(false);
    expect(await key.verify(text, changed)).toBe(false);
    expect(await key.verify(text, other.signature)).toBe(false);
    for (const length of [0, signature.length - 1]) {
      expect(await key.verify(text, signature.subarray(0, length))).toBe(false);
    }
  });

  it("takes no RSA key of fewer than 2048 bits, however it is written (K6)", async () => {
    const n = Buffer.concat([Buffer.alloc(128), Buffer.from([0x81]), Buffer.alloc(126), Buffer.from([1])]);
    const jwk = { kty: "RSA", n: n.toString("base64url"), e: "AQAB" };
    await expect((async () => platform.importPlatformKey(jwk, "RS256"))()).rejects.toThrow();
  });

  it("authenticates by HMAC-SHA256, and knows a tag of its own (A3)", async () => {
    for (const [length, text] of [
      [32, "challenge"],
      [64, "é"],
      [100, "x".repeat(3000)],
    ] as const) {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 3);
      const tag = await (await platform.importSecretKey(bytes)).tag(text);
      expect(Buffer.from(tag)).toEqual(createHmac("sha256", bytes).update(text).digest());
    }
    const secret = await platform.importSecretKey(new Uint8Array(32).fill(7));
    const tag = await secret.tag("challenge");
    expect(await secret.isTag("challenge", tag)).toBe(true);
    expect(await secret.isTag("challenge.", tag)).toBe(false);
    expect(await secret.isTag("challenge", tag.subarray(0, 31))).toBe(false);
    expect(await secret.isTag("challenge", new Uint8Array(32))).toBe(false);
  });

  it("gives out random bytes once each (A3)", () => {
    const given = Array.from({ length: 2000 }, () => platform.randomBytes(16));
    expect(new Set(given.map((bytes) => Buffer.from(bytes).toString("hex"))).size).toBe(2000);
    expect(given.every((bytes) => bytes.length === 16 && bytes.byteOffset === 0)).toBe(true);
  });
});
