import { inspect } from "node:util";
import { AttestationIssuer, EXTENSION, type Reason } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { ProtocolError } from "@modelcontextprotocol/client";
import { McpError } from "@modelcontextprotocol/sdk/types.js";
import { beforeAll, describe, expect, it } from "vitest";
import { attestedInBand, type Json, requestOf } from "./raw-wire.ts";

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: Json & { readonly reason: Reason };
}

/** A refusal of each reason that a guard gives, as real guards give it. */
const refusals = new Map<Reason, RpcError>();
let initializeRefusal: RpcError;

beforeAll(async () => {
  const authority = await createTestAuthority();
  const stranger = new AttestationIssuer({ issuer: "https://stranger.example", signer: authority.authorityKey });
  const { audience, verifierOptions } = authority;
  const agentOf = (provider: AttestationIssuer, clock?: () => number) =>
    new AttestingAgent({ source: localSource(provider, authority.identity), ...(clock && { clock }) });
  const call = requestOf("handshake", 1, "tools/call", { name: "x" });
  const refuse = async (
    message: Json,
    options: object = {},
    guard = new AttestationGuard({ ...verifierOptions, ...options }),
  ) => {
    const decision = await guard.check(message, guard.createSession());
    const { error } = (decision as { message?: { error?: RpcError } }).message ?? {};
    if (error) refusals.set(error.data.reason, error);
    return error;
  };
  const honest = () => attestedInBand(agentOf(authority.provider), audience, call);
  initializeRefusal = (await refuse({ ...call, method: "initialize" })) as RpcError;
  await refuse(call);
  const garbage = { "io.github.attest/attestation": "x", "io.github.attest/proof": "x" };
  await refuse({ ...call, params: { _meta: garbage } });
  const late = Math.floor(Date.now() / 1000) - 200;
  await refuse(
    await attestedInBand(
      agentOf(authority.provider, () => late),
      audience,
      call,
    ),
  );
  const guard = new AttestationGuard(verifierOptions);
  const once = await honest();
  await guard.check(structuredClone(once), guard.createSession());
  await refuse(once, {}, guard);
  await refuse(await attestedInBand(agentOf(stranger), audience, call));
  await refuse({ ...(await honest()), method: "changed" });
  await refuse(await honest(), { requiredClaims: ["agent_integrity"] });
  await refuse(await honest(), { isRevoked: () => true });
  await refuse(await honest(), { isRevoked: () => Promise.reject(new Error("down")) });
});

const REASONS: readonly Reason[] = [
  "attestation_required",
  "attestation_invalid",
  "attestation_expired",
  "attestation_replay",
  "attestation_issuer_untrusted",
  "attestation_proof_invalid",
  "attestation_claims_insufficient",
  "attestation_revoked",
  "attestation_unavailable",
];
const refusalOf = (reason: Reason): RpcError => {
  const refusal = refusals.get(reason);
  if (!refusal) throw new Error(`No guard said ${reason}`);
  return refusal;
};

