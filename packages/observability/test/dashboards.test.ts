import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { notify } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { createMetrics } from "@attest/observability/prometheus";
import { context, SpanKind } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  ATTR_MCP_METHOD_NAME,
  METRIC_MCP_SERVER_OPERATION_DURATION,
} from "@opentelemetry/semantic-conventions/incubating";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { attestedMessage } from "./attested-message.ts";
import { EVENTS } from "./events.ts";
import { promtool } from "./promtool.ts";
import { createTelemetry, samplesOf } from "./telemetry.ts";

const path = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const ALERT_TESTS = ["test/alerts.test.yml", "test/slow-alerts.test.yml"];

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string; readonly query?: string; readonly legendFormat: string }[];
}
const dashboard: { panels: Panel[]; templating: { list: { name: string; query: string | { query: string } }[] } } =
  JSON.parse(readFileSync(path("dashboards/grafana.json"), "utf8"));
const alerts: { groups: { rules: { alert: string; expr: string; annotations: Record<string, string> }[] }[] } = parse(
  readFileSync(path("dashboards/alerts.yml"), "utf8"),
);
const shown = dashboard.panels.filter(({ type }) => type !== "row");
const traces = shown.filter(({ type }) => type === "table");
const targets = shown.filter((panel) => !traces.includes(panel)).flatMap(({ targets = [] }) => targets);
const rules = alerts.groups.flatMap(({ rules }) => rules);

/** How Prometheus counts calls of an MCP server that is instrumented by OpenTelemetry's conventions. */
const CALLS = `${METRIC_MCP_SERVER_OPERATION_DURATION.replaceAll(".", "_")}_seconds_count`;

/** The metrics that there are, each with the labels that it can have. */
async function vocabulary(): Promise<Map<string, Set<string>>> {
  const metrics = createMetrics();
  for (const event of EVENTS) notify(metrics, event);
  const known = new Map([[CALLS, new Set(["job", "instance"])]]);
  for (const series of samplesOf(await metrics.toPrometheus()).keys()) {
    const [, name = "", labels = ""] = /^([a-z_]+)\{(.*)\}$/.exec(series) ?? [];
    const names = known.get(name) ?? new Set(["job", "instance"]);
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) names.add(label);
    known.set(name, names);
  }
  return known;
}

it("ask, in panels and alerts, only for metrics and labels that there are", async () => {
  const known = await vocabulary();
  const asked = new Set<string>();
  for (const expr of [...targets, ...rules].map(({ expr }) => expr)) {
    const names = expr.match(/\b(?:attestation|mcp)_\w+(?=[{[) ]|$)/g)?.filter((name) => known.has(name)) ?? [];
    expect([expr, names.length > 0]).toEqual([expr, true]);
    const labels = new Set(names.flatMap((name) => [...(known.get(name) ?? [])]));
    const words =
      expr.replace(/"[^"]*"/g, "").match(/\b(?:(?:attestation|mcp)_\w+|error_type|job|instance|le)\b/g) ?? [];
    for (const word of words) expect([expr, word, known.has(word) || labels.has(word)]).toEqual([expr, word, true]);
    for (const name of names) asked.add(name.replace(/_(bucket|count|sum)$/, ""));
  }
  const all = new Set([...known.keys()].map((name) => name.replace(/_(bucket|count|sum)$/, "")));
  expect([...all].filter((name) => !asked.has(name))).toEqual([]);
});

it("ask in PromQL that promtool parses", ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "attest-promql-"));
  try {
    const rules = targets.map(({ expr }, i) => ({
      record: `panel:${i}`,
      expr: expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$(?:job|issuer)\b/g, ".*"),
    }));
    expect(JSON.stringify(rules)).not.toContain("$");
    const file = join(folder, "panels.yml");
    writeFileSync(file, stringify({ groups: [{ name: "panels", rules }] }));
    expect(promtool(skip, ["check", "rules", file])).toContain(`SUCCESS: ${targets.length} rules found`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("ask traces only for attributes that spans have", async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const telemetry = createTelemetry();
  try {
    const authority = await createTestAuthority();
    const guard = new AttestationGuard({ ...authority.verifierOptions, observer: telemetry.observer });
    const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "close" } };
    await guard.check(call);
    await guard.check(await attestedMessage(authority, call));
    const attributes = { [ATTR_MCP_METHOD_NAME]: call.method };
    const tracer = telemetry.tracerProvider.getTracer("test");
    await tracer.startActiveSpan("server", { kind: SpanKind.SERVER, attributes }, async (span) => {
      await guard.check(call);
      span.end();
    });
    const spans = telemetry.spans.getFinishedSpans();
    const known = new Set(spans.flatMap((span) => Object.keys(span.attributes)));
    const queries = traces.flatMap(({ targets = [] }) => targets.map(({ query = "" }) => query));
    const asked = queries.flatMap((query) => query.match(/(?<=span\.)[\w.]+/g) ?? []);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  } finally {
    context.disable();
    await telemetry.shutdown();
  }
});

it("alert as their unit tests say", ({ skip }) => {
  expect(promtool(skip, ["check", "rules", path("dashboards/alerts.yml")])).toContain(`${rules.length} rules found`);
  for (const file of ALERT_TESTS) expect(promtool(skip, ["test", "rules", path(file)])).toContain("SUCCESS");
});

it("have a unit test for every alert, in which it fires", () => {
  const read = (file: string): { tests: { alert_rule_test: { alertname: string; exp_alerts?: unknown[] }[] }[] } =>
    parse(readFileSync(path(file), "utf8"));
  const cases = ALERT_TESTS.flatMap((file) => read(file).tests).flatMap(({ alert_rule_test }) => alert_rule_test);
  for (const { alert } of rules) {
    const own = cases.filter(({ alertname }) => alertname === alert);
    expect([alert, own.some((one) => one.exp_alerts)]).toEqual([alert, true]);
    expect([alert, own.some((one) => !one.exp_alerts)]).toEqual([alert, true]);
  }
});

it("are a dashboard that Grafana can lay out: own ids, no panel on another, one data source for metrics and one for traces", () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect([title, taken.get(`${x},${y}`)]).toEqual([title, undefined]);
        taken.set(`${x},${y}`, title);
      }
    }
  }
  for (const panel of shown) {
    const { datasource, targets = [] } = panel;
    expect(datasource?.uid).toBe(`$${traces.includes(panel) ? "{traces}" : "{datasource}"}`);
    expect(targets.length).toBeGreaterThan(0);
  }
  const variables = dashboard.templating.list.map(({ name }) => name);
  const used = JSON.stringify(targets).match(/\$(?!__)\{?\w+/g) ?? [];
  for (const name of used) expect(variables).toContain(name.replace(/\W/g, ""));
});
