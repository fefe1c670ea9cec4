import { deflateSync } from "node:zlib";
import { encodeBase64url, importVerificationKey, KeyPair, type VerificationKey } from "@attest/core";
import { beforeAll, expect, it, vi } from "vitest";
import { readStatusListToken, StatusList, type StatusListExpectation } from "../src/index.ts";
import { claimsOf, ISSUER, listOf, NOW, signed, tokenOf, URI } from "./signed-lists.ts";

let signer: KeyPair;
let key: VerificationKey;
let expected: StatusListExpectation;

beforeAll(async () => {
  signer = await KeyPair.generate({ kid: "a" });
  key = await importVerificationKey(signer.toJwk());
  const resolve = (issuer: string, kid: string) => (issuer === ISSUER && kid === "a" ? key : undefined);
  expected = { issuer: ISSUER, uri: URI, keyResolver: { resolve }, now: NOW, clockTolerance: 30 };
});

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (token: string, overrides: Partial<StatusListExpectation> = {}) =>
  readStatusListToken(bytes(token), { ...expected, ...overrides });
const problemOf = (token: string, overrides: Partial<StatusListExpectation> = {}): Promise<string> =>
  read(token, overrides).then(
    () => "taken",
    ({ message }) => message.replace("The status list ", ""),
  );

it("takes a list of its issuer, and says how long it holds", async () => {
  const verified = await read(await tokenOf(signer, await claimsOf({ iss: undefined }, { 7: 1 })));
  expect(verified).toMatchObject({ issuedAt: NOW, expiresAt: NOW + 3600, ttl: 60 });
  expect([verified.list.get(6), verified.list.get(7)]).toEqual([0, 1]);
});

it.each([
  [undefined, undefined],
  [60, 60],
  [0.2, 1],
  [90.9, 90],
  [1e9, 86_400],
])("reads a ttl of %s as %s whole seconds", async (ttl, seconds) => {
  expect((await read(await tokenOf(signer, await claimsOf({ ttl })))).ttl).toBe(seconds);
});

const MOST = 86_400;
const EXP = `has an \`exp\` that is not within ${MOST} seconds after its \`iat\``;

it.each<[claims: object, problem: string]>([
  [{ iat: NOW + 30, exp: NOW + 30 + MOST, nbf: NOW + 30, more: { unknown: true } }, "taken"],
  [{ iat: NOW - MOST + 1, exp: NOW + 1 }, "taken"],
  [{ sub: undefined }, "has a `sub` other than its URI"],
  [{ sub: `${URI}/` }, "has a `sub` other than its URI"],
  [{ sub: "HTTPS://authority.example/status/1" }, "has a `sub` other than its URI"],
  [{ sub: [URI] }, "has a `sub` other than its URI"],
  [{ iss: "https://other.example" }, "has an `iss` other than the issuer that it is for"],
  [{ iss: null }, "has an `iss` other than the issuer that it is for"],
  [{ aud: "https://verifier.example" }, "has an `aud`"],
  [{ iat: undefined }, "has no `iat` in whole seconds"],
  [{ iat: String(NOW) }, "has no `iat` in whole seconds"],
  [{ iat: NOW + 0.5 }, "has no `iat` in whole seconds"],
  [{ iat: -1 }, "has no `iat` in whole seconds"],
  [{ iat: NOW + 31 }, "has an `iat` in the future"],
  [{ nbf: NOW + 31 }, "has an `nbf` in the future"],
  [{ nbf: "soon" }, "has an `nbf` in the future"],
  [{ exp: undefined }, "has no `exp` in whole seconds"],
  [{ exp: null }, "has no `exp` in whole seconds"],
  [{ exp: NOW + MOST + 1 }, EXP],
  [{ exp: NOW }, EXP],
  [{ iat: NOW - 100, exp: NOW }, "has expired"],
  [{ ttl: 0 }, "has a `ttl` that is not positive"],
  [{ ttl: -1 }, "has a `ttl` that is not positive"],
  [{ ttl: "60" }, "has a `ttl` that is not positive"],
  [{ ttl: null }, "has a `ttl` that is not positive"],
  [{ status_list: undefined }, "has a `bits` other than 1, 2, 4 and 8"],
  [{ status_list: { bits: 1 } }, "has no `lst`"],
])("judges a token with the claims %j", async (claims, problem) => {
  expect(await problemOf(await tokenOf(signer, await claimsOf(claims)))).toBe(problem);
});

const HEADER = "has header members other than `typ`, `alg` and `kid`";
const ALG = "has an `alg` other than Ed25519, EdDSA and ES256";
const KID = "has no `kid` of 1–256 visible ASCII characters";

