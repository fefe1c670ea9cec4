import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Authority, parseSettings, startAuthority } from "../src/index.ts";

const ISSUER = "https://cluster.example";
const NAME = "https://authority.example";
const SUBJECT = "system:serviceaccount:agents:aurora";

let issuer: Server;
let jwksUri: string;
let answer: RequestListener | undefined;
let fetches: number;
let now: number;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let authority: Authority;

beforeAll(async () => {
  keys = await generateKeyPair("ES256");
  const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k1", alg: "ES256" };
  issuer = createServer((req, res) => {
    fetches++;
    if (answer && req.url !== "/elsewhere") answer(req, res);
    else res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
  jwksUri = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks`;
});
afterAll(() => new Promise((resolve) => issuer.close(resolve)));

beforeEach(async () => {
  answer = undefined;
  fetches = 0;
  now = 1_800_000_000;
  authority = await start();
});

const start = (oidc: object = {}) =>
  startAuthority(
    parseSettings({
      issuer: "https://models.example",
      port: 0,
      oidc: { issuer: ISSUER, jwksUri, audience: NAME, ...oidc },
      workloads: [
        {
          id: "aurora",
          oidcSubject: SUBJECT,
          identities: [{ modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" }],
        },
      ],
    }),
    { clock: () => now },
  );
afterEach(() => authority.close());

async function statusFor(credential: string): Promise<[number, string | undefined]> {
  const response = await fetch(new URL("attestations/challenge", authority.url), {
    method: "POST",
    headers: { Authorization: `Bearer ${credential}`, "Content-Type": "application/json" },
    body: "{}",
  });
  return [response.status, ((await response.json()) as { error?: string }).error];
}

/** Tokens are checked by the machine's clock. */
const machineTime = () => Math.floor(Date.now() / 1000);

function token(changes: object = {}, key = keys.privateKey): Promise<string> {
  const iat = machineTime();
  return new SignJWT({ iss: ISSUER, aud: NAME, sub: SUBJECT, iat, exp: iat + 600, ...changes })
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

it("refuses a token that is older than it may be, whatever its exp says (A5)", async () => {
  await authority.close();
  authority = await start({ maxAge: 300 });
  const issued = (age: number) => token({ iat: machineTime() - age, exp: machineTime() + 21_600 });
  expect(await statusFor(await issued(290))).toEqual([200, undefined]);
  expect(await statusFor(await issued(340))).toEqual([401, "unauthenticated"]);
});

it.each<[string, RequestListener]>([
  ["answers with status 503", (_, res) => res.writeHead(503).end('{"keys":[]}')],
  ["answers with a web page", (_, res) => res.end("<html>")],
  ["answers with no key set", (_, res) => res.end("{}")],
  ["answers with keys that are none", (_, res) => res.end('{"keys":[1]}')],
  ["redirects", (_, res) => res.writeHead(302, { location: "/elsewhere" }).end()],
  ["sends more than a key set may have", (_, res) => res.end(JSON.stringify({ keys: [], more: "x".repeat(300_000) }))],
  ["ends the connection", (_, res) => res.destroy()],
])("says that it could not ask an issuer that %s, and not that the token is wrong (A5, J8)", async (_, broken) => {
  answer = broken;
  expect(await statusFor(await token())).toEqual([503, "unavailable"]);
});

it("leaves a failing issuer alone for a while, however many tokens strangers make (A4, J7)", async () => {
  answer = (_, res) => res.writeHead(503).end();
  for (let i = 0; i < 20; i++) expect(await statusFor(await token())).toEqual([503, "unavailable"]);
  expect(fetches).toBe(1);
  answer = undefined;
  now += 5;
  expect(await statusFor(await token())).toEqual([200, undefined]);
});
