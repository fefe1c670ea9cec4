import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type EvidenceVerifier, oidcEvidence } from "../src/index.ts";
import { Asking, aurora } from "./asking.ts";
import { AUTHORITY, createPlatform, type Platform, START } from "./platform.ts";

const ISSUER = "https://cluster.example";

let platform: Platform;
let server: Server;
let jwksUri: string;
let answer: RequestListener | undefined;
let fetches: number;
let asking: Asking;
let verifier: EvidenceVerifier;
let iat: number;

beforeAll(async () => {
  platform = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
  server = createServer((req, res) => {
    fetches++;
    if (answer && req.url !== "/elsewhere") answer(req, res);
    else res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(platform.jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

beforeEach(async () => {
  answer = undefined;
  fetches = 0;
  iat = START;
  const fetching = { allowInsecureHttp: true, allowPrivateNetwork: true };
  // Read late: the harness is made with the verifier in it.
  const clock = (): number => asking?.now ?? START;
  verifier = oidcEvidence({ issuer: ISSUER, audience: AUTHORITY, jwksUri, fetching, clock });
  const rules = [
    { name: "agent", evidence: "cluster", default: true, subject: "agent-7", attest: { identity: aurora } },
  ];
  asking = await Asking.start({ evidence: { cluster: verifier }, rules });
});
afterEach(() => asking.authority.close());

/** A new token each time: each is one use. */
const ask = async () => asking.ask({}, await platform.token({ iat: iat++, exp: asking.now + 600 }));

it("attests by a token of a platform whose keys are fetched once", async () => {
  expect((await ask()).status).toBe(201);
  expect((await ask()).status).toBe(201);
  expect(fetches).toBe(1);
});

it.each<[string, RequestListener]>([
  ["answers with status 503", (_, res) => res.writeHead(503).end('{"keys":[]}')],
  ["answers with a web page", (_, res) => res.end("<html>")],
  ["answers with no key set", (_, res) => res.end("{}")],
  ["redirects", (_, res) => res.writeHead(302, { location: "/elsewhere" }).end()],
  ["sends more than a key set may have", (_, res) => res.end(JSON.stringify({ keys: [], more: "x".repeat(300_000) }))],
  ["ends the connection", (_, res) => res.destroy()],
])("says that it could not ask a platform that %s, and not that the token is wrong (A5, J8)", async (_, broken) => {
  answer = broken;
  const challenge = await asking.post("attestations/challenge", {}, await platform.token({}));
  expect(challenge).toMatchObject({ status: 503, body: { error: "unavailable" } });
  expect(JSON.stringify(challenge.body)).not.toContain("127.0.0.1");
  expect(asking.records.at(-1)).toMatchObject({
    problem: "unavailable",
    because: expect.stringMatching(/^ERR_KEY_SOURCE/),
  });
});

it("leaves a failing platform alone for a while, however many tokens strangers make (A4, J7)", async () => {
  answer = (_, res) => res.writeHead(503).end();
  for (let i = 0; i < 20; i++)
    expect((await asking.post("attestations/challenge", {}, await platform.token({}))).status).toBe(503);
  expect(fetches).toBe(1);
  answer = undefined;
  asking.now += 5;
  expect((await ask()).status).toBe(201);
});

it("asks for unknown keys once in a while, however many strangers name (A4, J6)", async () => {
  expect((await ask()).status).toBe(201);
  for (let i = 0; i < 30; i++) {
    const token = await platform.token({}, { kid: `invented-${i}` });
    expect((await asking.post("attestations/challenge", {}, token)).body.error).toBe("not_admitted");
  }
  expect(fetches).toBeLessThanOrEqual(2);
});

it("accepts a token no longer that it accepted a moment ago, once the platform has another key of that name (A5)", async () => {
  const token = await platform.token({ iat, exp: START + 600 });
  const refused = () => asking.post("attestations/challenge", {}, token).then(({ body }) => body.error);
  expect(await refused()).toBeUndefined();
  const other = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
  const keys = [...other.jwks.keys, { ...other.jwks.keys[0], kid: "k2" }];
  answer = (_, res) => res.end(JSON.stringify({ keys }));
  expect(await refused()).toBeUndefined();
  asking.now += 50;
  // A key that is not known has the keys fetched again.
  await asking.post("attestations/challenge", {}, await platform.token({ exp: START + 600 }, { kid: "k2" }));
  expect(fetches).toBe(2);
  expect(await refused()).toBe("not_admitted");
  expect(asking.records.at(-1)?.because).toContain("signature");
});
