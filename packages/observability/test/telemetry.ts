import { combineObservers, type Observer } from "@attest/core";
import { createMetrics as createOpenTelemetryMetrics, createTracing } from "@attest/observability/opentelemetry";
import { createMetrics as createPrometheusMetrics, type PrometheusMetrics } from "@attest/observability/prometheus";
import { PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

/** Both kinds of metrics and tracing, on the real SDK, exported to memory. */
export interface Telemetry {
  readonly observer: Observer;
  /** Of the observer, both kinds of metrics alone. */
  readonly metrics: Observer;
  readonly prometheus: PrometheusMetrics;
  readonly spans: InMemorySpanExporter;
  readonly tracerProvider: BasicTracerProvider;
  readonly meterProvider: MeterProvider;
  /** OpenTelemetry's metrics, as its own Prometheus exporter writes them. */
  openTelemetryAsText(): Promise<string>;
  /** Everything that left the process, as text to be searched. */
  exported(): Promise<string>;
  shutdown(): Promise<void>;
}

export function createTelemetry(options: { replayCache?: { readonly size: number } } = {}): Telemetry {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spans = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const prometheus = createPrometheusMetrics(options);
  const metrics = combineObservers(createOpenTelemetryMetrics({ meterProvider, ...options }), prometheus);
  const collect = async () => {
    exporter.reset();
    await meterProvider.forceFlush();
    return exporter.getMetrics();
  };
  return {
    observer: combineObservers(metrics, createTracing({ tracerProvider })),
    metrics,
    prometheus,
    spans,
    tracerProvider,
    meterProvider,
    async openTelemetryAsText() {
      const [resource] = await collect();
      if (!resource) throw new Error("No metrics were exported");
      return new PrometheusSerializer(undefined, false, undefined, true, true).serialize(resource);
    },
    async exported() {
      const finished = spans.getFinishedSpans().map((span) => ({
        name: span.name,
        attributes: span.attributes,
        status: span.status,
        events: span.events,
        links: span.links,
        context: span.spanContext(),
      }));
      return [JSON.stringify(await collect()), JSON.stringify(finished), await prometheus.toPrometheus()].join("\n");
    },
    async shutdown() {
      await meterProvider.shutdown();
      await tracerProvider.shutdown();
    },
  };
}

/** The samples of a Prometheus text: each series, its labels in order, with its value. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name, labels = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const sorted = (labels.match(/\w+="(?:[^"\\]|\\.)*"/g) ?? []).sort().join(",");
    samples.set(`${name}{${sorted}}`, Number(value?.replace("Inf", "Infinity")));
  }
  return samples;
}
