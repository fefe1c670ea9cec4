import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import type { PlatformKey } from "../src/crypto/platform.ts";
import { VerifiedTokens } from "../src/evidence/verified-tokens.ts";
import { oidcEvidence } from "../src/index.ts";
import { AUTHORITY, createPlatform, type Platform, presenting, refusalOf, START } from "./platform.ts";

const ISSUER = "https://issuer.example";

let platform: Platform;
beforeAll(async () => {
  platform = await createPlatform({ iss: ISSUER, sub: "agent-7" });
});
const verifier = () => oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks });

describe("a token that was accepted a moment ago", () => {
  it("says the same again, for its challenge and for its attestation", async () => {
    const token = await platform.token({ team: "finance" });
    const evidence = verifier();
    const first = await evidence.verify(presenting(token));
    expect(await evidence.verify(presenting(token, START + 5))).toEqual(first);
    expect(await evidence.verify(presenting(token, START + 6))).toEqual(first);
  });

  it("is verified again with any other signature, and refused by it (A5)", async () => {
    const token = await platform.token({});
    const end = token.lastIndexOf(".") + 1;
    const evidence = verifier();
    await evidence.verify(presenting(token));
    const letter = token[end + 20] === "A" ? "B" : "A";
    const forged = `${token.slice(0, end + 20)}${letter}${token.slice(end + 21)}`;
    expect(await refusalOf(evidence, forged)).toBe("signature");
    expect(await refusalOf(evidence, token)).toBeUndefined();
    expect(await refusalOf(evidence, forged)).toBe("signature");
  });

  it("is verified again with any other claims, under its signature (A5)", async () => {
    const token = await platform.token({});
    const [header, , signature] = token.split(".");
    const claims = { iss: ISSUER, sub: "agent-8", aud: AUTHORITY, iat: START, exp: START + 600 };
    const evidence = verifier();
    await evidence.verify(presenting(token));
    const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
    expect(await refusalOf(evidence, `${header}.${payload}.${signature}`)).toBe("signature");
  });

  it("is refused once it has expired, as any other (A5)", async () => {
    const token = await platform.token({ exp: START + 10 });
    const evidence = verifier();
    expect(await refusalOf(evidence, token, START + 39)).toBeUndefined();
    expect(await refusalOf(evidence, token, START + 40)).toBe("expired");
  });

  it("is unknown to other evidence, which trusts other keys (A5)", async () => {
    const token = await platform.token({});
    await verifier().verify(presenting(token));
    const { publicKey } = await generateKeyPair("RS256");
    const keys = [{ ...(await exportJWK(publicKey)), kid: "k1" }];
    const other = oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: { keys } });
    expect(await refusalOf(other, token)).toBe("signature");
  });
});

it("a token with a critical extension is refused, though its signature holds (A5, T10)", async () => {
  const { publicKey, privateKey } = await generateKeyPair("ES256");
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "k1" }] };
  const evidence = oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks });
  const claims = { iss: ISSUER, sub: "agent-7", aud: AUTHORITY, iat: START, exp: START + 600 };
  const signing = (header: object) => {
    const token = new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "k1", ...header });
    return token.sign(privateKey, { crit: { later: true } });
  };
  expect(await refusalOf(evidence, await signing({}))).toBeUndefined();
  expect(await refusalOf(evidence, await signing({ crit: ["later"], later: 1 }))).toBe("format");
});

describe("what is remembered of tokens", () => {
  const key: PlatformKey = { verify: () => true };
  const found = { header: { kid: "k1" }, claims: { sub: "agent-7" }, handle: "handle" };

  it("is found for a minute, with the key that verified it, and in no other time", () => {
    const tokens = new VerifiedTokens();
    tokens.add("a", key, found, START);
    expect(tokens.find("a", START + 59)).toEqual({ found, key, at: START });
    expect(tokens.find("a", START + 60)).toBeUndefined();
    expect(tokens.find("a", START - 1)).toBeUndefined();
    expect(tokens.find("b", START)).toBeUndefined();
  });

  it("is found for a minute again once it was verified again", () => {
    const tokens = new VerifiedTokens();
    tokens.add("a", key, found, START);
    tokens.add("b", key, found, START + 1);
    tokens.add("a", key, found, START + 50);
    // What is added drops what is too old: in the order in which they were verified.
    tokens.add("c", key, found, START + 61);
    expect(tokens.find("a", START + 61)?.at).toBe(START + 50);
    expect(tokens.find("b", START + 60)).toBeUndefined();
  });

  it("is bounded, however many tokens are presented once (T17)", () => {
    const tokens = new VerifiedTokens();
    for (let i = 0; i <= 4096; i++) tokens.add(`${i}`, key, found, START);
    expect(tokens.find("0", START)).toBeUndefined();
    expect(tokens.find("1", START)).toBeDefined();
    expect(tokens.find("4096", START)).toBeDefined();
  });
});