describe("a refusal is read out of", () => {
  /** What is left of it whole, as JSON in a text. */
  const whole: readonly (readonly [string, (error: RpcError) => unknown])[] = [
    ["a cause", ({ code, message, data }) => new Error("Tool failed", { cause: new McpError(code, message, data) })],
    [
      "a cause of a cause, of v2",
      ({ code, message, data }) =>
        new Error("a", { cause: new Error("b", { cause: new ProtocolError(code, message, data) }) }),
    ],
    [
      "one of several errors",
      ({ code, message, data }) => new AggregateError([new Error("x"), new McpError(code, message, data)]),
    ],
    [
      "JSON in a message",
      (error) => new Error(`Error POSTing to endpoint (HTTP 400): ${JSON.stringify({ error })}. Try again {}`),
    ],
    ["JSON in JSON", (error) => new Error(`Server said ${JSON.stringify({ text: JSON.stringify({ error }) })}`)],
    [
      "JSON whose members have another order",
      ({ data }) => new Error(JSON.stringify(Object.fromEntries(Object.entries(data).reverse()))),
    ],
    [
      "an inspected error",
      ({ code, message, data }) => new Error(`Tool failed: ${inspect(new McpError(code, message, data))}`),
    ],
    ["the text that a tool's answer became", (error) => `Error: ${JSON.stringify(error)}`],
    ["the error of an error", (error) => ({ error: { error } })],
  ];
  it.each(REASONS.flatMap((reason) => whole.map(([how, wrap]) => [reason, how, wrap] as const)))(
    "%s, with everything that it says: %s (SPEC-7.9)",
    (reason, _, wrap) => {
      const { data } = refusalOf(reason);
      const { retryable, policy, serverTime } = data as { retryable?: boolean; policy?: string; serverTime?: number };
      expect(attestationErrorOf(wrap(refusalOf(reason)))).toEqual({
        reason,
        retryable,
        policy,
        ...(serverTime !== undefined && { advice: { serverTime } }),
      });
    },
  );

  /** What frameworks keep that print the SDK's error: number and message. */
  const printed: readonly (readonly [string, (error: RpcError) => unknown])[] = [
    [
      "LangChain",
      ({ code, message, data }) => new Error(`Error calling tool t: ${String(new McpError(code, message, data))}`),
    ],
    ["a stack", ({ code, message, data }) => ({ message: String(new McpError(code, message, data).stack) })],
    ["code and message", ({ code, message }) => new Error(`${code} ${message} (try again)`)],
  ];
  it.each(REASONS.flatMap((reason) => printed.map(([how, wrap]) => [reason, how, wrap] as const)))(
    "%s, though only number and message are left: %s",
    (reason, _, wrap) => {
      const { retryable } = refusalOf(reason).data;
      expect(attestationErrorOf(wrap(refusalOf(reason)))).toEqual({ reason, retryable });
    },
  );

  it("an answer to initialize, whose numbers are those of 0.1.0", () => {
    const { code, message, data } = initializeRefusal;
    expect(code).toBe(-32001);
    const error = new Error(String(new McpError(code, message, data)));
    expect(attestationErrorOf(error)).toEqual({ reason: "attestation_required", retryable: true });
  });
});

describe("nothing is read out of", () => {
  const circular = new Error("a") as Error & { cause: unknown };
  circular.cause = circular;
  const deep = (depth: number): unknown =>
    depth === 0
      ? { code: -31006, data: { extension: EXTENSION, reason: "attestation_invalid" } }
      : { cause: deep(depth - 1) };
  it.each<[string, unknown]>([
    ["a circle", circular],
    ["what is too deep", deep(40)],
    [
      "what is too far into a text",
      new Error(`${"x".repeat(70_000)}MCP error -31006: Attestation claims insufficient`),
    ],
    ["a message without its number", new Error("Attestation expired")],
    ["a message with another number", new Error("MCP error -31006: Attestation expired")],
    ["a number without its message", new Error("MCP error -31006: Something else")],
    ["a reason without the extension", new Error('{"data":{"reason":"attestation_expired"}}')],
    ["a reason that is none", new Error(`{"extension":"${EXTENSION}","reason":"attestation_magic"}`)],
    ["the extension alone", new Error(`Unknown extension ${EXTENSION}`)],
    ["a member of a prototype", new Error("MCP error -31006: constructor")],
  ])("%s", (_, error) => {
    expect(attestationErrorOf(error)).toBeUndefined();
  });

  it("a long text at more than a small cost", () => {
    for (const text of ["-31006 ", "Attestation ", "reason:", `${EXTENSION}:`, "\\", "{", "-31006:Attestation "]) {
      const begun = performance.now();
      attestationErrorOf(new Error(text.repeat(1_000_000 / text.length)));
      expect(performance.now() - begun).toBeLessThan(1000);
    }
  });
});
