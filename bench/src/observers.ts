import {
  type AttestationEvent,
  AttestationVerifier,
  begin,
  combineObservers,
  notify,
  type Observer,
  type ProofRequest,
} from "@attest/core";
import { createAuditLog } from "@attest/observability";
import { createMetrics as createOpenTelemetryMetrics, createTracing } from "@attest/observability/opentelemetry";
import { createMetrics as createPrometheusMetrics } from "@attest/observability/prometheus";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { filledCache, type Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const COUNT = 1000;
const ROUNDS = 11;
const request: ProofRequest = { kind: "message", method: "tools/call", params: { name: "search" } };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** Has the SDK aggregate as in operation, and collects only when asked. */
class ManualReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** What observers cost for each guarded message, compared with the cheapest verification it can have: a proof's alone. */
export async function measureObservers(material: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const { authority, attestation } = material;
  const seen: AttestationEvent[] = [];
  const options = { ...authority.verifierOptions, replayCache: filledCache(0) };
  const prove = () => authority.prove(attestation, request);
  const watched = new AttestationVerifier({ ...options, observer: { onEvent: (event) => void seen.push(event) } });
  for (let i = 0; i < 2; i++) await watched.verify(attestation, { proof: await prove(), ...request });
  const [, verification] = seen;
  if (verification?.type !== "verification" || !verification.remembered) throw new Error("No proof was verified alone");
  const { issuer = "", subject = "" } = verification;
  const guarded = {
    type: "guard",
    action: "forward",
    carrier: "in-band",
    method: "tools/call",
    issuer,
    subject,
  } as const;

  const verifier = new AttestationVerifier(options);
  let proofs: string[] = [];
  const tell = (name: string, observer: Observer): Variant => ({
    name,
    run(count) {
      for (let i = 0; i < count; i++) {
        const end = begin(observer, { name: "verify", traceparent });
        end(verification);
        notify(observer, verification);
        notify(observer, guarded);
      }
    },
  });
  const meterProvider = new MeterProvider({ readers: [new ManualReader()] });
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: async () => {},
  };
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const metrics = createOpenTelemetryMetrics({ meterProvider });
  const whole = combineObservers(metrics, createTracing({ tracerProvider }), createAuditLog({ write() {} }));
  const costs = await compare(
    [
      {
        name: "ours, a request with proof, unobserved",
        async prepare(count) {
          proofs = await Promise.all(Array.from({ length: count }, prove));
        },
        async run(count) {
          for (let i = 0; i < count; i++) {
            const result = await verifier.verify(attestation, { proof: proofs.pop(), ...request });
            if (!result.verified) throw new Error("An honest proof was refused");
          }
        },
      },
      tell("telling OpenTelemetry metrics of it", metrics),
      tell("telling Prometheus metrics of it", createPrometheusMetrics()),
      tell("telling OpenTelemetry metrics, tracing and the audit log of it", whole),
    ],
    { rounds: ROUNDS, count: COUNT },
  );
  await Promise.all([meterProvider.shutdown(), tracerProvider.shutdown()]);
  const share = (index: number) => 1 / (costs[index]?.cpuRatio ?? Number.NaN);
  const row = (path: string, index: number, must: number, aim: number): Row => ({
    path: `${path}, share of a verification (CPU)`,
    unit: "ratio",
    measured: share(index),
    must,
    aim,
    better: "smaller",
  });
  return {
    costs,
    rows: [
      row("OpenTelemetry metrics", 1, 0.05, 0.03),
      row("Prometheus metrics", 2, 0.05, 0.03),
      row("metrics, tracing and audit log together", 3, 0.25, 0.15),
    ],
  };
}
