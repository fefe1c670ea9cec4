import {
  AttestationIssuer,
  AttestationVerifier,
  createDelegation,
  createMacProof,
  createProof,
  importVerificationKey,
  KeyPair,
  TicketAsk,
  type VerificationRequest,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import type { Attributes } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTelemetry, type Telemetry } from "./telemetry.ts";

const CALL = { kind: "message", method: "tools/call", params: { name: "list" } } as const;
let telemetry: Telemetry;
let authority: TestAuthority;
beforeEach(async () => {
  telemetry = createTelemetry();
  authority = await createTestAuthority();
});
afterEach(() => telemetry.shutdown());

const verifierOf = (options: Partial<VerifierOptions>) =>
  new AttestationVerifier({ ...authority.verifierOptions, observer: telemetry.observer, ...options });

function lastSpan(): Attributes {
  const [span] = telemetry.spans.getFinishedSpans().slice(-1);
  return span?.attributes ?? {};
}

describe("a verification's span says", () => {
  it("whether a signature or a MAC proved the message, also where that was refused (SPEC-19.29)", async () => {
    const verifier = verifierOf({ tickets: {} });
    const { agentKey: signer, audience } = authority;
    const attestation = await authority.attest();
    const ask = await TicketAsk.begin();
    const options = { attestation, audience, request: CALL };
    const proof = await createProof({ ...options, signer, ticketKey: ask.epk });
    const signed = await verifier.verify(attestation, { ...CALL, proof });
    expect(lastSpan()).toMatchObject({ "attestation.outcome": "verified", "attestation.proof": "signature" });

    if (!signed.verified || signed.keyThumbprint === undefined) throw new Error("The agent was not verified");
    const grant = await verifier.grantTicket(signed);
    const ticket = await ask.complete(grant, { proof, audience, thumbprint: signed.keyThumbprint });
    if (!ticket) throw new Error("No ticket was granted");
    const request: VerificationRequest = { ...CALL, proof: await createMacProof({ ...options, ticket }) };
    await verifier.verify(attestation, request);
    expect(lastSpan()).toMatchObject({ "attestation.outcome": "verified", "attestation.proof": "mac" });
    await verifier.verify(attestation, request);
    expect(lastSpan()).toMatchObject({ "error.type": "ERR_REPLAY", "attestation.proof": "mac" });
  });

  it("how many links are between the attested agent and the one that called, and no name (SPEC-21.11)", async () => {
    const { audience } = authority;
    let [parent, signer] = [await authority.attest(), authority.agentKey];
    for (const depth of [1, 2]) {
      const next = await KeyPair.generate();
      const link = { confirmationKey: next.toJwk(), name: `sub-agent-${depth}` };
      parent = await createDelegation({ parent, signer, audience, ...link });
      signer = next;
    }
    const proof = await createProof({ attestation: parent, signer, audience, request: CALL });
    await verifierOf({ maxDelegationDepth: 2 }).verify(parent, { ...CALL, proof });
    expect(lastSpan()).toMatchObject({
      "attestation.outcome": "verified",
      "attestation.delegation_depth": 2,
      "attestation.layers": 1,
      "attestation.key_thumbprint": (await importVerificationKey(signer.toJwk())).thumbprint,
    });
    expect(JSON.stringify(lastSpan())).not.toContain("sub-agent");
    await verifierOf({}).verify(parent, { ...CALL, proof });
    expect(lastSpan()).toMatchObject({ "error.type": "ERR_DELEGATION_NOT_ALLOWED" });
    expect(lastSpan()).not.toHaveProperty("attestation.delegation_depth");
  });

  it("how many authorities speak for the agent, and which is the second (SPEC-20.7)", async () => {
    const issuer = "https://sso.corp.example";
    const key = await KeyPair.generate();
    const attestation = await new AttestationIssuer({ issuer, signer: key }).createToken({
      identity: authority.identity,
      subject: "spiffe://corp.example/agent/7",
      confirmationKey: authority.agentKey.toJwk(),
      metadata: { attestationType: "enterprise", nestedAttestation: await authority.attest() },
    });
    const corp = { issuer, trustLevel: "enterprise", trustDomains: ["corp.example"], keys: [key.toJwk()] } as const;
    const verify = async (nested: boolean) => {
      const [own] = authority.verifierOptions.trustedIssuers;
      const trustedIssuers = [own, { ...corp, nested }] as const;
      const proof = await authority.prove(attestation, CALL);
      await verifierOf({ trustedIssuers }).verify(attestation, { ...CALL, proof });
      return lastSpan();
    };
    expect(await verify(true)).toMatchObject({
      "attestation.issuer": issuer,
      "attestation.layers": 2,
      "attestation.nested_issuer": authority.issuer,
    });
    const alone = await verify(false);
    expect(alone).toMatchObject({ "attestation.issuer": issuer, "attestation.layers": 1 });
    expect(alone).not.toHaveProperty("attestation.nested_issuer");
  });
});
