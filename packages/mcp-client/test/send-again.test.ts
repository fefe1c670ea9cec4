import { EXTENSION, errorNumber, type Reason } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { Attempts, AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { openRecording } from "./recording-wire.ts";

const START = 1_800_000_000;
const ENDPOINT = "https://mcp.example/mcp";
let authority: TestAuthority;
let agent: AttestingAgent;
beforeEach(async () => {
  authority = await createTestAuthority({ clock: () => START });
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity), clock: () => START });
});

/** Every reason but the one after which a request may be sent again. */
const FINAL: readonly Reason[] = [
  "attestation_required",
  "attestation_invalid",
  "attestation_replay",
  "attestation_issuer_untrusted",
  "attestation_claims_insufficient",
  "attestation_proof_invalid",
  "attestation_revoked",
  "attestation_challenge_required",
  "attestation_unavailable",
];

const refusal = (reason: Reason, extension: string = EXTENSION) => ({
  jsonrpc: "2.0",
  id: 1,
  error: {
    code: errorNumber(reason, false),
    message: "refused",
    // A server that asks for it does not change what is safe.
    data: { extension, reason, retryable: true, policy: "required", serverTime: START + 500 },
  },
});

describe("a request in the message's own carrier", () => {
  const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "transfer" } };

  async function answered(...answers: object[]) {
    const { wire, transport, received, settle, timesSent } = openRecording(agent, authority.audience);
    await transport.send(call);
    for (const answer of answers) {
      wire.onmessage?.(answer);
      await settle();
    }
    return { times: timesSent(1), received };
  }

  it("is sent twice at most, however often it is refused as expired (M6, SPEC-7.10)", async () => {
    const expired = refusal("attestation_expired");
    expect(await answered(expired, expired, expired)).toEqual({ times: 2, received: [expired, expired] });
  });

  it("is sent once if it is not to be sent again (M6, SPEC-7.10)", async () => {
    const { wire, transport, received, settle, timesSent } = openRecording(agent, authority.audience, { retry: false });
    await transport.send(call);
    wire.onmessage?.(refusal("attestation_expired"));
    await settle();
    expect([timesSent(1), received]).toEqual([1, [refusal("attestation_expired")]]);
  });

  it.each(FINAL)("is sent once if it is refused as %s (M6, SPEC-7.10)", async (reason) => {
    expect(await answered(refusal(reason))).toEqual({ times: 1, received: [refusal(reason)] });
  });

  it.each(FINAL)("is not sent a third time if the second is refused as %s (M6, SPEC-7.10)", async (reason) => {
    const { times } = await answered(refusal("attestation_expired"), refusal(reason));
    expect(times).toBe(2);
  });

  it("is sent once if another extension calls it expired (M6, SPEC-7.9)", async () => {
    const { times } = await answered(refusal("attestation_expired", "other.example/agent-attestation"));
    expect(times).toBe(1);
  });
});

describe("a request over HTTP", () => {
  async function answered(...answers: Record<string, string>[]) {
    let times = 0;
    const send = async () => new Response("{}", { headers: answers[times++] ?? {} });
    await attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: send })(ENDPOINT, {
      method: "POST",
      body: "{}",
    });
    return times;
  }
  const error = (reason: string) => ({ "Agent-Attestation-Error": reason });
  const verified = { "Agent-Attestation-Status": "verified;trust=provider" };

  it("is sent twice at most, however often it is refused as expired (M6, SPEC-7.10)", async () => {
    const expired = error("attestation_expired");
    expect(await answered(expired, expired, expired)).toBe(2);
  });

  it.each([...FINAL, "attestation_expired, attestation_expired", "attestation_magic", ""])(
    "is sent once if it is refused as %s (M6, SPEC-7.10)",
    async (reason) => {
      expect(await answered(error(reason))).toBe(1);
    },
  );

  it.each([verified, { "Agent-Attestation-Status": "" }, { "Agent-Attestation-Status": "verified" }])(
    "is sent once if its answer has the field for verified agents, whatever that says: %o (M6, SPEC-7.10)",
    async (status) => {
      expect(await answered({ ...error("attestation_expired"), ...status })).toBe(1);
    },
  );
});

describe("the attempts to send one request", () => {
  it("permit one more after an expiry, and none after anything else (SPEC-7.10)", () => {
    const attempts = new Attempts();
    expect(FINAL.map((reason) => attempts.permit(reason))).toEqual(FINAL.map(() => false));
    expect(attempts.permit("attestation_expired")).toBe(true);
    expect(attempts.permit("attestation_expired")).toBe(false);
  });
});
