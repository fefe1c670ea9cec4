import type { AttestationEvent, Observer } from "@attest/core";
import { type Meter, type MeterProvider, metrics } from "@opentelemetry/api";
import { assertSized, type SizedCache, sizeOf } from "../metrics/cache-size.ts";
import { INSTRUMENT_LIST, type Instrument, type InstrumentId, type Labels } from "../metrics/instruments.ts";
import { measure } from "../metrics/measure.ts";
import { assertKnownOptions, assertMethod } from "../options.ts";

/** The scope that metrics and spans are filed under. */
export const SCOPE = "@attest/observability";

/**
 * Metrics for OpenTelemetry, through its API: with no SDK behind it, nothing is measured and nothing breaks.
 *
 * @param options.meterProvider Default: the global one. The metrics API hands out the provider that is registered at
 * that moment, so register the SDK's first. @param options.replayCache A cache whose `size` is read at each collection;
 * caches that report by events need not be named.
 * @throws AttestationError `ERR_OPTION`.
 */
export function createMetrics(options: { meterProvider?: MeterProvider; replayCache?: SizedCache } = {}): Observer {
  assertKnownOptions(options, ["meterProvider", "replayCache"]);
  const { meterProvider = metrics.getMeterProvider(), replayCache } = options;
  assertMethod("meterProvider", meterProvider, "getMeter");
  assertSized(replayCache);
  const meter = meterProvider.getMeter(SCOPE);
  const observed = (id: InstrumentId) => id === "replayCacheEntries" && replayCache !== undefined;
  const sinks = Object.fromEntries(
    INSTRUMENT_LIST.map(([id, instrument]) => [id, observed(id) ? () => {} : createSink(meter, instrument)]),
  ) as Record<InstrumentId, Sink>;
  for (const [id, { zeros = [], ...instrument }] of INSTRUMENT_LIST) {
    for (const labels of zeros) sinks[id](0, labels);
    if (!observed(id)) continue;
    const { name, unit, description } = instrument;
    meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
      const size = replayCache && sizeOf(replayCache);
      if (size !== undefined) result.observe(size);
    });
  }
  const record = (id: InstrumentId, value: number, labels: Labels): void => sinks[id](value, labels);
  return { onEvent: (event: AttestationEvent) => measure(event, record) };
}

type Sink = (value: number, labels: Labels) => void;

function createSink(meter: Meter, { name, kind, unit, description, buckets }: Instrument): Sink {
  const options = { unit, description };
  if (kind === "counter") {
    const counter = meter.createCounter(name, options);
    return (value, labels) => counter.add(value, labels);
  }
  if (kind === "gauge") {
    const gauge = meter.createGauge(name, options);
    return (value, labels) => gauge.record(value, labels);
  }
  const advice = buckets ? { explicitBucketBoundaries: [...buckets] } : {};
  const histogram = meter.createHistogram(name, { ...options, advice });
  return (value, labels) => histogram.record(value, labels);
}
