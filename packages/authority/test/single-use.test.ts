import { InMemoryReplayCache, KeyPair } from "@attest/core";
import { calculateJwkThumbprint } from "jose";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { type AuthorityOptions, oidcEvidence } from "../src/index.ts";
import { Asking, aurora } from "./asking.ts";
import { AUTHORITY, createPlatform, type Platform, START } from "./platform.ts";

const ISSUER = "https://issuer.example";
const attest = { identity: aurora };
const rules = [
  { name: "agent", evidence: "once", default: true, subject: "agent-7", attest },
  { name: "same-by-another-name", evidence: "once-more", subject: "agent-7", attest },
  { name: "any-times", evidence: "reused", subject: "agent-7", attest },
];

let platform: Platform;
let asking: Asking;
beforeAll(async () => {
  platform = await createPlatform({ iss: ISSUER, sub: "agent-7" }, "ES256");
});
const start = (changes: Partial<AuthorityOptions> = {}) => {
  const options = { issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks };
  const evidence = {
    once: oidcEvidence(options),
    "once-more": oidcEvidence(options),
    reused: oidcEvidence({ ...options, acceptReuse: true }),
  };
  return Asking.start({ evidence, rules, ...changes });
};
beforeEach(async () => {
  asking = await start();
});

it("a token gets one attestation, whoever presents it again, by whatever rule (A3)", async () => {
  const token = await platform.token({});
  expect((await asking.ask({}, token)).status).toBe(201);
  const used = { status: 403, body: { error: "evidence_used" } };
  expect(await asking.ask({}, token)).toMatchObject(used);
  expect(await asking.ask({}, token, await KeyPair.generate())).toMatchObject(used);
  expect(await asking.ask({ rule: "same-by-another-name" }, token)).toMatchObject(used);
  // The same text under another signature is the same token.
  expect(await asking.ask({}, await platform.token({}))).toMatchObject(used);
});

it("a token is used up by what it got, and not by an ask that failed", async () => {
  const token = await platform.token({});
  const possession = await asking.possessionOf(await KeyPair.generate(), await asking.challenge(token));
  expect((await asking.ask({ possession }, token)).body.error).toBe("possession_not_proved");
  expect((await asking.ask({}, token)).status).toBe(201);
});

it("of many asks with one token at once, one is served (A3)", async () => {
  const token = await platform.token({});
  const answers = await Promise.all(Array.from({ length: 20 }, () => asking.ask({}, token)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
});

it("a token is good as often as it is presented where that is accepted by name, until it is too old", async () => {
  const token = await platform.token({ exp: START + 86_400 });
  for (let i = 0; i < 3; i++) expect((await asking.ask({ rule: "any-times" }, token)).status).toBe(201);
  asking.now += 630;
  expect((await asking.post("attestations/challenge", { rule: "any-times" }, token)).body.error).toBe("not_admitted");
});

it("a token from before a store that a restart emptied is not accepted: it may have been used (R17)", async () => {
  asking = await start({ replayCache: new InMemoryReplayCache({ clock: () => START + 10 }) });
  asking.now = START + 11;
  expect((await asking.ask({}, await platform.token({ iat: START + 10 }))).status).toBe(503);
  expect((await asking.ask({}, await platform.token({ iat: START + 11 }))).status).toBe(201);
});

it("a token that is bound to a key is worth nothing with another one (A2)", async () => {
  const thumbprint = await calculateJwkThumbprint(asking.key.toJwk() as { kty: string });
  const token = () => platform.token({ aud: `${AUTHORITY}#${thumbprint}` });
  const thief = await KeyPair.generate();
  expect(await asking.ask({}, await token(), thief)).toMatchObject({
    status: 403,
    body: { error: "evidence_for_another_key" },
  });
  // What the thief tried has used nothing up.
  expect((await asking.ask({}, await token())).status).toBe(201);
});
