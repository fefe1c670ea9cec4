import { type AttestationEvent, type Observer, refuseUnknownOptions } from "@attest/core";
import { type Attributes, type Meter, type MeterProvider, metrics } from "@opentelemetry/api";
import { assertSized, type SizedCache, sizeOf } from "../metrics/cache-size.ts";
import { createLabeller, INSTRUMENT_LIST, type Instrument, type Measured } from "../metrics/instruments.ts";
import { measure, type Sinks } from "../metrics/measure.ts";
import { assertMethod } from "../options.ts";

/** The scope that metrics and spans are filed under. */
export const SCOPE = "@attest/observability";

/**
 * Metrics for OpenTelemetry, through its API: with no SDK behind it, nothing is measured and nothing breaks.
 *
 * @param options Where the metrics go, and what is read at each collection.
 * @param options.meterProvider Default: the global one. The metrics API returns the provider that is registered at that
 * moment, so register the SDK's first.
 * @param options.replayCache A cache whose `size` is read at each collection; caches that report by events need not be named.
 * @throws AttestationError `ERR_OPTION`.
 */
export function createMetrics(options: { meterProvider?: MeterProvider; replayCache?: SizedCache } = {}): Observer {
  refuseUnknownOptions(options, { meterProvider: true, replayCache: true }, "metrics");
  const { meterProvider = metrics.getMeterProvider(), replayCache } = options;
  assertMethod("meterProvider", meterProvider, "getMeter");
  assertSized(replayCache);
  const meter = meterProvider.getMeter(SCOPE);
  const sinks = Object.fromEntries(
    INSTRUMENT_LIST.map(([id, instrument]) => [
      id,
      replayCache && id === "replayCacheEntries"
        ? observeSize(meter, instrument, replayCache)
        : createSink(meter, instrument),
    ]),
  ) as Sinks;
  return { onEvent: (event) => measure(event, sinks) };
}

type Sink = Sinks[keyof Sinks];

function createSink(meter: Meter, instrument: Instrument): Sink {
  const { name, kind, unit, description, labels, buckets } = instrument;
  if (kind === "counter") return counterOf(meter, instrument);
  const labelsOf = createLabeller(labels);
  if (kind === "gauge") {
    const gauge = meter.createGauge(name, { unit, description });
    return (value, event) => gauge.record(value, labelsOf(event));
  }
  const advice = buckets ? { explicitBucketBoundaries: [...buckets] } : {};
  const histogram = meter.createHistogram(name, { unit, description, advice });
  return (value, event) => histogram.record(value, labelsOf(event));
}

/** Counters by meter and name: two that tell the SDK different totals of one series would overwrite each other's. */
const counters = new WeakMap<Meter, Map<string, Sink>>();

function counterOf(meter: Meter, instrument: Instrument): Sink {
  const own = counters.get(meter) ?? new Map<string, Sink>();
  counters.set(meter, own);
  const counter = own.get(instrument.name) ?? createCounter(meter, instrument);
  own.set(instrument.name, counter);
  return counter;
}

/**
 * Counts here and tells the SDK at each collection. A counter of the SDK's own serialises its labels at every event to find
 * their series: for the two counters of a guarded message, half of what all metrics cost.
 */
function createCounter(meter: Meter, { name, unit, description, labels, zeros = [] }: Instrument): Sink {
  const labelsOf = createLabeller(labels);
  const series = new Map<string, { total: number; readonly labels: Attributes }>();
  const add = (value: number, event: AttestationEvent | Measured): void => {
    const key = labels.map((member) => (event as Measured)[member]).join("\n");
    const known = series.get(key);
    if (known) known.total += value;
    else series.set(key, { total: value, labels: labelsOf(event) });
  };
  for (const zero of zeros) add(0, zero);
  meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
    for (const { total, labels } of series.values()) result.observe(total, labels);
  });
  return add;
}

function observeSize(meter: Meter, { name, unit, description }: Instrument, replayCache: SizedCache): Sink {
  meter.createObservableGauge(name, { unit, description }).addCallback((result) => {
    const size = sizeOf(replayCache);
    if (size !== undefined) result.observe(size);
  });
  return () => {};
}
