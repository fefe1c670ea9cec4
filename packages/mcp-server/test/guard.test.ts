import { META_ATTESTATION, META_PROOF, type ProofRequest } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestationOf, type GuardDecision, type HandlerContext } from "@attest/mcp-server";
import { beforeEach, describe, expect, it } from "vitest";

let authority: TestAuthority;
let guard: AttestationGuard;

beforeEach(async () => {
  authority = await createTestAuthority({ clock: () => 1_800_000_000 });
  guard = new AttestationGuard(authority.verifierOptions);
});

const call = { method: "tools/call", params: { name: "transfer", arguments: { amount: 1 } } };

/** A message with in-band credentials of the authority's agent. */
async function attested(method: string, params: object, id?: number, attestation?: string) {
  const token = attestation ?? (await authority.attest());
  const request: ProofRequest = { kind: "message", method, params };
  const _meta = { [META_ATTESTATION]: token, [META_PROOF]: await authority.prove(token, request) };
  return { jsonrpc: "2.0", ...(id !== undefined && { id }), method, params: { ...params, _meta } };
}

function reasonIn(decision: GuardDecision): unknown {
  if (decision.action !== "reply") return decision.action;
  return (decision.message as { error?: { data?: { reason?: string } } } | undefined)?.error?.data?.reason;
}

