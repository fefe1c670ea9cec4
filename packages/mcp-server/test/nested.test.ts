import { AttestationIssuer, HTTP_FIELDS, KeyPair, META_ATTESTATION, META_PROOF } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { type AdmittedAgent, type AttestationDemand, AttestationGuard, requireAttestation } from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";
import { verifiedFields } from "../src/guard/answers.ts";

const CORP = "https://sso.corp.example";
const AGENT = "spiffe://corp.example/agent/7";
const MODEL = "spiffe://example.com/model/example-1";
let provider: TestAuthority;
let guard: AttestationGuard;
let token: string;
beforeEach(async () => {
  provider = await createTestAuthority();
  const signer = await KeyPair.generate();
  const [own] = provider.verifierOptions.trustedIssuers;
  const corp = { issuer: CORP, trustLevel: "enterprise", trustDomains: ["corp.example"], nested: true } as const;
  await provider.keyResolver.addKeyPair(CORP, signer);
  guard = new AttestationGuard({ ...provider.verifierOptions, trustedIssuers: [own, corp] });
  const { identity, agentKey } = provider;
  token = await new AttestationIssuer({ issuer: CORP, signer }).createToken({
    identity,
    subject: AGENT,
    confirmationKey: agentKey.toJwk(),
    nested: await provider.attest(),
  });
});

/** What the guard forwards of a call by the agent that has both attestations. */
async function forwarded(method = "tools/call") {
  const params = { name: "transfer" };
  const proof = await provider.prove(token, { kind: "message", method, params });
  const _meta = { [META_ATTESTATION]: token, [META_PROOF]: proof };
  const decision = await guard.check({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta } });
  if (decision.action !== "forward") throw new Error(JSON.stringify(decision));
  return decision;
}

/** The agent as a handler with this demand sees it. */
async function admitted(demand: AttestationDemand): Promise<AdmittedAgent> {
  const { message } = await forwarded();
  const handler = requireAttestation(demand, ({ attestation }: { attestation: AdmittedAgent }) => attestation);
  return handler({ _meta: (message as { params: { _meta: object } }).params._meta } as never);
}

describe("a demand on an agent of an enterprise and a provider", () => {
  it.each<[AttestationDemand, string]>([
    [{}, AGENT],
    [{ minTrustLevel: "enterprise" }, AGENT],
    [{ minTrustLevel: "provider" }, MODEL],
    [{ issuer: CORP }, AGENT],
    [{ issuer: "https://authority.example" }, MODEL],
    [{ subject: MODEL }, MODEL],
    [{ claims: { "/attestation_metadata/attestation_type": "provider" } }, MODEL],
    [{ minTrustLevel: "provider", claims: { "/agent_identity/model_version": "example-1" } }, MODEL],
  ])("%j is met by one statement, and says which (SPEC-20.7)", async (demand, subject) => {
    const agent = await admitted(demand);
    expect(agent.metBy.subject).toBe(subject);
    expect(agent).toMatchObject({ issuer: CORP, subject: AGENT, trustLevel: "enterprise" });
    expect(Object.isFrozen(agent)).toBe(true);
  });

  it.each<AttestationDemand>([
    { minTrustLevel: "provider", issuer: CORP },
    { minTrustLevel: "provider", subject: AGENT },
    { issuer: "https://authority.example", subject: AGENT },
    { subject: AGENT, claims: { "/attestation_metadata/attestation_type": "provider" } },
  ])("%j is not met by one statement here and another there (N1, SPEC-20.7)", async (demand) => {
    await expect(admitted(demand)).rejects.toMatchObject({ code: "ERR_DEMAND" });
  });

  it("shows its check both statements (SPEC-20.7)", async () => {
    const check: AttestationDemand["check"] = ({ layers }) =>
      layers.map(({ subject }) => subject).join() === `${AGENT},${MODEL}`;
    expect((await admitted({ check })).metBy.subject).toBe(AGENT);
  });
});

it("tells the client the highest trust level (SPEC-20.8)", async () => {
  const { attestation } = await forwarded("initialize");
  if (!attestation) throw new Error("not verified");
  expect(attestation.trustLevel).toBe("enterprise");
  expect(verifiedFields(attestation)).toEqual({ [HTTP_FIELDS.status]: "verified;trust=provider" });
});
