import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Authority, parseSettings, startAuthority } from "../src/index.ts";

const ISSUER = "https://cluster.example";
const NAME = "https://authority.example";
const SUBJECT = "system:serviceaccount:agents:aurora";

let issuer: Server;
let jwksUri: string;
let failing: boolean;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let authority: Authority;

beforeAll(async () => {
  keys = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" };
  issuer = createServer((_, res) => {
    res.writeHead(failing ? 503 : 200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  jwksUri = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
});
afterAll(() => new Promise((resolve) => issuer.close(resolve)));

beforeEach(async () => {
  failing = false;
  authority = await startAuthority(
    parseSettings({
      issuer: "https://models.example",
      port: 0,
      oidc: { issuer: ISSUER, jwksUri, audience: NAME },
      workloads: [
        {
          id: "aurora",
          oidcSubject: SUBJECT,
          identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
        },
      ],
    }),
  );
});
afterEach(() => authority.close());

async function statusFor(credential: string): Promise<[number, string | undefined]> {
  const response = await fetch(new URL("attestations/challenge", authority.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" },
    body: "{}",
  });
  return [response.status, ((await response.json()) as { error?: string }).error];
}

function token(changes: object = {}, key = keys.privateKey): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: ISSUER, aud: NAME, sub: SUBJECT, iat: now, exp: now + 600, ...changes })
    .setProtectedHeader({ alg: "ES256", kid: "k1" })
    .sign(key);
}

it("takes a token of the configured OIDC issuer for the workload it names (A5)", async () => {
  expect(await statusFor(await token())).toEqual([200, undefined]);
});

it.each<[string, object]>([
  ["for another audience", { aud: "https://other.example" }],
  ["of another issuer", { iss: "https://other.example" }],
  ["of a workload that is not registered", { sub: "system:serviceaccount:agents:other" }],
  ["that has expired", { exp: 1 }],
  ["that never expires", { exp: undefined }],
  ["of nobody", { sub: undefined }],
])("refuses a token %s (A5)", async (_, changes) => {
  expect(await statusFor(await token(changes))).toEqual([401, "unauthenticated"]);
});

it("refuses a token that another key signed, or none (A5)", async () => {
  const other = await generateKeyPair("ES256");
  expect(await statusFor(await token({}, other.privateKey))).toEqual([401, "unauthenticated"]);
  const [, payload] = (await token()).split(".");
  const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
  expect(await statusFor(unsigned)).toEqual([401, "unauthenticated"]);
});

it("says that it could not ask, where the issuer's keys cannot be had (A5)", async () => {
  failing = true;
  expect(await statusFor(await token())).toEqual([503, "unavailable"]);
});
