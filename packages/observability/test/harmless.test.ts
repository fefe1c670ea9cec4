import { AttestationIssuer, AttestationVerifier, combineObservers, type Observer } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { AttestationEventHandler, createAuditLog } from "@attest/observability";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTelemetry, samplesOf } from "./telemetry.ts";

const rejections: unknown[] = [];
const onRejection = (reason: unknown) => rejections.push(reason);
beforeAll(() => process.on("unhandledRejection", onRejection));
afterAll(() => process.off("unhandledRejection", onRejection));

const fail = (): never => {
  throw new Error("observer");
};
class Handler extends AttestationEventHandler {
  readonly #act: () => Promise<void>;
  constructor(act: () => Promise<void>) {
    super();
    this.#act = act;
  }
  override onVerified(): Promise<void> {
    return this.#act();
  }
  override onRefused(): Promise<void> {
    return this.#act();
  }
}
const spin = (): void => {
  const until = performance.now() + 5;
  while (performance.now() < until);
};

it.each<[string, Observer]>([
  ["throws", { onEvent: fail, onStart: fail }],
  ["throws at the end of an operation", { onStart: () => fail }],
  ["rejects", new Handler(async () => fail())],
  ["never settles", new Handler(() => new Promise(() => {}))],
  ["keeps the thread busy", { onEvent: spin, onStart: () => spin }],
  ["returns what it should not", { onEvent: () => "no" as never, onStart: () => 7 as never }],
  ["cannot write its log", createAuditLog({ write: fail })],
])("an observer that %s changes no decision and keeps nothing from the others", async (_, hostile) => {
  const telemetry = createTelemetry();
  const written: string[] = [];
  const audit = createAuditLog({ write: (line) => written.push(line) });
  const observer = combineObservers(hostile, telemetry.observer, audit);
  const authority = await createTestAuthority();
  const { issuer, authorityKey: signer, agentKey, identity } = authority;
  const provider = new AttestationIssuer({ issuer, signer, observer });
  const attestation = await provider.createToken({ identity, confirmationKey: agentKey.toJwk() });
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, observer });
  const call = { method: "tools/call", params: { name: "close" } };
  const request = { kind: "message", ...call } as const;
  const proof = await authority.prove(attestation, request);
  const decide = async (presented: unknown) => (await verifier.verify(presented, { ...request, proof })).outcome;
  expect(await decide(attestation)).toBe("verified");
  expect(await decide(attestation)).toBe("refused");
  const guard = new AttestationGuard({ verifier });
  const decision = await guard.check({ jsonrpc: "2.0", id: 1, ...call });
  expect(decision.action).toBe("reply");
  const samples = samplesOf(await telemetry.prometheus.toPrometheus());
  expect(samples.get('attestation_replays_total{attestation_format="attestation",attestation_profile="bound"}')).toBe(
    1,
  );
  expect(telemetry.spans.getFinishedSpans()).toHaveLength(4);
  expect(written).toHaveLength(5);
  // Rejections that nobody handled are told of after the microtasks.
  await new Promise((resolve) => setImmediate(resolve));
  expect(rejections).toEqual([]);
  await telemetry.shutdown();
});
