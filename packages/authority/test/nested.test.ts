import {
  AttestationIssuer,
  AttestationVerifier,
  createDelegation,
  createProof,
  decodeAttestation,
  HTTP_FIELDS,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  type VerifierOptions,
} from "@attest/core";
import { AttestingAgent, attestFetch, httpSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { type Attested, attestationEvidence, type Rule } from "../src/index.ts";
import { Asking, AUDIENCE, aurora } from "./asking.ts";
import { AUTHORITY, START } from "./platform.ts";

const MAKER = "https://models.example";
const CORP = "https://corp.example";
const clock = () => START;
const used = () => new InMemoryReplayCache({ clock: () => START - 60 });

let maker: AttestationIssuer;
let signer: KeyPair;
let keyResolver: InMemoryKeyResolver;
beforeEach(async () => {
  const key = await KeyPair.generate();
  keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(MAKER, key);
  maker = new AttestationIssuer({ issuer: MAKER, signer: key, clock });
  signer = await KeyPair.generate();
});

const provider = { issuer: MAKER, trustLevel: "provider", trustDomains: ["example.com"] } as const;
const attest: Attested = { identity: aurora, trustDomain: "corp.example", nest: true };
const ruleThat = (changes: Partial<Attested> = {}): Rule => ({
  name: "agent",
  evidence: "maker",
  default: true,
  subject: "spiffe://example.com/model/aurora-2",
  attest: { ...attest, ...changes },
});

/** An enterprise's authority whose evidence is an attestation of the maker's. */
function corporation(rule: Rule = ruleThat(), changes: Partial<VerifierOptions> = {}): Promise<Asking> {
  const trusting = {
    audience: AUTHORITY,
    trustedIssuers: [provider],
    keyResolver,
    clock,
    replayCache: used(),
  } as const;
  const evidence = { maker: attestationEvidence(new AttestationVerifier({ ...trusting, ...changes })) };
  return Asking.start({ issuer: CORP, evidence, rules: [rule] });
}

/** An agent that shows the enterprise what the maker attests of its one key. @param audience For whom the maker attests it. */
function agentOf({ authority }: Asking, audience?: string | readonly string[]): AttestingAgent {
  const attested = new AttestingAgent({
    source: {
      getAttestation: ({ confirmationKey }) =>
        maker.createToken({ identity: aurora, confirmationKey, ...(audience !== undefined && { audience }) }),
    },
    signer,
    clock,
  });
  const send = (url: string | URL, init?: RequestInit) => authority.fetch(new Request(url, init));
  return new AttestingAgent({
    source: httpSource(`${AUTHORITY}/attestations`, {
      credential: () => "in-the-fields",
      fetch: (url, init) =>
        attestFetch({ agent: attested, audience: AUTHORITY, endpoint: url, fetch: send })(url, init),
    }),
    signer,
    clock,
  });
}

const request = { kind: "message", method: "tools/list" } as const;
const attestationOf = async (agent: AttestingAgent) => (await agent.credentialsFor(AUDIENCE, request)).attestation;

/** What a server that trusts both makes of an agent's message. */
async function verified(asking: Asking, agent: AttestingAgent) {
  await keyResolver.addKey(CORP, asking.signer.toJwk());
  const verifier = new AttestationVerifier({
    audience: AUDIENCE,
    trustedIssuers: [
      provider,
      { issuer: CORP, trustLevel: "enterprise", trustDomains: ["corp.example"], nested: true },
    ],
    keyResolver,
    clock,
    replayCache: used(),
  });
  const { attestation, proof } = await agent.credentialsFor(AUDIENCE, request);
  return verifier.verify(attestation, { ...request, proof });
}

describe("a rule that embeds what it was shown", () => {
  it("attests both: a server sees two layers (SPEC-20.7, SPEC-20.9)", async () => {
    const asking = await corporation();
    expect(await verified(asking, agentOf(asking))).toMatchObject({
      outcome: "verified",
      issuer: CORP,
      subject: "spiffe://corp.example/model/aurora-2",
      trustLevel: "enterprise",
      layers: [
        { issuer: CORP, trustLevel: "enterprise" },
        { issuer: MAKER, subject: "spiffe://example.com/model/aurora-2", trustLevel: "provider" },
      ],
    });
  });

  it("embeds nothing unless it says so", async () => {
    const { nest: _, ...plain } = attest;
    const asking = await corporation({ ...ruleThat(), attest: { ...plain, attestationType: "enterprise" } });
    expect(await verified(asking, agentOf(asking))).toMatchObject({ layers: [{ issuer: CORP }] });
  });

  it.each([
    ["for another server than the one that is asked for", ruleThat(), AUTHORITY],
    ["about another model", ruleThat({ identity: { ...aurora, modelVersion: "aurora-3" } }), undefined],
  ])("embeds none %s: every server would refuse it (SPEC-20.3, SPEC-20.9)", async (_, rule, audience) => {
    const asking = await corporation(rule);
    await expect(attestationOf(agentOf(asking, audience))).rejects.toThrow("invalid_request");
    expect(asking.records.at(-1)).toMatchObject({ outcome: "refused", problem: "invalid_request" });
  });

  it("embeds one that is for both, where this authority accepts such (SPEC-20.3)", async () => {
    const asking = await corporation(ruleThat(), { allowMultipleAudiences: true });
    const { claims } = decodeAttestation(await attestationOf(agentOf(asking, [AUTHORITY, AUDIENCE])));
    expect(claims?.attestationMetadata.nestedAttestation).toBeTypeOf("string");
  });

  it("embeds no enterprise's: verifiers interpret a provider's alone (SPEC-20.4)", async () => {
    const asking = await corporation(ruleThat(), { trustedIssuers: [{ ...provider, trustLevel: "enterprise" }] });
    const createToken = maker.createToken.bind(maker);
    const metadata = { attestationType: "enterprise" } as const;
    maker.createToken = () => createToken({ identity: aurora, confirmationKey: signer.toJwk(), metadata });
    await expect(attestationOf(agentOf(asking))).rejects.toThrow("not_admitted");
    expect(asking.records.at(-1)?.because).toContain("provider's attestation");
  });
});

it("a rule bounds the links of delegation that may follow (SPEC-21.5)", async () => {
  for (const [maxDelegationDepth, told] of [
    [undefined, undefined],
    [0, 0],
    [2, 2],
  ] as const) {
    const asking = await corporation(ruleThat(maxDelegationDepth === undefined ? {} : { maxDelegationDepth }));
    const attestation = await attestationOf(agentOf(asking));
    expect(decodeAttestation(attestation).claims?.attestationMetadata.maxDelegationDepth).toBe(told);
  }
});

it("a sub-agent is not attested as the agent that delegated to it (D9)", async () => {
  const asking = await corporation(ruleThat(), { maxDelegationDepth: 1 });
  const child = await KeyPair.generate();
  const root = await maker.createToken({ identity: aurora, confirmationKey: signer.toJwk() });
  const chain = await createDelegation({
    parent: root,
    signer,
    confirmationKey: child.toJwk(),
    audience: AUTHORITY,
    clock,
  });
  const body = new TextEncoder().encode("{}");
  const proof = await createProof({
    attestation: chain,
    signer: child,
    audience: AUTHORITY,
    request: { kind: "http", method: "POST", body },
    clock,
  });
  const fields = { [HTTP_FIELDS.attestation]: chain, [HTTP_FIELDS.proof]: proof };
  expect((await asking.post("attestations/challenge", {}, "", fields)).body.error).toBe("not_admitted");
  expect(asking.records.at(-1)?.because).toContain("sub-agent");
});