it.each<[header: object, problem: string]>([
  [{ alg: "EdDSA" }, "taken"],
  [{ typ: undefined }, "has a `typ` other than statuslist+jwt"],
  [{ typ: "JWT" }, "has a `typ` other than statuslist+jwt"],
  [{ typ: "application/statuslist+jwt" }, "has a `typ` other than statuslist+jwt"],
  [{ typ: "agent-attestation+jwt" }, "has a `typ` other than statuslist+jwt"],
  [{ alg: undefined }, ALG],
  [{ alg: "none" }, ALG],
  [{ alg: "HS256" }, ALG],
  [{ alg: "ed25519" }, ALG],
  [{ alg: "ES256" }, "has an `alg` other than that of its key"],
  [{ kid: undefined }, KID],
  [{ kid: "" }, KID],
  [{ kid: "b" }, "is signed by a key that its issuer does not publish"],
  [{ crit: ["exp"] }, HEADER],
  [{ b64: false }, HEADER],
  [{ jwk: {} }, HEADER],
  [{ x5u: "https://evil.example" }, HEADER],
])("judges a token with the header members %j", async (header, problem) => {
  expect(await problemOf(await tokenOf(signer, await claimsOf(), header))).toBe(problem);
});

it("refuses what another key signed, and asks for keys of its issuer alone (S1, SPEC-18.9)", async () => {
  const other = await KeyPair.generate({ kid: "a" });
  expect(await problemOf(await tokenOf(other, await claimsOf()))).toBe("has a signature that is not its issuer's");
  const resolve = vi.fn();
  await problemOf(await tokenOf(signer, await claimsOf()), { keyResolver: { resolve } });
  expect(resolve.mock.calls).toEqual([[ISSUER, "a"]]);
});

it("takes nothing but true for a yes of a key", async () => {
  const token = await tokenOf(signer, await claimsOf());
  for (const said of [1, "true", {}, undefined]) {
    const resolve = () => ({ ...key, verify: () => said as boolean });
    expect(await problemOf(token, { keyResolver: { resolve } })).toBe("has a signature that is not its issuer's");
  }
});

it("passes on that keys are unavailable, as itself", async () => {
  const failure = new Error("keys are unavailable");
  const resolve = () => Promise.reject(failure);
  await expect(read(await tokenOf(signer, await claimsOf()), { keyResolver: { resolve } })).rejects.toBe(failure);
});

it("refuses a token with a single character changed, added or taken away", async () => {
  const token = await tokenOf(signer, await claimsOf());
  const edits = new Set<string>();
  for (let at = 0; at < token.length; at++) {
    const [before, char, after] = [token.slice(0, at), token[at], token.slice(at + 1)];
    edits.add(before + after);
    for (const other of ["A", "_", "=", ".", " ", "\n", "\u00e9"]) {
      edits.add(`${before}${other}${after}`);
      edits.add(`${before}${other}${char}${after}`);
    }
  }
  for (const other of ["=", " ", "\n", ".", "A", "\u0000", "\ufeff"]) edits.add(token + other).add(other + token);
  edits.delete(token);
  const taken = [];
  for (const edit of edits) if ((await problemOf(edit)) === "taken") taken.push(edit);
  expect(taken).toEqual([]);
});

it("refuses JSON with duplicate members, and segments that are no objects", async () => {
  const claims = JSON.stringify(await claimsOf());
  const header = JSON.stringify({ typ: "statuslist+jwt", alg: "Ed25519", kid: "a" });
  const part = "has a part that is not a JSON object in canonical base64url";
  for (const parts of [
    [header, claims.replace("{", `{"sub":"https://other.example",`)],
    [header.replace("{", `{"alg":"none",`), claims],
    [header, "[]"],
    [header, "null"],
    ["1", claims],
    [header, `\ufeff${claims}`],
  ] as const) {
    expect(await problemOf(await signed(signer, parts))).toBe(part);
  }
  for (const text of ["", ".", "..", "a.b", "a.b.c.d"]) expect(await problemOf(text)).not.toBe("taken");
});

it("inflates nothing before the signature has held", async () => {
  const lst = encodeBase64url(deflateSync(new Uint8Array(2000)));
  const claims = await claimsOf({ status_list: { bits: 1, lst } });
  const decode = vi.spyOn(StatusList, "decode");
  try {
    const other = await KeyPair.generate({ kid: "a" });
    await problemOf(await tokenOf(other, claims));
    expect(decode).not.toHaveBeenCalled();
    expect(await problemOf(await tokenOf(signer, claims), { maxBytes: 1999 })).toBe("inflates to more than 1999 bytes");
    expect(decode).toHaveBeenCalledOnce();
  } finally {
    decode.mockRestore();
  }
});

it("passes no time check with a clock that tells no time", async () => {
  const token = await tokenOf(signer, await claimsOf({ status_list: await listOf() }));
  expect(await problemOf(token, { now: Number.NaN })).toBe("has an `iat` in the future");
});
