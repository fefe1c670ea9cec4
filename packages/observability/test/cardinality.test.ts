import { randomUUID } from "node:crypto";
import {
  AttestationVerifier,
  combineObservers,
  encodeBase64url,
  InMemoryReplayCache,
  META_ATTESTATION,
  META_PROOF,
} from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { createTelemetry, samplesOf } from "./telemetry.ts";

const FLOOD = 10_000;
const part = (value: object) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

it("makes no new series of 10,000 issuers, kids, subjects and methods that nobody configured (O2)", {
  timeout: 300_000,
}, async () => {
  const telemetry = createTelemetry();
  const seen = { issuers: new Set<string>(), subjects: new Set<string>(), kids: new Set<string>() };
  const outcomes = new Map<string, number>();
  const count = combineObservers(telemetry.metrics, {
    onEvent(event) {
      if (event.type !== "verification") return;
      const what = event.code ?? event.outcome;
      outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
      if (event.subject !== undefined) seen.subjects.add(event.subject);
    },
  });
  const authority = await createTestAuthority();
  const replayCache = new InMemoryReplayCache({ maxShare: 1 });
  const verifier = new AttestationVerifier({
    ...authority.verifierOptions,
    allowBearer: true,
    replayCache,
    observer: count,
  });
  const guard = new AttestationGuard({ verifier });
  const sample = claimsOf(await authority.attest());
  const proof = await authority.prove(await authority.attest(), { kind: "message", method: "x" });
  /** Sends a method of its own with an attestation that nobody signed. */
  const present = async (header: object, claims: object) => {
    const attestation = `${part({ alg: "Ed25519", typ: "agent-attestation+jwt", kid: "k", ...header })}.${part({ ...sample, ...claims })}.${"A".repeat(86)}`;
    const _meta = { [META_ATTESTATION]: attestation, [META_PROOF]: proof };
    await guard.check({ jsonrpc: "2.0", id: 1, method: `tools/${randomUUID()}`, params: { _meta } });
  };
  const wave = async (times: number) => {
    for (let i = 0; i < times; i++) {
      const [iss, kid, name] = [`https://${randomUUID()}.example`, randomUUID(), randomUUID()];
      seen.issuers.add(iss);
      seen.kids.add(kid);
      await present({ kid }, { iss });
      await present({ kid }, { sub: `spiffe://example.com/${name}` });
      await verifier.verify(await authority.attestBearer({ subject: `spiffe://example.com/${name}` }));
    }
  };
  const series = async () => {
    const [direct, exported] = [await telemetry.prometheus.toPrometheus(), await telemetry.openTelemetryAsText()];
    return [...samplesOf(direct).keys(), "–", ...samplesOf(exported).keys()];
  };
  await wave(1);
  telemetry.spans.reset();
  const before = await series();
  await wave(FLOOD);
  expect(await series()).toEqual(before);
  expect(before.length).toBeGreaterThan(80);
  expect(Object.fromEntries(outcomes)).toEqual({
    ERR_ISSUER_UNTRUSTED: FLOOD + 1,
    ERR_KEY_NOT_FOUND: FLOOD + 1,
    verified: FLOOD + 1,
  });
  for (const values of Object.values(seen)) expect(values.size).toBe(FLOOD + 1);
  await telemetry.shutdown();
});
