import { type AttestationError, importVerificationKey, KeyPair, type PublicJwk } from "@attest/core";
import { expect, it } from "vitest";

const P = 2n ** 255n - 19n;
const mod = (n: bigint) => ((n % P) + P) % P;
const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
};
/** By Euclid's algorithm: of n · result ≡ 1. */
const inverse = (n: bigint): bigint => {
  let [a, b, x, y] = [mod(n), P, 1n, 0n];
  while (a > 1n) [a, b, x, y] = [b % a, a, y - (b / a) * x, x];
  return mod(x);
};
const D = mod(-121665n * inverse(121666n));

type Point = readonly [bigint, bigint];
function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const k = mod(D * mod(x1 * x2) * mod(y1 * y2));
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + k)), mod((y1 * y2 + x1 * x2) * inverse(1n - k))];
}

/** The y of every point whose order divides 8, found with curve arithmetic of the test's own. */
function smallOrderYs(): bigint[] {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const squareRoot = (a: bigint): bigint | undefined => {
    const candidate = power(a, (P + 3n) / 8n);
    return [candidate, mod(candidate * power(2n, (P - 1n) / 4n))].find((root) => mod(root * root) === mod(a));
  };
  const ys = new Set<bigint>();
  for (let y = 2n; ys.size < 5; y++) {
    const x = squareRoot(mod(mod(y * y - 1n) * inverse(D * y * y + 1n)));
    if (x === undefined) continue;
    let torsion: Point = [0n, 1n];
    for (let point: Point = [x, y], n = order; n > 0n; n >>= 1n, point = add(point, point)) {
      if (n & 1n) torsion = add(torsion, point);
    }
    ys.add(torsion[1]);
  }
  return [...ys];
}

function jwkOf(y: bigint, sign: 0 | 1): PublicJwk {
  const hex = (y + (BigInt(sign) << 255n)).toString(16).padStart(64, "0");
  return { kty: "OKP", crv: "Ed25519", x: Buffer.from(hex, "hex").reverse().toString("base64url") };
}

const codeOf = (jwk: unknown) =>
  importVerificationKey(jwk as PublicJwk).then(
    () => "imported",
    (error: AttestationError) => error.code,
  );

it("refuses every small-order and non-canonical Ed25519 point, with either sign (K2, SPEC-8.2)", {
  timeout: 60_000,
}, async () => {
  const ys = smallOrderYs();
  expect(ys).toHaveLength(5);
  for (const y of [...ys, P, P + 1n, P + 2n, 2n ** 255n - 1n]) {
    for (const sign of [0, 1] as const) expect(await codeOf(jwkOf(y, sign))).toBe("ERR_KEY_WEAK");
  }
});

it("refuses private material, other types, wrong use and malformed members (K3, K6, SPEC-8.1, SPEC-8.3, SPEC-8.4, SPEC-8.5, SPEC-8.18)", async () => {
  const pair = await KeyPair.generate();
  const good = pair.toJwk();
  expect(await codeOf(good)).toBe("imported");
  expect(await codeOf({ ...good, alg: "EdDSA" })).toBe("imported");
  expect(await codeOf(await pair.toPrivateJwk())).toBe("ERR_KEY_PRIVATE");
  expect(await codeOf({ ...good, d: undefined })).toBe("ERR_KEY_PRIVATE");
  expect(await codeOf({ kty: "oct", k: "c2VjcmV0" })).toBe("ERR_KEY_PRIVATE");
  expect(await codeOf({ kty: "RSA", n: "AQAB", e: "AQAB" })).toBe("ERR_KEY_UNSUPPORTED");
  for (const wrong of [{ use: "enc" }, { alg: "ES256" }, { key_ops: ["sign"] }, { x: `${good.x}=` }, { kid: "" }]) {
    expect(await codeOf({ ...good, ...wrong })).toBe("ERR_KEY_FORMAT");
  }
  expect(await codeOf(null)).toBe("ERR_KEY_FORMAT");
  expect(await codeOf({ ...good, kty: { toString: 1 } })).toBe("ERR_KEY_UNSUPPORTED");
});

it("takes up a private key only with the public half that belongs to it", async () => {
  const [one, other] = [await KeyPair.generate(), await KeyPair.generate()];
  const jwk = await one.toPrivateJwk();
  expect((await KeyPair.fromJwk(jwk)).kid).toBe(one.kid);
  const mixed = { ...jwk, ...("x" in other.toJwk() && { x: other.toJwk().x ?? "" }) };
  await expect(KeyPair.fromJwk(mixed)).rejects.toMatchObject({ code: "ERR_KEY_FORMAT" });
});

it("shows its private half to nobody who logs it (O1, SPEC-8.10)", async () => {
  const pair = await KeyPair.generate();
  const { d } = await pair.toPrivateJwk();
  const { inspect } = await import("node:util");
  expect(`${JSON.stringify(pair)}${inspect(pair, { depth: 9, showHidden: true })}`).not.toContain(d);
});

it("refuses a malleable signature and a small-order R (K1, K2, SPEC-6.7)", async () => {
  const { createTestAuthority } = await import("@attest/core/testing");
  const authority = await createTestAuthority();
  const token = await authority.attest();
  const [header, payload, signature = ""] = token.split(".");
  const bytes = Buffer.from(signature, "base64url");
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`);
  const greater = Buffer.from((s + order).toString(16).padStart(64, "0"), "hex").reverse();
  for (const forged of [
    Buffer.concat([bytes.subarray(0, 32), greater]),
    Buffer.concat([Buffer.alloc(32), bytes.subarray(32)]),
  ]) {
    const altered = [header, payload, forged.toString("base64url")].join(".");
    const request = { kind: "message", method: "ping" } as const;
    const proof = await authority.prove(altered, request);
    expect(await authority.verifier.verify(altered, { proof, ...request })).toMatchObject({
      code: "ERR_ATTESTATION_SIGNATURE",
    });
  }
});
