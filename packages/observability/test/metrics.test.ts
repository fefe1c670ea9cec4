import { type AttestationEvent, InMemoryReplayCache, notify, systemClock } from "@attest/core";
import { createMetrics as createOpenTelemetryMetrics, createTracing } from "@attest/observability/opentelemetry";
import { createMetrics as createPrometheusMetrics } from "@attest/observability/prometheus";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EVENTS } from "./events.ts";
import { promtool } from "./promtool.ts";
import { createTelemetry, samplesOf, type Telemetry } from "./telemetry.ts";

let telemetry: Telemetry;
beforeEach(() => {
  telemetry = createTelemetry();
});
afterEach(() => telemetry.shutdown());

const report = (events: readonly AttestationEvent[]) => {
  for (const event of events) notify(telemetry.observer, event);
};

describe("metrics", () => {
  it("count every event under exactly the labels that its kind has", async () => {
    report(EVENTS);
    const samples = samplesOf(await telemetry.prometheus.toPrometheus());
    const authority = 'attestation_issuer="https://authority.example"';
    const expected = {
      [`attestation_verifications_total{attestation_format="attestation",${authority},attestation_outcome="verified",attestation_policy="required",attestation_profile="bound",attestation_trust_level="provider"}`]: 2,
      [`attestation_verifications_total{attestation_format="attestation",${authority},attestation_outcome="refused",attestation_policy="required",attestation_profile="bound",attestation_reason="attestation_replay",attestation_trust_level="none",error_type="ERR_REPLAY"}`]: 1,
      'attestation_verifications_total{attestation_outcome="absent",attestation_policy="optional",attestation_trust_level="none"}': 1,
      'attestation_verification_duration_seconds_bucket{attestation_format="attestation",attestation_outcome="verified",attestation_profile="bound",attestation_remembered="true",le="0.00025"}': 1,
      'attestation_verification_duration_seconds_sum{attestation_format="bearer",attestation_outcome="refused",attestation_profile="bearer",attestation_remembered="false"}': 1.5,
      'attestation_replays_total{attestation_format="attestation",attestation_profile="bound"}': 1,
      'attestation_replays_total{attestation_format="bearer",attestation_profile="bearer"}': 0,
      'attestation_replay_cache_failures_total{error_type="ERR_REPLAY_CACHE_UNAVAILABLE"}': 1,
      'attestation_replay_cache_failures_total{error_type="ERR_REPLAY_CACHE_FULL"}': 0,
      'attestation_replay_cache_changes_total{attestation_replay_cache_state="state-lost"}': 1,
      "attestation_replay_cache_entries{}": 42,
      [`attestation_issuances_total{attestation_format="attestation",${authority},attestation_outcome="issued",attestation_profile="bound"}`]: 1,
      [`attestation_issuances_total{attestation_format="bearer",${authority},attestation_outcome="failed",attestation_profile="bearer",error_type="ERR_OPTION"}`]: 1,
      'attestation_issuance_duration_seconds_count{attestation_format="attestation",attestation_outcome="issued",attestation_profile="bound"}': 1,
      [`attestation_jwks_fetches_total{${authority},attestation_outcome="failed",error_type="ERR_KEY_SOURCE_UNAVAILABLE"}`]: 1,
      [`attestation_jwks_fetch_duration_seconds_sum{${authority},attestation_outcome="failed"}`]: 5,
      [`attestation_jwks_source_up{${authority}}`]: 0,
      [`attestation_jwks_keys{${authority}}`]: 3,
      [`attestation_jwks_stale{${authority}}`]: 1,
      'attestation_key_changes_total{attestation_action="published"}': 1,
      [`attestation_guard_messages_total{attestation_action="forward",attestation_carrier="in-band",${authority}}`]: 1,
      'attestation_guard_messages_total{attestation_action="reply",attestation_carrier="headers",attestation_reason="attestation_invalid",error_type="ERR_SESSION_OWNER"}': 1,
      'attestation_guard_messages_total{attestation_action="forward",attestation_carrier="in-band",attestation_enforced="false",attestation_reason="attestation_proof_invalid",error_type="ERR_PROOF_DIGEST"}': 1,
      [`attestation_guard_messages_total{attestation_action="forward",attestation_carrier="headers",attestation_enforced="false",${authority}}`]: 1,
      [`attestation_demands_total{${authority},attestation_outcome="refused",attestation_reason="attestation_claims_insufficient",error_type="ERR_DEMAND"}`]: 1,
    };
    for (const [series, value] of Object.entries(expected))
      expect([series, samples.get(series)]).toEqual([series, value]);
  });

  it("reach Prometheus alike from both sides: by prom-client, and from OpenTelemetry by its own exporter", async () => {
    report(EVENTS);
    report(EVENTS.slice(0, 7));
    const direct = samplesOf(await telemetry.prometheus.toPrometheus());
    // The JavaScript exporter leaves out the unit, which the collector's and Prometheus' own OTLP receiver append.
    const text = (await telemetry.openTelemetryAsText()).replaceAll("_duration_", "_duration_seconds_");
    const exported = samplesOf(text);
    expect(direct.size).toBeGreaterThan(80);
    expect(Object.fromEntries([...exported].sort())).toEqual(Object.fromEntries([...direct].sort()));
  });

  it("add up where several observers share one meter provider", async () => {
    const { meterProvider } = telemetry;
    const observers = [createOpenTelemetryMetrics({ meterProvider }), createOpenTelemetryMetrics({ meterProvider })];
    for (const observer of observers) for (const event of EVENTS) notify(observer, event);
    const samples = samplesOf(await telemetry.openTelemetryAsText());
    expect(samples.get('attestation_replays_total{attestation_format="attestation",attestation_profile="bound"}')).toBe(
      2,
    );
    expect(samples.get('attestation_key_changes_total{attestation_action="published"}')).toBe(2);
  });

  it("tell the size of a cache that is named, as it is when they are collected", async () => {
    const replayCache = new InMemoryReplayCache();
    const sized = createTelemetry({ replayCache });
    const now = systemClock();
    for (const entries of [0, 1, 2]) {
      for (const text of [await sized.prometheus.toPrometheus(), await sized.openTelemetryAsText()]) {
        expect(samplesOf(text).get("attestation_replay_cache_entries{}")).toBe(entries);
      }
      const times = { now, issuedAt: now, expiresAt: now + 95, clockTolerance: 30, nodeSkew: 5 };
      replayCache.consume({ key: `${"k".repeat(21)}${entries}`, ...times });
    }
    notify(sized.observer, { type: "replay-cache", state: "size", entries: 99 });
    expect(samplesOf(await sized.prometheus.toPrometheus()).get("attestation_replay_cache_entries{}")).toBe(3);
    await sized.shutdown();
  });

  it("survive a cache that stops telling its size", async () => {
    let broken = false;
    const replayCache = {
      get size(): number {
        if (broken) throw new Error("gone");
        return 1;
      },
    };
    const sized = createTelemetry({ replayCache });
    broken = true;
    expect(await sized.prometheus.toPrometheus()).toContain("attestation_verifications_total");
    expect(await sized.openTelemetryAsText()).toContain("attestation_replays_total");
    await sized.shutdown();
  });

  it("share a registry with other metrics, and only once", async () => {
    const registry = new Registry();
    const { handler } = createPrometheusMetrics({ registry });
    expect(await (await handler(new Request("http://127.0.0.1/metrics"))).text()).toBe(await registry.metrics());
    expect(() => createPrometheusMetrics({ registry })).toThrow("registry has a metric");
  });

  it("measure nothing and break nothing where no OpenTelemetry SDK is", () => {
    for (const observer of [createOpenTelemetryMetrics(), createTracing()]) {
      for (const event of EVENTS) observer.onEvent?.(event);
      expect(observer.onStart?.({ name: "verify" })?.(EVENTS[0] as AttestationEvent)).toBeUndefined();
    }
  });
});

