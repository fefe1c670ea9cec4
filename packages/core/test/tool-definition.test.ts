import {
  type AttestationEvent,
  AttestationVerifier,
  createMacProof,
  createProof,
  definitionProblem,
  type ProofRequest,
  TicketAsk,
  toolDigest,
  type VerificationRequest,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, describe, expect, it } from "vitest";

const START = 1_800_000_000;
const TRANSFER = { name: "transfer", description: "Transfers money.", inputSchema: { type: "object" } };
const CALL = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;
const HTTP = { kind: "http", method: "POST", body: new TextEncoder().encode("{}") } as const;

let authority: TestAuthority;
let attestation: string;
let events: AttestationEvent[];
let verifier: AttestationVerifier;
beforeEach(async () => {
  authority = await createTestAuthority({ clock: () => START });
  attestation = await authority.attest();
  events = [];
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  verifier = new AttestationVerifier({ ...authority.verifierOptions, observer });
});

const proving = async (request: ProofRequest, digest?: string) =>
  createProof({
    attestation,
    signer: authority.agentKey,
    audience: authority.audience,
    request,
    clock: () => START,
    ...(digest !== undefined && { toolDigest: digest }),
  });
const verify = async (request: ProofRequest, digest?: string, shown: Partial<VerificationRequest> = {}) => {
  const proof = await proving(request, digest);
  return verifier.verify(attestation, { ...request, ...shown, proof } as VerificationRequest);
};

describe("a digest of a definition", () => {
  it("is over name, description and schema as listed, and nothing else (SPEC-23.1)", async () => {
    const digest = await toolDigest(TRANSFER);
    expect(await toolDigest({ ...TRANSFER, title: "Transfer" } as typeof TRANSFER)).toBe(digest);
    expect(
      await toolDigest({ inputSchema: { type: "object" }, name: "transfer", description: "Transfers money." }),
    ).toBe(digest);
    for (const other of [
      { name: "transfers" },
      { description: "Transfers money" },
      { description: undefined },
      { inputSchema: {} },
      { inputSchema: undefined },
    ]) {
      expect(await toolDigest({ ...TRANSFER, ...other })).not.toBe(digest);
    }
  });

  it.each<[unknown, string]>([
    [undefined, "definition must"],
    ["transfer", "definition must"],
    [{ description: "x" }, "definition.name"],
    [{ name: "" }, "definition.name"],
    [{ name: "t", description: 1 }, "definition.description"],
    [{ name: "t", inputSchema: [] }, "definition.inputSchema"],
    [{ name: "t", inputSchema: { a: new Map() } }, "definition must be plain JSON"],
    [{ name: "t", inputSchema: { a: Number.NaN } }, "definition must be plain JSON"],
  ])("is not made of %j", (definition, message) => {
    expect(() => toolDigest(definition as typeof TRANSFER)).toThrow(message);
  });
});

describe("a proof that names a definition", () => {
  it("is told of a call, and only of a call (SPEC-23.3)", async () => {
    const digest = await toolDigest(TRANSFER);
    expect(await verify(CALL, digest)).toMatchObject({ verified: true, proof: "signature", toolDigest: digest });
    expect(events).toMatchObject([{ type: "verification", outcome: "verified", toolDigest: digest }]);
    const http = await verify(HTTP, digest, { dispatched: { method: "tools/call", params: {} } });
    expect(http).toMatchObject({ verified: true, toolDigest: digest });
    for (const dispatched of [{ method: "prompts/get" }, "response", undefined] as const) {
      const other = await verify(HTTP, digest, dispatched && { dispatched });
      expect(other.verified).toBe(true);
      expect(other).not.toHaveProperty("toolDigest");
    }
    expect(await verify(CALL)).not.toHaveProperty("toolDigest");
  });

  it("says nothing about what it does not call (SPEC-23.2)", async () => {
    const digest = await toolDigest(TRANSFER);
    for (const request of [
      { kind: "message", method: "prompts/get", params: { name: "transfer" } },
      { kind: "response", id: 1, result: {} },
      { kind: "http", method: "GET" },
    ] as const) {
      await expect(proving(request, digest)).rejects.toThrow("toolDigest goes with a tools/call only");
    }
    for (const malformed of ["", "short", `${digest}=`, digest.slice(1)]) {
      await expect(proving(CALL, malformed)).rejects.toThrow("toolDigest must be what toolDigest made");
    }
  });
});

describe("a demand for a definition", () => {
  it("is met by a signature over that definition alone (P1, P2, SPEC-23.4)", async () => {
    const [own, other] = [await toolDigest(TRANSFER), await toolDigest({ name: "transfer" })];
    expect(definitionProblem({ proof: "signature", toolDigest: own }, own)).toBeUndefined();
    expect(definitionProblem({ proof: "signature", toolDigest: other }, own)).toBe("ERR_DEFINITION_MISMATCH");
    expect(definitionProblem({ proof: "signature" }, own)).toBe("ERR_DEFINITION_REQUIRED");
    expect(definitionProblem({ proof: "mac", toolDigest: own }, own)).toBe("ERR_SIGNATURE_REQUIRED");
    expect(definitionProblem({ proof: "none", toolDigest: own }, own)).toBe("ERR_SIGNATURE_REQUIRED");
  });

  it("finds nothing in a MAC proof, which has no place for one (P2, SPEC-23.2)", async () => {
    const ask = await TicketAsk.begin();
    const proof = await createProof({
      attestation,
      signer: authority.agentKey,
      audience: authority.audience,
      request: CALL,
      ticketKey: ask.epk,
      toolDigest: await toolDigest(TRANSFER),
      clock: () => START,
    });
    const signed = await verifier.verify(attestation, { ...CALL, proof });
    if (!signed.verified) throw new Error("not verified");
    const grant = await verifier.grantTicket(signed);
    const ticket = await ask.complete(grant, {
      proof,
      audience: authority.audience,
      thumbprint: signed.keyThumbprint ?? "",
    });
    if (!ticket) throw new Error("no ticket");
    const mac = await createMacProof({
      attestation,
      ticket,
      audience: authority.audience,
      request: CALL,
      clock: () => START,
    });
    const byMac = await verifier.verify(attestation, { ...CALL, proof: mac });
    expect(byMac).toMatchObject({ verified: true, proof: "mac" });
    expect(byMac).not.toHaveProperty("toolDigest");
  });
});
