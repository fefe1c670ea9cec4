import { generateKeyPairSync, sign } from "node:crypto";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { inspectToken } from "../src/inspect/inspect-token.ts";
import { attestIn, workFolder } from "./attest.ts";

const attest = attestIn(workFolder());
const NOW = 1_800_000_000;
let authority: TestAuthority;
let honest: string;

beforeAll(async () => {
  authority = await createTestAuthority({ clock: () => NOW });
  honest = await authority.attest({ audience: authority.audience });
});

const part = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const signature = part("s".repeat(64));
const privateKey = generateKeyPairSync("ed25519").privateKey;

/** A token of whatever is given, signed by a stranger. */
function forge(header: object, payload: object): string {
  const input = `${part(header)}.${part(payload)}`;
  return `${input}.${sign(null, Buffer.from(input), privateKey).toString("base64url")}`;
}

/** The honest token with other header members and claims. `undefined` leaves one out. */
function altered(header: object, claims: object): string {
  const [head = "", body = ""] = honest.split(".");
  const decode = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString());
  return forge({ ...decode(head), ...header }, { ...decode(body), ...claims });
}

const ids = async (token: string) => (await inspectToken(token, NOW)).findings.map(({ level, id }) => `${level} ${id}`);

it("finds nothing to say against an honest token made out to one server", async () => {
  const inspection = await inspectToken(honest, NOW);
  expect(inspection.findings).toEqual([]);
  expect(inspection).toMatchObject({ verified: false, kind: "bound attestation", now: NOW, secondsLeft: 295 });
  expect(inspection.keyThumbprint).toMatch(/^[\w-]{43}$/);
});

describe("form", () => {
  it.each<[string, (head: string, body: string, tail: string) => string, string]>([
    ["padding (T16)", (h, b, t) => `${h}.${b}.${t}==`, "not-canonical"],
    ["white space (T16)", (h, b, t) => `${h}.${b}.${t} `, "not-canonical"],
    ["the standard alphabet (T16)", (h, b) => `${h}.${b}.${"+/".repeat(43)}`, "not-canonical"],
    ["stray bits (T16)", (h, b, t) => `${h}.${b}.${t.slice(0, -1)}${t.endsWith("A") ? "B" : "_"}`, "not-canonical"],
    [
      "repeated members (T10)",
      (_, b, t) => `${part('{"alg":"Ed25519","alg":"none","typ":"JWT"}')}.${b}.${t}`,
      "duplicate-member",
    ],
    ["a byte-order mark (T12)", (h, _, t) => `${h}.${part("\uFEFF{}")}.${t}`, "not-strict-json"],
    ["a payload that is a list (T12)", (h, _, t) => `${h}.${part([])}.${t}`, "not-an-object"],
    [
      "a key of its own (T4)",
      (_, b, t) => `${part({ alg: "Ed25519", typ: "JWT", kid: "k", jwk: {} })}.${b}.${t}`,
      "header-member",
    ],
    [
      "an address of keys (T5)",
      (_, b, t) => `${part({ alg: "Ed25519", typ: "JWT", kid: "k", jku: "https://x" })}.${b}.${t}`,
      "header-member",
    ],
    [
      "critical extensions (T7)",
      (_, b, t) => `${part({ alg: "Ed25519", typ: "JWT", kid: "k", crit: ["b64"] })}.${b}.${t}`,
      "header-member",
    ],
    ["no signature (T1)", (h, b) => `${h}.${b}.`, "signature-length"],
    ["a segment more (T17)", (h, b, t) => `${h}.${b}.${t}.${t}`, "not-a-jws"],
    ["an encrypted token", (h, b, t) => `${h}.${b}.${t}.${t}.${t}`, "not-a-jws"],
    ["size (T17)", (h, b, t) => `${h}.${b}.${t}${"A".repeat(6144)}`, "too-large"],
    [
      "nesting (T17)",
      (h, _, t) => `${h}.${part(`{"a":${"[".repeat(99_999)}${"]".repeat(99_999)}}`)}.${t}`,
      "not-strict-json",
    ],
  ])("flags %s", async (_, spoil, id) => {
    const [h = "", b = "", t = ""] = honest.split(".");
    expect(await ids(spoil(h, b, t))).toContain(`malformed ${id}`);
  });

  it("still shows what a lax reader would see in a malformed token", async () => {
    const token = `${part({ alg: "none", typ: "JWT" })}.${part('{"iss":"https://a","iss":"https://b"}')}.`;
    const { payload, findings } = await inspectToken(token, NOW);
    expect(payload).toEqual({ iss: "https://b" });
    expect(findings.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["duplicate-member", "signature-length", "alg"]),
    );
  });

  it("is malformed whenever the strict reader says so, and only then", async () => {
    for (let i = 0; i < honest.length; i += 7) {
      const token = `${honest.slice(0, i)}!${honest.slice(i + 1)}`;
      expect((await ids(token)).some((finding) => finding.startsWith("malformed"))).toBe(true);
    }
  });
});

