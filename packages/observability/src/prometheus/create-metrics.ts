import { type Observer, optionError, refuseUnknownOptions } from "@attest/core";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { assertSized, type SizedCache, sizeOf } from "../metrics/cache-size.ts";
import { createLabeller, INSTRUMENT_LIST, type Instrument } from "../metrics/instruments.ts";
import { measure, type Sinks } from "../metrics/measure.ts";
import { assertMethod } from "../options.ts";

/** An observer that keeps metrics for Prometheus to collect. */
export interface PrometheusMetrics extends Observer {
  /** All metrics of the registry, in Prometheus' text format. */
  toPrometheus(): Promise<string>;
  /** The media type of that text, for servers that answer by other means than `handler`. */
  readonly contentType: string;
  /** Answers GET and HEAD with the metrics, whatever the path; anything else with 405. Needs no `this`. */
  handler(request: Request): Promise<Response>;
}

/**
 * Metrics in Prometheus' text format, kept by `prom-client`, for those who have no OpenTelemetry collector. They have the
 * names and labels that OpenTelemetry's metrics get on their way to Prometheus, so that one dashboard serves both.
 *
 * `handler` does not ask who collects: serve it where only the collector comes.
 *
 * @param options Where the metrics are kept, and what is read at each collection.
 * @param options.registry One that holds other metrics too. Default: one of its own.
 * @param options.replayCache A cache whose `size` is read at each collection; caches that report by events need not be named.
 * @throws AttestationError `ERR_OPTION`, also for a registry that has these metrics already.
 */
export function createMetrics(options: { registry?: Registry; replayCache?: SizedCache } = {}): PrometheusMetrics {
  refuseUnknownOptions(options, { registry: true, replayCache: true }, "metrics");
  const { registry = new Registry(), replayCache } = options;
  assertMethod("registry", registry, "registerMetric");
  assertSized(replayCache);
  const taken = INSTRUMENT_LIST.map(([, instrument]) => nameOf(instrument)).find((n) => registry.getSingleMetric(n));
  if (taken !== undefined) throw optionError("registry", `has a metric ${taken} already`);
  const sinks = Object.fromEntries(
    INSTRUMENT_LIST.map(([id, instrument]) => [
      id,
      createSink(registry, instrument, id === "replayCacheEntries" ? replayCache : undefined),
    ]),
  ) as Sinks;
  return {
    onEvent: (event) => measure(event, sinks),
    toPrometheus: () => registry.metrics(),
    contentType: registry.contentType,
    async handler({ method }) {
      if (method !== "GET" && method !== "HEAD") {
        return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
      }
      const text = await registry.metrics();
      return new Response(method === "HEAD" ? null : text, { headers: { "content-type": registry.contentType } });
    },
  };
}

type Sink = Sinks[keyof Sinks];

function createSink(registry: Registry, instrument: Instrument, sized: SizedCache | undefined): Sink {
  const { kind, description: help, labels, buckets = [], zeros = [] } = instrument;
  const labelsOf = createLabeller(labels, underscored);
  const labelNames = Object.keys(labelsOf(Object.fromEntries(labels.map((member) => [member, ""]))));
  const configuration = { name: nameOf(instrument), help, labelNames, registers: [registry] };
  if (kind === "counter") {
    const counter = new Counter(configuration);
    for (const zero of zeros) counter.inc(labelsOf(zero), 0);
    return (value, event) => counter.inc(labelsOf(event), value);
  }
  if (kind === "histogram") {
    const histogram = new Histogram({ ...configuration, buckets: [...buckets] });
    return (value, event) => histogram.observe(labelsOf(event), value);
  }
  if (sized) {
    new Gauge({
      ...configuration,
      collect() {
        const size = sizeOf(sized);
        if (size === undefined) this.reset();
        else this.set(size);
      },
    });
    return () => {};
  }
  const gauge = new Gauge(configuration);
  return (value, event) => gauge.set(labelsOf(event), value);
}

/** OpenTelemetry's rule: dots become underscores, the unit and `total` become suffixes, units in braces vanish. */
function nameOf({ name, kind, unit }: Instrument): string {
  return `${underscored(name)}${unit === "s" ? "_seconds" : ""}${kind === "counter" ? "_total" : ""}`;
}

function underscored(name: string): string {
  return name.replaceAll(".", "_");
}
