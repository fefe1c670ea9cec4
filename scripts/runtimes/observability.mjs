// @attest/observability: one verified agent and one replay, seen by metrics, by spans and in the audit log.
import assert from "node:assert/strict";
import { AttestationVerifier, combineObservers } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { createAuditLog, verifyAuditLog } from "@attest/observability";
import { createTracing } from "@attest/observability/opentelemetry";
import { createMetrics } from "@attest/observability/prometheus";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

const authority = await createTestAuthority();
const lines = [];
const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const metrics = createMetrics();
const observer = combineObservers(
  metrics,
  createTracing({ tracerProvider }),
  createAuditLog({ write: (line) => lines.push(line) }),
);
const verifier = new AttestationVerifier({ ...authority.verifierOptions, observer });
const request = { kind: "message", method: "tools/list", params: {} };
const attestation = await authority.attest();
const proof = await authority.prove(attestation, request);
for (const expected of ["verified", "refused"]) {
  assert.equal((await verifier.verify(attestation, { ...request, proof })).outcome, expected);
}
assert.match(await metrics.toPrometheus(), /attestation_replays_total\{[^}]*\} 1/);
assert.equal(exporter.getFinishedSpans().filter(({ name }) => name === "attestation.verify").length, 2);
assert.equal(lines.length, 2);
assert.equal((await verifyAuditLog(lines)).valid, true);
console.log("metrics, 2 spans, 2 lines of audit log");
