import { KeyPair } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { expect, it } from "vitest";
import { kubernetesEvidence } from "../src/index.ts";
import { Asking, AUDIENCE, aurora } from "./asking.ts";
import { AUTHORITY, createPlatform } from "./platform.ts";

const ISSUER = "https://cluster.example";
const UID = "8e2ce7a1-1f0e-4f0e-8f5b-0d1a6e8f2b11";
const bound = { namespace: "finance", serviceaccount: { name: "bot", uid: UID } };
const SUBJECT = "system:serviceaccount:finance:bot";

it("an agent asks its platform for evidence of its own key, for each server, and stolen evidence is worth nothing (A2)", async () => {
  const platform = await createPlatform({ iss: ISSUER, sub: SUBJECT, "kubernetes.io": bound });
  const cluster = kubernetesEvidence({ issuer: ISSUER, audience: AUTHORITY, jwks: platform.jwks, keyBound: true });
  const claims = { "/kubernetes.io/serviceaccount/uid": UID };
  const rule = { name: "bot", evidence: "cluster", subject: SUBJECT, claims, attest: { identity: aurora } };
  const asking = await Asking.start({ evidence: { cluster }, rules: [rule] });
  const tokens: string[] = [];
  const source = httpSource(asking.address, {
    rule: "bot",
    fetch: (url, init) => asking.authority.fetch(new Request(url, init)),
    async credential({ keyThumbprint }) {
      const token = await platform.token({ aud: `${AUTHORITY}#${keyThumbprint}`, jti: `${tokens.length}` });
      tokens.push(token);
      return token;
    },
  });
  const agent = new AttestingAgent({ source, clock: () => asking.now });
  const request = { kind: "message", method: "ping" } as const;
  for (const audience of [AUDIENCE, "https://other.example/mcp"]) await agent.credentialsFor(audience, request);
  expect(asking.records.map(({ outcome, subject }) => [outcome, subject])).toEqual([
    ["issued", SUBJECT],
    ["issued", SUBJECT],
  ]);

  const thief = await KeyPair.generate();
  const stolen = await platform.token({ aud: `${AUTHORITY}#${asking.records[0]?.keyThumbprint}`, jti: "unused" });
  const { body } = await asking.ask({ rule: "bot" }, stolen, thief);
  expect(body.error).toBe("evidence_for_another_key");
});