describe("a guard", () => {
  it("lets an attested message through, without its credentials and with the identity (SPEC-4.21)", async () => {
    const decision = await guard.check(await attested(call.method, call.params, 1));
    expect(decision).toMatchObject({ action: "forward", attestation: { trustLevel: "provider" } });
    const { params } = (decision as { message: { params: { _meta: object } } }).message;
    expect(Object.keys(params._meta)).toEqual(["io.github.attest/context"]);
  });

  it("accepts one proof once, however many servers are built from it (M9, R3, SPEC-4.23)", async () => {
    const message = await attested(call.method, call.params, 1);
    expect(await guard.check(message, guard.createSession())).toMatchObject({ action: "forward" });
    expect(reasonIn(await guard.check(message, guard.createSession()))).toBe("attestation_replay");
  });

  it.each([
    ["nothing", {}, "attestation_required"],
    ["a number", { [META_ATTESTATION]: 7 }, "attestation_invalid"],
    ["null", { [META_ATTESTATION]: null }, "attestation_invalid"],
    ["an object", { [META_ATTESTATION]: { a: 1 } }, "attestation_invalid"],
    ["10 MB", { [META_ATTESTATION]: "x".repeat(10_000_000) }, "attestation_invalid"],
    ["binary", { [META_ATTESTATION]: "\u0000\u0001.\ufffd.\u0002" }, "attestation_invalid"],
    ["a proof alone", { [META_PROOF]: "a.b.c" }, "attestation_proof_invalid"],
  ])(
    "refuses %s in the attestation's place with a reason, and serves the next (T12, T17, SPEC-4.5)",
    async (_, meta, reason) => {
      const message = { jsonrpc: "2.0", id: 5, method: call.method, params: { ...call.params, _meta: meta } };
      const decision = await guard.check(message);
      expect(decision).toMatchObject({ action: "reply", status: 200, message: { id: 5 } });
      expect(reasonIn(decision)).toBe(reason);
      expect(await guard.check(await attested(call.method, call.params, 6))).toMatchObject({ action: "forward" });
    },
  );

  it.each([
    ["arguments", { name: "transfer", arguments: { amount: 2 } }],
    ["tool", { name: "close_account", arguments: { amount: 1 } }],
  ])("refuses changed %s (M5)", async (_, changed) => {
    const { params } = (await attested(call.method, call.params)) as { params: { _meta: object } };
    const message = { jsonrpc: "2.0", id: 1, method: call.method, params: { ...changed, _meta: params._meta } };
    expect(reasonIn(await guard.check(message))).toBe("attestation_proof_invalid");
  });

  it.each([
    ["a batch", [{ jsonrpc: "2.0", id: 1, method: "ping" }]],
    ["a request that is also a response", { jsonrpc: "2.0", id: 1, method: "ping", result: {} }],
    ["another version", { jsonrpc: "1.0", id: 1, method: "ping" }],
    ["an id that is an object", { jsonrpc: "2.0", id: {}, method: "ping" }],
    ["nothing at all", undefined],
  ])("refuses %s as no message (M2, SPEC-4.16)", async (_, message) => {
    expect(await guard.check(message)).toMatchObject({ action: "reply", status: 400 });
  });

  it("drops an unattested notification and refuses unknown methods (M2, SPEC-4.15, SPEC-7.6)", async () => {
    expect(await guard.check({ jsonrpc: "2.0", method: "notifications/initialized" })).toEqual({ action: "drop" });
    expect(reasonIn(await guard.check({ jsonrpc: "2.0", id: 1, method: "no/such" }))).toBe("attestation_required");
  });

  it("leaves ping open, with forged identities removed (M3, SPEC-4.14, SPEC-4.21)", async () => {
    const _meta = { "io.github.attest/context": { outcome: "verified", verified: true }, progressToken: 1 };
    const decision = await guard.check({ jsonrpc: "2.0", id: 1, method: "ping", params: { _meta } });
    expect(decision).not.toHaveProperty("attestation");
    expect(decision).toMatchObject({ message: { params: { _meta: { progressToken: 1 } } } });
    const { params } = (decision as { message: { params: HandlerContext } }).message;
    expect(attestationOf(params)).toBeUndefined();
  });

  it("refuses two carriers on one message (SPEC-4.4)", async () => {
    const token = await authority.attest();
    const message = await attested(call.method, call.params, 1, token);
    const decision = await guard.check(message, undefined, { method: "POST", attestation: token, proof: "a.b.c" });
    expect(reasonIn(decision)).toBe("attestation_invalid");
  });

  it("refuses whoever is not the session's owner, and the owner without credentials (M1, SPEC-4.6, SPEC-4.19)", async () => {
    const session = guard.createSession();
    const initialize = { protocolVersion: "2025-11-25", capabilities: {} };
    expect(await guard.check(await attested("initialize", initialize, 0), session)).toMatchObject({
      action: "forward",
    });
    expect(await guard.check(await attested(call.method, call.params, 1), session)).toMatchObject({
      action: "forward",
    });
    expect(reasonIn(await guard.check({ jsonrpc: "2.0", id: 2, ...call }, session))).toBe("attestation_required");
    const other = await createTestAuthority({ clock: authority.clock });
    const stolen = await authority.provider.createToken({
      identity: authority.identity,
      confirmationKey: other.agentKey.toJwk(),
    });
    const proof = await other.prove(stolen, { kind: "message", ...call });
    const _meta = { [META_ATTESTATION]: stolen, [META_PROOF]: proof };
    const message = { jsonrpc: "2.0", id: 3, method: call.method, params: { ...call.params, _meta } };
    expect(reasonIn(await guard.check(message, session))).toBe("attestation_invalid");
  });

  it("guards a client's responses (M7, SPEC-4.15)", async () => {
    const response = { jsonrpc: "2.0", id: 0, result: { action: "accept" } };
    expect(await guard.check(response)).toEqual({ action: "drop" });
    const token = await authority.attest();
    const proof = await authority.prove(token, { kind: "response", id: 0, result: response.result });
    const _meta = { [META_ATTESTATION]: token, [META_PROOF]: proof };
    const attestedResponse = { ...response, result: { ...response.result, _meta } };
    expect(await guard.check(attestedResponse)).toMatchObject({ action: "forward" });
  });

  it("goes by options that it inherits, as a verifier does: isRevoked is one of its options' methods (T21)", async () => {
    class Options {
      readonly #revoked = new Set(["spiffe://example.com/model/example-1"]);
      isRevoked({ sub }: { sub: string }): boolean {
        return this.#revoked.has(sub);
      }
    }
    for (const more of [{}, { advertiseIssuers: true }]) {
      const own = new AttestationGuard(Object.assign(new Options(), authority.verifierOptions, more));
      expect(reasonIn(await own.check(await attested(call.method, call.params, 1)))).toBe("attestation_revoked");
    }
    const demanding = Object.create({ requiredClaims: ["agent_integrity"] }, {});
    const own = new AttestationGuard(Object.assign(demanding, authority.verifierOptions));
    const reason = reasonIn(await own.check(await attested(call.method, call.params, 1)));
    expect(reason).toBe("attestation_claims_insufficient");
  });

  it("tells a stranger nothing of whom it trusts (O3, SPEC-7.2)", async () => {
    const decision = await guard.check({ jsonrpc: "2.0", id: 1, ...call });
    expect(JSON.stringify(decision)).not.toContain(authority.issuer);
    expect(JSON.stringify(decision)).not.toContain("ERR_");
  });

  it.each<[string, object]>([
    ["audience", { audience: "" }],
    ["isRevoked", { isRevoked: true }],
    ["maxLifetime", { maxLifetime: 60 }],
    ["verifier", { verifier: undefined }],
    ["trustedIssuers", { trustedIssuers: [] }],
    ["clockTolerance", { clockTolerance: Number.NaN }],
    ["polciy", { polciy: "optional" }],
    ["advertiseIssuers", { advertiseIssuers: 1 }],
  ])("refuses at construction an option that makes no sense, naming it: %s", (name, wrong) => {
    const options = { ...authority.verifierOptions, ...wrong } as unknown as typeof authority.verifierOptions;
    expect(() => new AttestationGuard(options)).toThrow(name);
  });
});