describe("meaning", () => {
  it.each<[string, object, object, string]>([
    ["a bearer token (T23)", { typ: "JWT", alg: "EdDSA" }, { cnf: undefined }, "weak bearer"],
    ["a bearer token that was bound (T24)", { typ: "JWT", alg: "EdDSA" }, {}, "refused stripped"],
    ["a bound token without a key", {}, { cnf: undefined }, "refused no-key"],
    ["another kind of token (T9)", { typ: "at+jwt" }, {}, "refused unknown-typ"],
    ["alg none (T1)", { alg: "none" }, {}, "refused alg"],
    ["a shared secret (T2)", { alg: "HS256" }, {}, "refused alg"],
    ["the name EdDSA in a bound token", { alg: "EdDSA" }, {}, "refused alg"],
    ["ES256, which few are configured for", { alg: "ES256" }, {}, "weak alg"],
    ["no kid (T6)", { kid: undefined }, {}, "refused kid"],
    ["no audience", {}, { aud: undefined }, "weak no-audience"],
    ["several audiences (T20)", {}, { aud: ["https://a.example", "https://b.example"] }, "weak several-audiences"],
    ["a long life (T18)", {}, { exp: NOW + 1800 }, "weak long-life"],
    ["a life that is too long (T18)", {}, { exp: NOW + 4000 }, "refused lifetime"],
    ["no expiry (T18)", {}, { exp: undefined }, "refused no-expiry"],
    ["a life that ends before it begins (T18)", {}, { exp: NOW - 10 }, "refused lifetime"],
    ["times that are no numbers (T18)", {}, { exp: "tomorrow" }, "malformed claims"],
    ["an expired token (T19)", {}, { iat: NOW - 400, nbf: NOW - 400, exp: NOW - 100 }, "refused expired"],
    ["one that expires at the moment (T19)", {}, { iat: NOW - 200, nbf: NOW - 200, exp: NOW - 29 }, "weak expired"],
    ["one of tomorrow (T19)", {}, { iat: NOW + 86_400, nbf: NOW + 86_400, exp: NOW + 86_500 }, "refused not-yet-valid"],
    ["a subject of no trust domain (T22)", {}, { sub: "somebody" }, "refused subject"],
    ["an issuer that is a list (T14)", {}, { iss: ["https://authority.example"] }, "malformed claims"],
    [
      "a small-order key (K2)",
      {},
      { cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: part(Buffer.alloc(32).toString("latin1")) } } },
      "refused weak-key",
    ],
    ["a private key (K3)", {}, { cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: "A", d: "A" } } }, "refused private-key"],
    ["a key of another type (K6)", {}, { cnf: { jwk: { kty: "RSA", crv: "x" } } }, "refused key"],
  ])("flags %s", async (_, header, claims, finding) => {
    expect(await ids(altered(header, claims))).toContain(finding);
  });

  it("knows a proof from an attestation (T9)", async () => {
    const proof = await authority.prove(honest, { kind: "message", method: "ping" });
    expect(await inspectToken(proof, NOW)).toMatchObject({ kind: "proof", findings: [] });
    expect((await inspectToken(proof, NOW + 91)).findings).toMatchObject([{ level: "refused", id: "expired" }]);
  });

  it("flags a proof that covers nothing", async () => {
    const typ = "agent-attestation-pop+jwt";
    expect(await ids(forge({ typ, alg: "Ed25519" }, { iat: NOW }))).toEqual(["refused claims", "refused carrier"]);
  });
});

describe("the command", () => {
  it("says in the reader's terms when it expires, and that nothing was verified", async () => {
    const now = Math.floor(Date.now() / 1000);
    const { status, stdout } = await attest(["inspect", altered({}, { iat: now - 100, exp: now + 200 })]);
    expect(status).toBe(0);
    expect(stdout).toContain("NOT VERIFIED");
    expect(stdout).toMatch(/expires in 3 min (1\d|20) s/);
  });

  it("prints for machines, and exits with 1 for a malformed token alone", async () => {
    const weak = await attest(["inspect", "-", "--json"], altered({ typ: "JWT", alg: "EdDSA" }, { cnf: undefined }));
    expect(weak.status).toBe(0);
    expect(JSON.parse(weak.stdout)).toMatchObject({ verified: false, kind: "bearer attestation" });
    const malformed = await attest(["inspect", "-", "--json"], `${honest}=`);
    expect(malformed.status).toBe(1);
    expect(JSON.parse(malformed.stdout).findings[0]).toMatchObject({ level: "malformed", id: "not-canonical" });
  });

  it("lets no token speak to the terminal", async () => {
    const hostile = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202Egnp\u2028\u{E0041}";
    const token = `${part({ alg: hostile, typ: hostile, kid: hostile })}.${part({ iss: hostile, [hostile]: hostile })}.${signature}`;
    for (const args of [
      ["inspect", "-"],
      ["inspect", "-", "--json"],
    ]) {
      const { stdout, stderr } = await attest(args, token);
      expect(stdout).toContain("owned");
      expect(stdout + stderr).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}](?<!\n)/u);
    }
  });
});