describe("the Prometheus handler", () => {
  it("serves what promtool takes for metrics by the book", async ({ skip }) => {
    report(EVENTS);
    const response = await telemetry.prometheus.handler(new Request("http://127.0.0.1/metrics"));
    expect(response.headers.get("content-type")).toBe(telemetry.prometheus.contentType);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(promtool(skip, ["check", "metrics"], text)).toBe("");
  });

  it("answers HEAD without a body, and nothing but GET and HEAD", async () => {
    const { handler } = telemetry.prometheus;
    const url = "http://127.0.0.1/metrics";
    expect(await (await handler(new Request(url, { method: "HEAD" }))).text()).toBe("");
    const refused = await handler(new Request(url, { method: "POST", body: "x" }));
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("options", () => {
  it.each<[string, () => unknown]>([
    ["meterProviders", () => createOpenTelemetryMetrics({ meterProviders: {} } as object)],
    ["meterProvider", () => createOpenTelemetryMetrics({ meterProvider: {} } as object)],
    ["replayCache", () => createOpenTelemetryMetrics({ replayCache: {} } as object)],
    ["replayCache", () => createPrometheusMetrics({ replayCache: { size: Number.NaN } })],
    ["registry", () => createPrometheusMetrics({ registry: {} } as object)],
    ["prefix", () => createPrometheusMetrics({ prefix: "x" } as object)],
    ["tracerProvider", () => createTracing({ tracerProvider: {} } as object)],
    ["meterProvider", () => createTracing({ meterProvider: {} } as object)],
  ])("name %s when it makes no sense", (name, construct) => {
    expect(construct).toThrow(expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(name) }));
  });
});
