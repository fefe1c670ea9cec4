import { AttestationIssuer, createDelegation, decodeAttestation, KeyPair, systemClock } from "@attest/core";
import { AttestingAgent, attestFetch, httpSource } from "@attest/mcp-client";
import { beforeEach, expect, it } from "vitest";
import { explainEvidence } from "../src/node.ts";
import { aurora } from "./asking.ts";
import { Written } from "./written.ts";

const CORP = "https://corp.example";
const CONFIGURATION = `issuer: ${CORP}
listen: 127.0.0.1:0
evidence:
  maker: { attestation: { issuer: https://models.example, trustDomains: [example.com], audience: ${CORP}, jwks: ./maker.json } }
rules:
  - name: agent
    default: true
    evidence: maker
    subject: spiffe://example.com/model/aurora-2
    attest:
      identity: { modelFamily: aurora, modelVersion: aurora-2, provider: example }
      trustDomain: corp.example
      nest: true
      maxDelegationDepth: 1
`;

let written: Written;
let maker: AttestationIssuer;
let signer: KeyPair;
beforeEach(async () => {
  const key = await KeyPair.generate();
  maker = new AttestationIssuer({ issuer: "https://models.example", signer: key });
  written = await Written.of(CONFIGURATION);
  await written.write("maker.json", JSON.stringify({ keys: [key.toJwk()] }));
  signer = await KeyPair.generate();
});

const attested = (modelVersion = "aurora-2") =>
  maker.createToken({ identity: { ...aurora, modelVersion }, confirmationKey: signer.toJwk() });

it("an authority that runs by a file embeds what another one attests (SPEC-20.9, SPEC-21.5)", async () => {
  // Of a process that has been running for a minute: over HTTP it refuses proofs that may be older than itself.
  let ahead = -60;
  const running = await written.run({ clock: () => systemClock() + ahead });
  ahead = 0;
  const held = await attested();
  const shown = new AttestingAgent({ source: { getAttestation: async () => held }, signer });
  const agent = new AttestingAgent({
    source: httpSource(new URL("attestations", running.url), {
      credential: () => "in-the-fields",
      fetch: (url, init) => attestFetch({ agent: shown, audience: CORP, endpoint: url })(url, init),
    }),
    signer,
  });
  const { attestation } = await agent.credentialsFor("https://bank.example/mcp", { kind: "message", method: "ping" });
  const { iss, attestationMetadata } = decodeAttestation(attestation).claims ?? {};
  expect(iss).toBe(CORP);
  expect(attestationMetadata).toMatchObject({
    attestationType: "enterprise",
    nestedAttestation: held,
    maxDelegationDepth: 1,
  });
});

it("explains by the attestation alone whether a rule would admit it, and why not (SPEC-20.9)", async () => {
  const explain = async (text: string, ahead = 0) => {
    const [rule] = await explainEvidence(written.path(), text, { clock: () => systemClock() + ahead });
    return rule;
  };
  const about = { rule: "agent", evidence: "maker", kind: "attestation" };
  expect(await explain(await attested())).toMatchObject({ ...about, admitted: true, keyThumbprint: signer.kid });
  expect(await explain(await attested("aurora-3"))).toMatchObject({ ...about, checks: [{ holds: false }] });
  expect((await explain(await attested(), 3600))?.refused?.code).toBe("expired");
  expect((await explain("a-secret-of-a-workload"))?.refused?.code).toBe("claims");
  const child = (await KeyPair.generate()).toJwk();
  const chain = await createDelegation({ parent: await attested(), signer, confirmationKey: child, audience: CORP });
  expect((await explain(chain))?.refused?.message).toContain("sub-agent");
});

it.each([
  [
    "evidence that is no attestation",
    CONFIGURATION.replace(/maker: \{ .*/, `maker: { secret: { sha256: ${"a".repeat(64)} } }`),
    "nest needs evidence",
  ],
  ["keys nowhere", CONFIGURATION.replace(", jwks: ./maker.json", ""), "jwks or jwksUri"],
  [
    "a depth that no link can have",
    CONFIGURATION.replace("maxDelegationDepth: 1", "maxDelegationDepth: 5"),
    "maxDelegationDepth",
  ],
])("says what is wrong with %s", async (_, text, problem) => {
  await written.write("authority.yaml", text);
  await expect(written.run()).rejects.toThrow(problem);
});
